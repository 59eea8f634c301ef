import { systemClock } from '../../src/kernel/clock.ts';
import { newId, type Uuid } from '../../src/kernel/ids.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import type { AccountId, DirectTransfer, PostPending, TransferOutcome, VoidPending } from '../../src/ledger/ledger.ts';

/** Transfers in few words, for tests of a ledger. */

export const makeId = (): Uuid => newId(systemClock, systemRandom);

export const post = (
  debitAccountId: AccountId,
  creditAccountId: AccountId,
  amount: bigint,
  more: object = {},
): DirectTransfer => ({ id: makeId(), kind: 'post', debitAccountId, creditAccountId, amount, code: 7, ...more });

export const hold = (
  debitAccountId: AccountId,
  creditAccountId: AccountId,
  amount: bigint,
  more: object = {},
): DirectTransfer => ({ id: makeId(), kind: 'pending', debitAccountId, creditAccountId, amount, code: 7, ...more });

export const take = (pendingId: Uuid, amount?: bigint, more: object = {}): PostPending => ({
  id: makeId(),
  kind: 'post_pending',
  pendingId,
  code: 7,
  ...(amount === undefined ? {} : { amount }),
  ...more,
});

export const release = (pendingId: Uuid, more: object = {}): VoidPending => ({
  id: makeId(),
  kind: 'void_pending',
  pendingId,
  code: 7,
  ...more,
});

/** A fault of the caller, told at once; not that nobody could write, or that too much waits. */
export const isOfCaller = (error: unknown): boolean => error instanceof Error && !error.name.startsWith('Ledger');

/** An outcome as a short word: `posted`, `exists`, or the reason of a refusal. */
export const word = (each: TransferOutcome): string => (each.outcome === 'refused' ? each.reason : each.outcome);

export const words = (outcomes: readonly (readonly TransferOutcome[])[]): string[][] =>
  outcomes.map((chain) => chain.map(word));
