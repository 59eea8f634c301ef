import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database } from '../../database/database.ts';
import type { AccountId, Ledger, TransferOutcome } from '../../ledger/ledger.ts';
import type { HandOutcome } from '../banks/by-hand.ts';
import { accountId, bankClearingAccount, differencesAccount, toReturnAccount, transferCodes } from '../books/chart.ts';
import { correctionId, correctionOf } from '../books/set-aside.ts';
import { loadPerson } from '../people/person.ts';
import { recordBooking } from './decisions.ts';

type Dependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  onFault: (error: unknown, where: string) => void;
};

export type BreakFacts = { kind: 'top_up' | 'withdraw'; state: string; outcome: HandOutcome };

/**
 * What a decision about a break means for the books. They follow the bank's; a customer never loses by it: what they
 * should have is given to them, and what they have too much is a difference of the house until somebody clears it up.
 */
export function correctionFor({ kind, state, outcome }: BreakFacts): 'none' | 'give_to_customer' | 'take_from_house' {
  const bankDidIt = outcome === (kind === 'top_up' ? 'debited' : 'credited');
  const booked = state === 'succeeded';
  if (bankDidIt === booked) return 'none';
  // A top-up that the bank made and we did not, a withdrawal that we made and the bank did not.
  return bankDidIt === (kind === 'top_up') ? 'give_to_customer' : 'take_from_house';
}

type Due = {
  decision_id: string;
  operation_key: string;
  outcome: HandOutcome;
  kind: 'top_up' | 'withdraw';
  state: string;
  amount_minor: bigint;
  owner_id: string;
  bank_code: string;
};

/** Books what two people decided about breaks. The id of a correction follows from the operation: once, however often it runs. */
export async function correctBooks(deps: Dependencies): Promise<number> {
  const due = await sql<Due>`
    select d.id as decision_id, d.operation_key, d.outcome, o.kind, o.state, o.amount_minor, o.owner_id,
      o.data ->> 'bankCode' as bank_code
    from review_confirmation c join review_decision d on d.id = c.decision_id join operation o on o.key = d.operation_key
    where d.about = 'break' and not exists (select 1 from review_booking b where b.decision_id = d.id)
    order by c.confirmed_at limit 32`.execute(deps.database.kysely);
  let booked = 0;
  for (const one of due.rows) {
    try {
      const transferId = await post(deps, one);
      const made = transferId && (await deps.ledger.transfer(transferId));
      const isSetAside = made?.creditAccountId === toReturnAccount;
      await recordBooking(deps, { decisionId: uuid(one.decision_id), transferId, isSetAside });
      booked += 1;
    } catch (error) {
      // It is tried again, and keeps no other waiting meanwhile.
      deps.onFault(error, `the correction of ${one.operation_key}`);
    }
  }
  return booked;
}

/**
 * Posts the correction. Wallet and suspense are one transfer id: two processes that see the wallet open and closed, or one
 * that dies between and finds it reopened, book it once. What an older version set aside and did not come to write down is
 * booked already.
 */
async function post(deps: Dependencies, due: Due): Promise<Uuid | null> {
  const { ledger } = deps;
  const clearing = bankClearingAccount(due.bank_code);
  const correction = correctionFor(due);
  if (correction === 'none') return null;
  const key = uuid(due.operation_key);
  const before = await correctionOf(ledger, key);
  if (before) return before.id;
  const id = correctionId(key);
  const make = async (code: number, from: AccountId, to: AccountId): Promise<TransferOutcome> => {
    const accounts = { debitAccountId: from, creditAccountId: to };
    const [[outcome] = []] = await ledger.post([
      [{ id, kind: 'post', code, operationId: key, amount: due.amount_minor, ...accounts }],
    ]);
    assert(outcome, 'one outcome for one transfer');
    return outcome;
  };
  const isMade = (outcome: TransferOutcome): boolean =>
    outcome.outcome !== 'refused' || outcome.reason === 'exists_with_different_credit_account';
  if (correction === 'take_from_house') {
    const taken = await make(transferCodes.correction, differencesAccount, clearing);
    assert(isMade(taken), 'what the house bears is not refused');
    return id;
  }
  const person = await loadPerson(deps.database.kysely, uuid(due.owner_id));
  const code = due.kind === 'top_up' ? transferCodes.topUp : transferCodes.withdrawal;
  // A wallet that is closed, or waits to be closed in the books, takes nothing any more: the money is set aside for its owner.
  if (person.accountState !== 'closed' && isMade(await make(code, clearing, accountId(person.balanceAccount))))
    return id;
  assert(isMade(await make(transferCodes.toReturn, clearing, toReturnAccount)), 'suspense takes anything');
  return id;
}
