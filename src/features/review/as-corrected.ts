import { sql } from 'kysely';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import { CNY } from '../../kernel/currencies.ts';
import { money, moneyToJson } from '../../kernel/money.ts';
import { refusalFrom } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { OperationRecord } from '../../operations/flow.ts';
import type { OperationEvent } from '../../operations/store.ts';
import { notCarriedOut, type HandOutcome } from '../banks/by-hand.ts';
import { accountId } from '../books/chart.ts';
import { giveBackId } from '../books/set-aside.ts';
import { balanceChange } from '../books/settle-movement.ts';
import { loadPerson } from '../people/person.ts';
import { correctionFor } from './correct-books.ts';

type Dependencies = { database: Database; ledger: Ledger };
type Correction = { outcome: HandOutcome; transferId: Uuid; isSetAside: boolean; isPaidOut: boolean; at: Date };
type Row = {
  key: string;
  outcome: HandOutcome;
  transfer_id: string;
  set_aside: boolean;
  /** What became of it, where it had been set aside. */
  left_outcome: HandOutcome | null;
  at: Date;
};

/** What became of an operation after its end, for its person: the record as if it had ended so, and the word of it. */
export type Corrected = { record: OperationRecord; event: OperationEvent };

/**
 * Operations that a bank spoke against after their end, and that were put right since. Their rows stay as they ended; what
 * their person is told is what became of their money.
 */
export async function readCorrected(
  deps: Dependencies,
  records: readonly OperationRecord[],
): Promise<ReadonlyMap<Uuid, Corrected>> {
  const movements = records.filter(({ kind, endedAt }) => endedAt && (kind === 'top_up' || kind === 'withdraw'));
  if (movements.length === 0) return new Map();
  const found = await sql<Row>`
    select d.operation_key as key, d.outcome, b.transfer_id, b.set_aside, b.booked_at as at,
      (select p.outcome from review_decision p join review_booking w on w.decision_id = p.id
        where p.operation_key = d.operation_key and p.about = 'left') as left_outcome
    from review_decision d join review_booking b on b.decision_id = d.id
    where d.operation_key = any(${movements.map(({ key }) => key)}::uuid[]) and d.about = 'break'
      and b.transfer_id is not null`.execute(deps.database.kysely);
  const corrections = new Map(found.rows.map((row) => [uuid(row.key), read(row)]));
  const corrected = new Map<Uuid, Corrected>();
  for (const record of movements) {
    const correction = corrections.get(record.key);
    if (correction) corrected.set(record.key, await correct(deps, record, correction));
  }
  return corrected;
}

const read = (row: Row): Correction => ({
  outcome: row.outcome,
  transferId: row.left_outcome === 'given_back' ? giveBackId(uuid(row.key)) : uuid(row.transfer_id),
  isSetAside: row.set_aside && row.left_outcome !== 'given_back',
  isPaidOut: row.left_outcome === 'paid_out',
  at: row.at,
});

async function correct(deps: Dependencies, record: OperationRecord, correction: Correction): Promise<Corrected> {
  const { at, outcome, isSetAside, isPaidOut } = correction;
  const event: OperationEvent = {
    ...{ seq: 0, at, event: 'settled_by_people', step: record.step, attempt: null, cause: null },
    ...{ actor: 'operator', detail: {} },
  };
  const kind = record.kind === 'top_up' ? 'top_up' : 'withdraw';
  const isKept = correctionFor({ kind, state: record.state, outcome }) === 'take_from_house';
  // A top-up that the bank never made stays in the wallet: for its person it is as it was.
  if (isKept && kind === 'top_up') return { record, event };
  const then = { ...record, updatedAt: at };
  const notIn = isPaidOut ? 'no' : 'held';
  if (outcome === 'not_credited') {
    const failure = notCarriedOut(String(record.data['bankCode']));
    return { event, record: { ...then, ...failed(failure), moneyMoved: isSetAside ? notIn : 'no' } };
  }
  if (isSetAside) {
    return { event, record: { ...then, ...failed(refusalFrom('account.closed', {})), moneyMoved: notIn } };
  }
  const result = await readResult(deps, record, correction, isKept);
  const end = { state: 'succeeded', step: 'succeeded', cause: null, causeParams: {}, moneyMoved: 'yes' } as const;
  return { event, record: { ...then, ...end, result } };
}

const failed = ({ code, params }: Pick<ReturnType<typeof refusalFrom>, 'code' | 'params'>) =>
  ({ state: 'failed', step: 'failed', cause: code, causeParams: params, result: null }) as const;

/** What the correction did to the balance; nothing, where the house bore it. */
async function readResult(
  { database, ledger }: Dependencies,
  { ownerId }: OperationRecord,
  { transferId, at }: Correction,
  isKept: boolean,
): Promise<OperationRecord['result']> {
  const account = accountId((await loadPerson(database.kysely, ownerId)).balanceAccount);
  const made = isKept ? undefined : await ledger.transfer(transferId);
  if (made) return (await balanceChange(ledger, account, transferId, made.seq)).result;
  const balance = moneyToJson(money((await ledger.balanceAt(account, at))?.balance ?? 0n, CNY));
  return { transactionId: transferId, balanceBefore: balance, balanceAfter: balance };
}
