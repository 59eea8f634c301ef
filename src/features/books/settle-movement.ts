import { assert } from '../../kernel/assert.ts';
import { CNY } from '../../kernel/currencies.ts';
import type { Failure } from '../../kernel/failure.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { money, moneyToJson, type Money } from '../../kernel/money.ts';
import { refusal, refusalFrom } from '../../causes/refusal.ts';
import type { AccountId, Ledger, NewTransfer, TransferOutcome } from '../../ledger/ledger.ts';
import type { JsonObject } from '../../operations/flow.ts';
import type { KnownAllowance } from './allowances.ts';
import { limitFailure, limitThatRefused } from './limit-failure.ts';

/**
 * Posts one chain; the outcomes in its order. Posting it again after a crash finds it there. Whoever stood still until
 * another one may run the step, and perhaps has ended the operation, posts nothing any more.
 */
export async function postChain(
  ledger: Ledger,
  chain: readonly NewTransfer[],
  { mineUntil }: { mineUntil: Date },
): Promise<TransferOutcome[]> {
  const [outcomes] = await ledger.post([chain], { before: mineUntil });
  assert(outcomes && outcomes.length === chain.length, 'one outcome for each transfer');
  return outcomes;
}

/** The transfer that broke the chain and why; `undefined` when all are in the book. */
export function firstRefusal(outcomes: readonly TransferOutcome[]): { index: number; reason: string } | undefined {
  const index = outcomes.findIndex((o) => o.outcome === 'refused' && o.reason !== 'linked_event_failed');
  const found = outcomes[index];
  if (found?.outcome === 'refused') return { index, reason: found.reason };
  assert(!outcomes.some((o) => o.outcome === 'refused'), 'a broken chain names its cause');
  return undefined;
}

/**
 * The cause of a refused use of allowances or balance. Those that accounts count stand first in the chain, then the
 * money; `obstacle` is what keeps the payer's account from moving money now, if anything.
 */
export async function causeOfRefusal(
  ledger: Ledger,
  refused: { index: number; reason: string },
  { allowances, amount }: { allowances: readonly KnownAllowance[]; amount: Money },
  { account: payer, obstacle }: { account: AccountId; obstacle: () => Promise<Failure | undefined> },
): Promise<Failure> {
  const limit = await limitThatRefused(ledger, refused, { allowances, payer, amount });
  if (limit) return limitFailure(limit);
  if (refused.reason === 'debit_account_closed') return refusal('account.closed');
  if (refused.reason === 'debit_account_frozen') {
    return (await obstacle()) ?? refusalFrom('account.frozen_security', {});
  }
  if (refused.reason === 'exceeds_credits') {
    const account = await ledger.account(payer);
    assert(account, 'the payer has an account');
    return refusal('account.insufficient_balance', {
      params: { available: money(account.creditsPosted - account.debitsPosted - account.debitsPending, CNY) },
    });
  }
  assert(false, `no cause for ${refused.reason}`);
}

/** What the movement did to an account: before and after, by its own line in the book. */
export async function balanceChange(
  ledger: Ledger,
  account: AccountId,
  transferId: Uuid,
  seq: bigint,
): Promise<{ before: Money; after: Money; result: JsonObject }> {
  const page = await ledger.history(account, { beforeSeq: seq + 1n, limit: 1 });
  const entry = page.entries[0];
  assert(entry, 'a posted transfer is in the history of its accounts');
  const after = money(entry.balanceAfter, CNY);
  const before = money(
    entry.side === 'credit' ? entry.balanceAfter - entry.amount : entry.balanceAfter + entry.amount,
    CNY,
  );
  return {
    before,
    after,
    result: { transactionId: transferId, balanceBefore: moneyToJson(before), balanceAfter: moneyToJson(after) },
  };
}
