import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { compare, type Money } from '../../kernel/money.ts';
import type { Failure } from '../../kernel/failure.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { AccountId, Ledger, NewTransfer, TransferRefusal } from '../../ledger/ledger.ts';
import type { JsonObject } from '../../operations/flow.ts';
import { allowancesOfOperation, allowancesToUse, readAllowances, usesOf } from '../books/allowances.ts';
import { accountId } from '../books/chart.ts';
import { limitFailure } from '../books/limit-failure.ts';
import type { LimitRule, LimitRules } from '../books/limit-rules.ts';
import { readHoldings } from '../books/read-account.ts';
import { balanceChange, causeOfRefusal, firstRefusal, postChain } from '../books/settle-movement.ts';
import { accountObstacle, loadPerson, type Mover } from '../people/person.ts';

export type BalancePaymentDependencies = { database: Database; ledger: Ledger; clock: Clock; limits: LimitRules };

/** The limits on this person's balance as they stand now; the preview and the decision go by the same. */
function rulesFor({ limits, clock }: BalancePaymentDependencies, person: Mover): LimitRule[] {
  return limits.balance(limits.classOf(person.channelCount), clock.now(), person.pause);
}

/** What stands between this person's balance and the amount: limits first, since topping up would not help there. */
export async function whatKeepsFromPaying(
  deps: BalancePaymentDependencies,
  person: Mover,
  amount: Money,
): Promise<Failure[]> {
  const found: Failure[] = [];
  const allowances = await readAllowances(deps, person, rulesFor(deps, person), deps.limits.version());
  const short = allowances.find(({ available }) => compare(available, amount) < 0);
  if (short) found.push(limitFailure(short));
  const { available } = await readHoldings(deps.ledger, person.balanceAccount);
  if (compare(available, amount) < 0) found.push(refusal('account.insufficient_balance', { params: { available } }));
  return found;
}

export type BalancePayment = {
  operationKey: Uuid;
  /** The id of the movement itself; what must happen once has one id. */
  transferId: Uuid;
  code: number;
  payer: Mover;
  payee: AccountId;
  amount: Money;
  /** Until then nobody else makes this payment. */
  mineUntil: Date;
};

export type Paid =
  | { outcome: 'paid'; result: JsonObject }
  /** The movement with this id is there already, made by another operation. */
  | { outcome: 'made_by_another' }
  | { outcome: 'payee_refused'; reason: string }
  | { outcome: 'refused'; failure: Failure };

const DIFFERENT: readonly string[] = [
  'exists_with_different_debit_account',
  'exists_with_different_operation',
  'exists_with_different_amount',
] satisfies TransferRefusal[];
/** Somebody else was refused the same payment in the same moment; that is over when both have heard it. */
const FAILED_TOGETHER = 'id_already_failed_with_other_content' satisfies TransferRefusal;
const TRIES = 3;
const PAYEE: readonly string[] = ['credit_account_closed'] satisfies TransferRefusal[];

/** Moves the amount and uses up the limits with it: all or nothing, and the same again finds itself there. */
export async function payFromBalance(deps: BalancePaymentDependencies, payment: BalancePayment): Promise<Paid> {
  const { ledger } = deps;
  const { amount } = payment;
  const payer = accountId(payment.payer.balanceAccount);
  const allowances = await allowancesOfOperation(deps, payment.operationKey, () =>
    allowancesToUse(deps, payment.payer, rulesFor(deps, payment.payer), deps.limits.version()),
  );
  const { before, counts } = usesOf(payment.operationKey, allowances, amount);
  const chain: NewTransfer[] = [
    ...before,
    {
      id: payment.transferId,
      kind: 'post',
      code: payment.code,
      operationId: payment.operationKey,
      debitAccountId: payer,
      creditAccountId: payment.payee,
      amount: amount.minor,
      counts,
    },
  ];
  let outcomes = await postChain(ledger, chain, payment);
  for (let tries = 1; tries < TRIES && firstRefusal(outcomes)?.reason === FAILED_TOGETHER; tries += 1) {
    outcomes = await postChain(ledger, chain, payment);
  }
  const refused = firstRefusal(outcomes);
  if (refused && DIFFERENT.includes(refused.reason)) return { outcome: 'made_by_another' };
  if (refused && PAYEE.includes(refused.reason)) return { outcome: 'payee_refused', reason: refused.reason };
  if (refused) {
    const obstacle = async () => accountObstacle(await loadPerson(deps.database.kysely, payment.payer.id));
    return {
      outcome: 'refused',
      failure: await causeOfRefusal(ledger, refused, { allowances, amount }, { account: payer, obstacle }),
    };
  }
  const posted = outcomes.at(-1);
  assert(posted && posted.outcome !== 'refused', 'posted or there already');
  const change = await balanceChange(ledger, payer, payment.transferId, posted.seq);
  return { outcome: 'paid', result: change.result };
}
