import type { Uuid } from '../kernel/ids.ts';
import { counters, type AccountId, type Counter, type NewTransfer } from './ledger.ts';
import { RecentTransfers } from './recent-transfers.ts';
import { TwoGenerations } from './two-generations.ts';

/** What the writer keeps in memory. It never differs from the tables but by batches that are under way. */

/** What eight bytes can hold: the most that a total, a counter or the number of an account can be. */
export const INT8_MAX = 2n ** 63n - 1n;

export const accountFlag = {
  debitsMustNotExceedCredits: 1,
  creditsMustNotExceedDebits: 2,
  frozen: 4,
  closed: 8,
} as const;

export const holdState = { open: 0, posted: 1, voided: 2, expired: 3 } as const;
export type HoldState = (typeof holdState)[keyof typeof holdState];

export const transferKind = { post: 1, pending: 2, post_pending: 3, void_pending: 4, expire: 5 } as const;
export type TransferKind = keyof typeof transferKind;

/** A hold whose time is over is released by a transfer of its own, made by the ledger. */
export type ExpirePending = { kind: 'expire'; id: Uuid; pendingId: Uuid; code: number; operationId?: Uuid };
export type AnyTransfer = NewTransfer | ExpirePending;

export type AccountBook = {
  readonly id: AccountId;
  readonly ledger: number;
  readonly code: number;
  flags: number;
  debitsPosted: bigint;
  creditsPosted: bigint;
  debitsPending: bigint;
  creditsPending: bigint;
  /** What its counters say. */
  counted: readonly [bigint, bigint];
  /** How many transfers touched it. */
  seq: number;
  /** The place in the book of the last movement posted to it, where its history begins; 0 before the first. */
  lastSeq: number;
  /** The last batch that touched it, and how the account stood before that batch. */
  batch: number;
  seqBefore: number;
  flagsBefore: number;
};

export type HoldBook = {
  readonly id: Uuid;
  readonly debitAccountId: AccountId;
  readonly creditAccountId: AccountId;
  readonly amount: bigint;
  readonly expiresAtMs: number | undefined;
  state: HoldState;
  posted: bigint;
  endedBy: Uuid | undefined;
  batch: number;
};

/** A row of ledger_transfer. */
export type TransferRow = {
  readonly id: Uuid;
  readonly seq: number;
  readonly kind: TransferKind;
  readonly debitAccountId: AccountId;
  readonly creditAccountId: AccountId;
  readonly amount: bigint;
  readonly debitBalance: bigint;
  readonly creditBalance: bigint;
  readonly debitAccountSeq: number;
  readonly creditAccountSeq: number;
  /** Where the last movement posted to either account before this one stands; 0 where there was none. */
  readonly debitPreviousSeq: number;
  readonly creditPreviousSeq: number;
  readonly ledger: number;
  readonly code: number;
  readonly pendingId: Uuid | undefined;
  readonly operationId: Uuid | undefined;
  /** A bit for each counter of the debit account that counted it. */
  readonly counters: number;
  readonly at: Date;
};

export const counterBit = (counter: Counter): number => 1 << counter;

/** By their bits, so that reading a transfer makes no list. */
const COUNTERS_OF = Array.from({ length: 1 << counters.length }, (_, bits) =>
  counters.filter((counter) => bits & counterBit(counter)),
);
export function countersOf(bits: number): readonly Counter[] {
  const found = COUNTERS_OF[bits];
  if (found === undefined) throw new Error(`assertion: no counters ${bits}`);
  return found;
}

export type CacheLimits = { accounts: number; transfers: number; holds: number };

export class Books {
  readonly accounts: TwoGenerations<AccountId, AccountBook>;
  readonly holds: TwoGenerations<Uuid, HoldBook>;
  readonly transfers: RecentTransfers<TransferRow>;
  /** `transfers` may hold every id made after this moment that was ever seen; older ones have to be looked up. */
  knownSinceMs: number;
  #youngSinceMs: number;
  seq: number;
  lastAtMs: number;

  constructor(head: { seq: number; lastAtMs: number }, limits: CacheLimits, nowMs: number) {
    this.accounts = new TwoGenerations(limits.accounts);
    this.holds = new TwoGenerations(limits.holds);
    this.transfers = new RecentTransfers(limits.transfers);
    // What is in the tables was made before the last of it was written, also where the clock went back since.
    this.knownSinceMs = Math.max(nowMs, head.lastAtMs);
    this.#youngSinceMs = this.knownSinceMs;
    this.seq = head.seq;
    this.lastAtMs = head.lastAtMs;
  }

  /** Keeps memory bounded; called between batches. */
  trim(answeredBatch: number, nowMs: number): void {
    this.accounts.trim(answeredBatch);
    this.holds.trim(answeredBatch);
    if (this.transfers.trim(answeredBatch)) {
      this.knownSinceMs = this.#youngSinceMs;
      this.#youngSinceMs = Math.max(nowMs, this.lastAtMs);
    }
  }
}
