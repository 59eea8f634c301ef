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
/** Where the money of a correction is: where it belongs, set aside or kept in a closed wallet, or paid to a card since. */
type Place = 'there' | 'kept' | 'on_card';
type Correction = { outcome: HandOutcome; transferId: Uuid; place: Place; at: Date };
type Row = {
  key: string;
  outcome: HandOutcome;
  transfer_id: string;
  set_aside: boolean;
  /** What became of it, where it had been set aside. */
  left_outcome: HandOutcome | null;
  left_transfer_id: string | null;
  /** Whether anything was paid out of the wallet itself after that. */
  paid_since: boolean;
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
      l.outcome as left_outcome, l.transfer_id as left_transfer_id,
      exists (select 1 from review_decision p join review_booking w on w.decision_id = p.id
        where p.operation_key = o.owner_id and p.outcome = 'paid_out' and w.booked_at > l.booked_at) as paid_since
    from review_decision d join review_booking b on b.decision_id = d.id join operation o on o.key = d.operation_key
      left join lateral (
        select p.outcome, w.transfer_id, w.booked_at from review_decision p join review_booking w on w.decision_id = p.id
        where p.operation_key = d.operation_key and p.about = 'left' order by w.booked_at desc limit 1) l on true
    where d.operation_key = any(${movements.map(({ key }) => key)}::uuid[]) and d.about = 'break'
      and b.transfer_id is not null`.execute(deps.database.kysely);
  const corrections = new Map(found.rows.map((row) => [uuid(row.key), row]));
  const corrected = new Map<Uuid, Corrected>();
  for (const record of movements) {
    const row = corrections.get(record.key);
    if (row) corrected.set(record.key, await correct(deps, record, await locate(deps, record, row)));
  }
  return corrected;
}

/**
 * Where it is by now. What was set aside and not paid whole came to the wallet: it is there until the wallet is empty, which
 * its owner did where nobody paid it out.
 */
async function locate(
  { database, ledger }: Dependencies,
  { key, ownerId }: OperationRecord,
  row: Row,
): Promise<Correction> {
  const { outcome, at, left_outcome: left, left_transfer_id: leftId } = row;
  const made = { outcome, at, transferId: uuid(row.transfer_id) };
  if (!row.set_aside) return { ...made, place: 'there' };
  if (left === null) return { ...made, place: 'kept' };
  const back: Correction = { ...made, transferId: giveBackId(key), place: 'there' };
  if (left !== 'paid_out') return back;
  const [owed, paid] = await Promise.all([ledger.transfer(made.transferId), leftId && ledger.transfer(uuid(leftId))]);
  const isWhole = owed && paid && leftId !== giveBackId(key) && paid.amount >= owed.amount;
  if (isWhole) return { ...made, place: 'on_card' };
  const { accountState, balanceAccount } = await loadPerson(database.kysely, ownerId);
  const account = await ledger.account(accountId(balanceAccount));
  if (account && account.creditsPosted > account.debitsPosted) {
    return accountState === 'closed' ? { ...made, place: 'kept' } : back;
  }
  return row.paid_since ? { ...made, place: 'on_card' } : back;
}

async function correct(deps: Dependencies, record: OperationRecord, correction: Correction): Promise<Corrected> {
  const { at, outcome, place } = correction;
  const isElsewhere = place !== 'there';
  const event: OperationEvent = {
    ...{ seq: 0, at, event: 'settled_by_people', step: record.step, attempt: null, cause: null },
    ...{ actor: 'operator', detail: {} },
  };
  const kind = record.kind === 'top_up' ? 'top_up' : 'withdraw';
  const isKept = correctionFor({ kind, state: record.state, outcome }) === 'take_from_house';
  // A top-up that the bank never made stays in the wallet: for its person it is as it was.
  if (isKept && kind === 'top_up') return { record, event };
  const then = { ...record, updatedAt: at };
  const notIn = place === 'on_card' ? 'no' : 'held';
  if (outcome === 'not_credited') {
    const failure = notCarriedOut(String(record.data['bankCode']));
    return { event, record: { ...then, ...failed(failure), moneyMoved: isElsewhere ? notIn : 'no' } };
  }
  if (isElsewhere) {
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
