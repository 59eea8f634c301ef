import type { Rider } from '../database/rider.ts';
import type { Uuid } from '../kernel/ids.ts';

/**
 * The interface of the ledger: everything that moves money goes through it, and nothing in it knows
 * people, cards or HTTP. Words and outcomes are TigerBeetle's. Amounts are minor units, above zero.
 */

/** An account number: any positive int8. Features derive theirs from the ids of what they stand for. */
export type AccountId = bigint & { readonly __account: true };

export type AccountFlags = {
  /** debits_posted + debits_pending must not exceed credits_posted: a customer's balance, an allowance. */
  debitsMustNotExceedCredits?: boolean;
  /** credits_posted + credits_pending must not exceed debits_posted. */
  creditsMustNotExceedDebits?: boolean;
};

export type NewAccount = { id: AccountId; ledger: number; code: number; flags?: AccountFlags };

export type Account = {
  id: AccountId;
  ledger: number;
  code: number;
  flags: AccountFlags;
  frozen: boolean;
  closed: boolean;
  debitsPosted: bigint;
  creditsPosted: bigint;
  debitsPending: bigint;
  creditsPending: bigint;
  /** What each counter says. */
  counted: readonly [bigint, bigint];
};

/**
 * Sums that an account keeps beside its balance, of those of its debits that say so; they only grow. What is counted in
 * which, and from where, is for whoever posts to say: a limit on what leaves an account in a period is a sum that its
 * counter may not go beyond.
 */
export const counters = [0, 1] as const;
export type Counter = (typeof counters)[number];

/** Counts a transfer in this counter of its debit account, which must not go beyond `upTo`. */
export type Count = { counter: Counter; upTo: bigint };

type TransferBase = {
  /** Made by the caller; the same id is the same transfer for ever. */
  id: Uuid;
  code: number;
  /** The operation it belongs to. */
  operationId?: Uuid;
};

/** A movement at once, or with `pending` a hold that reserves the amount until it is posted, voided or times out. */
export type DirectTransfer = TransferBase & {
  kind: 'post' | 'pending';
  debitAccountId: AccountId;
  creditAccountId: AccountId;
  amount: bigint;
  /** Only for `pending`: when the hold releases by itself. */
  expiresAt?: Date;
  /** Only for `post`; each counter once. How far they may go is of this asking and not kept. */
  counts?: readonly Count[];
};

/** Takes all of a hold, or with `amount` a part of it; the rest is released. */
export type PostPending = TransferBase & { kind: 'post_pending'; pendingId: Uuid; amount?: bigint };
/** Releases a hold. */
export type VoidPending = TransferBase & { kind: 'void_pending'; pendingId: Uuid };

export type NewTransfer = DirectTransfer | PostPending | VoidPending;

/** In order of precedence: the first that applies is the answer. */
export const transferRefusals = [
  'linked_event_failed',
  'id_already_failed_with_other_content',
  'exists_with_different_kind',
  'exists_with_different_pending_id',
  'exists_with_different_debit_account',
  'exists_with_different_credit_account',
  'exists_with_different_amount',
  'exists_with_different_code',
  'exists_with_different_operation',
  'amount_must_be_positive',
  'amount_too_large',
  'accounts_must_be_different',
  'debit_account_not_found',
  'credit_account_not_found',
  'accounts_must_have_the_same_ledger',
  'pending_transfer_not_found',
  'pending_transfer_not_pending',
  'pending_transfer_already_posted',
  'pending_transfer_already_voided',
  'pending_transfer_expired',
  'exceeds_pending_transfer_amount',
  'debit_account_closed',
  'credit_account_closed',
  'debit_account_frozen',
  'exceeds_counter',
  'overflows_account',
  'exceeds_credits',
  'exceeds_debits',
] as const;
export type TransferRefusal = (typeof transferRefusals)[number];

export type TransferOutcome =
  /**
   * `exists`: this very transfer was already there; its effect is there once. `balances` (credits minus debits posted,
   * after it) are told of what was posted now with riders, where it was decided in this process.
   */
  | { outcome: 'posted' | 'exists'; seq: bigint; at: Date; balances?: { debit: bigint; credit: bigint } }
  | { outcome: 'refused'; reason: TransferRefusal };

export type Transfer = {
  id: Uuid;
  seq: bigint;
  kind: NewTransfer['kind'];
  debitAccountId: AccountId;
  creditAccountId: AccountId;
  amount: bigint;
  ledger: number;
  code: number;
  pendingId: Uuid | undefined;
  operationId: Uuid | undefined;
  /** In which counters of its debit account it was counted. */
  counters: readonly Counter[];
  at: Date;
};

/** A transfer as one of its accounts sees it. `balanceAfter` is credits minus debits posted, after it. */
export type HistoryEntry = Transfer & { side: 'debit' | 'credit'; balanceAfter: bigint };

export type HistoryPage = { entries: HistoryEntry[]; nextBeforeSeq: bigint | undefined };

/** `balance` is credits minus debits posted; the last movement that made it, where there was one. */
export type BalanceAt = { balance: bigint; lastSeq: bigint | undefined; lastAt: Date | undefined };

export type Ledger = {
  /** Makes accounts; one that is already there with the same content is left as it is, with other content it is an assertion. */
  createAccounts(accounts: readonly NewAccount[]): Promise<void>;
  /**
   * Posts chains of transfers: the transfers of one chain succeed or fail together, chains are decided in order and
   * independently. Returns only after the commit that holds them; one outcome per transfer, in the order given.
   * A chain of which every transfer is already there answers `exists` for each.
   * A failed call (lost connection, stopped server) leaves it unknown: ask again with the same ids.
   * With `before`, a call that could not be decided until then does nothing any more and fails with `LedgerTooLate`:
   * for whoever stood still so long that somebody else has taken its work over.
   * With `riders`, rows for each chain that are written in the same commit, if and only if the chain is posted now. Rows
   * that the database refuses undo their movement: the call fails with `RidersRefused`, and nothing of it is done.
   */
  post(
    chains: readonly (readonly NewTransfer[])[],
    also?: { before?: Date; riders?: readonly (readonly Rider[])[] },
  ): Promise<TransferOutcome[][]>;
  account(id: AccountId): Promise<Account | undefined>;
  accounts(ids: readonly AccountId[]): Promise<Map<AccountId, Account>>;
  transfer(id: Uuid): Promise<Transfer | undefined>;
  transfersOf(operationId: Uuid): Promise<Transfer[]>;
  /** Newest first, movements that are posted (holds and their release are not in it). */
  history(accountId: AccountId, page: { beforeSeq?: bigint; limit: number }): Promise<HistoryPage>;
  /**
   * What was posted to an account up to and including a moment; zero before its first movement, `undefined` for an
   * account that is not there. For a moment that is not over yet more may come.
   */
  balanceAt(accountId: AccountId, at: Date): Promise<BalanceAt | undefined>;
  /** No debit (or with `closed` nothing at all) may touch the account from now on. */
  setAccountState(id: AccountId, state: { frozen?: boolean; closed?: boolean }): Promise<void>;
  /** Releases holds whose time is over; returns how many. */
  expireHolds(limit: number): Promise<number>;
  /** Stops taking work, finishes what was taken, gives up its connections. */
  close(): Promise<void>;
};

export type LedgerCheck = { ok: true; transfers: bigint; accounts: bigint } | { ok: false; problem: string };
