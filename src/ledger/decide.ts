import { MAX_MINOR } from '../kernel/money.ts';
import { accountFlag, counterBit, holdState, INT8_MAX } from './books.ts';
import type { AccountBook, AnyTransfer, ExpirePending, HoldBook, HoldState, TransferRow } from './books.ts';
import type { Count, DirectTransfer, PostPending, TransferOutcome, TransferRefusal, VoidPending } from './ledger.ts';
import type { Page } from './page.ts';
import type { SharedRefusals } from './shared-refusals.ts';

/** The rules of the ledger. Nothing here waits: a transfer sees exactly the effects of those before it. */

export type ChainDecision = {
  outcomes: TransferOutcome[];
  /** The transfer that made the chain fail by itself, if one did. */
  refusedAt: number | undefined;
  /** It failed by the refusal that a concurrent caller of the same id was given and has not heard yet. */
  isShared: boolean;
};

/** Decides the transfers of one chain of the call with this number: all are applied to the page, or none is. */
export function decideChain(
  page: Page,
  chain: readonly AnyTransfer[],
  refusals: SharedRefusals,
  callNo: number,
): ChainDecision {
  for (const transfer of chain) {
    if (page.transfer(transfer.id) !== undefined) {
      return { outcomes: chain.map((each) => outcomeOfMember(page, each)), refusedAt: undefined, isShared: false };
    }
  }
  const mark = chain.length > 1 ? page.mark() : undefined;
  // Of its length from the start: what is pushed onto an empty list gets room for seventeen.
  const outcomes = new Array<TransferOutcome>(chain.length);
  for (const [index, transfer] of chain.entries()) {
    const shared = refusals.reasonFor(transfer, callNo);
    const decided = shared ?? applyTransfer(page, transfer);
    if (typeof decided === 'string') {
      if (mark !== undefined) page.takeBack(mark);
      const failed = failedChain(chain.length, index, decided);
      return { outcomes: failed, refusedAt: index, isShared: shared !== undefined };
    }
    outcomes[index] = { outcome: 'posted', seq: BigInt(decided.seq), at: decided.at };
  }
  if (mark !== undefined) page.keep();
  return { outcomes, refusedAt: undefined, isShared: false };
}

function failedChain(length: number, failedAt: number, reason: TransferRefusal): TransferOutcome[] {
  const outcomes: TransferOutcome[] = [];
  for (let i = 0; i < length; i += 1) {
    outcomes.push({ outcome: 'refused', reason: i === failedAt ? reason : 'linked_event_failed' });
  }
  return outcomes;
}

function outcomeOfMember(page: Page, transfer: AnyTransfer): TransferOutcome {
  const holdAmount = 'pendingId' in transfer ? page.hold(transfer.pendingId)?.amount : undefined;
  return outcomeOfKnown(page.transfer(transfer.id), transfer, holdAmount);
}

/** The answer for a member of a chain of which at least one transfer is already there; `row` is the one with its id. */
export function outcomeOfKnown(
  row: TransferRow | undefined,
  transfer: AnyTransfer,
  holdAmount: bigint | undefined,
): TransferOutcome {
  if (row === undefined) return { outcome: 'refused', reason: 'linked_event_failed' };
  const difference = differenceFrom(row, transfer, holdAmount);
  if (difference !== undefined) return { outcome: 'refused', reason: difference };
  return { outcome: 'exists', seq: BigInt(row.seq), at: row.at };
}

/** The first field in which a transfer differs from the one that has its id. When a hold ends and what counts it is not compared. */
function differenceFrom(
  row: TransferRow,
  asked: AnyTransfer,
  holdAmount: bigint | undefined,
): TransferRefusal | undefined {
  if (row.kind !== asked.kind) return 'exists_with_different_kind';
  if ('pendingId' in asked) {
    if (row.pendingId !== asked.pendingId) return 'exists_with_different_pending_id';
    if (asked.kind === 'post_pending' && row.amount !== (asked.amount ?? holdAmount)) {
      return 'exists_with_different_amount';
    }
  } else {
    if (row.debitAccountId !== asked.debitAccountId) return 'exists_with_different_debit_account';
    if (row.creditAccountId !== asked.creditAccountId) return 'exists_with_different_credit_account';
    if (row.amount !== asked.amount) return 'exists_with_different_amount';
  }
  if (row.code !== asked.code) return 'exists_with_different_code';
  if (row.operationId !== asked.operationId) return 'exists_with_different_operation';
  return undefined;
}

function applyTransfer(page: Page, transfer: AnyTransfer): TransferRow | TransferRefusal {
  switch (transfer.kind) {
    case 'post':
    case 'pending':
      return applyDirect(page, transfer);
    case 'post_pending':
      return applyPostPending(page, transfer);
    case 'void_pending':
    case 'expire':
      return applyRelease(page, transfer);
  }
}

function applyDirect(page: Page, transfer: DirectTransfer): TransferRow | TransferRefusal {
  const { amount } = transfer;
  if (amount <= 0n) return 'amount_must_be_positive';
  if (amount > MAX_MINOR) return 'amount_too_large';
  if (transfer.debitAccountId === transfer.creditAccountId) return 'accounts_must_be_different';
  const debit = page.account(transfer.debitAccountId);
  if (debit === undefined) return 'debit_account_not_found';
  const credit = page.account(transfer.creditAccountId);
  if (credit === undefined) return 'credit_account_not_found';
  if (debit.ledger !== credit.ledger) return 'accounts_must_have_the_same_ledger';
  if (debit.flags & accountFlag.closed) return 'debit_account_closed';
  if (credit.flags & accountFlag.closed) return 'credit_account_closed';
  if (debit.flags & accountFlag.frozen) return 'debit_account_frozen';
  const debits = debit.debitsPosted + debit.debitsPending + amount;
  const credits = credit.creditsPosted + credit.creditsPending + amount;
  const { counts } = transfer;
  if (counts?.some(({ counter, upTo }) => debit.counted[counter] + amount > upTo)) return 'exceeds_counter';
  if (debits > INT8_MAX || credits > INT8_MAX) return 'overflows_account';
  if (debit.flags & accountFlag.debitsMustNotExceedCredits && debits > debit.creditsPosted) return 'exceeds_credits';
  if (credit.flags & accountFlag.creditsMustNotExceedDebits && credits > credit.debitsPosted) return 'exceeds_debits';

  page.change(debit);
  page.change(credit);
  let counters = 0;
  if (transfer.kind === 'post') {
    debit.debitsPosted += amount;
    credit.creditsPosted += amount;
    if (counts !== undefined) counters = count(page, debit, counts, amount);
  } else {
    debit.debitsPending += amount;
    credit.creditsPending += amount;
    page.addHold({
      id: transfer.id,
      debitAccountId: debit.id,
      creditAccountId: credit.id,
      amount,
      expiresAtMs: transfer.expiresAt?.getTime(),
      state: holdState.open,
      posted: 0n,
      endedBy: undefined,
      batch: page.batch,
    });
  }
  return record(page, transfer, debit, credit, amount, undefined, counters);
}

/** Answers with the bits of the counters. */
function count(page: Page, debit: AccountBook, counts: readonly Count[], amount: bigint): number {
  const counted: [bigint, bigint] = [...debit.counted];
  let bits = 0;
  for (const { counter } of counts) {
    counted[counter] += amount;
    bits |= counterBit(counter);
  }
  debit.counted = counted;
  page.counts = true;
  return bits;
}

function applyPostPending(page: Page, transfer: PostPending): TransferRow | TransferRefusal {
  if (transfer.amount !== undefined) {
    if (transfer.amount <= 0n) return 'amount_must_be_positive';
    if (transfer.amount > MAX_MINOR) return 'amount_too_large';
  }
  const hold = openHold(page, transfer);
  if (typeof hold === 'string') return hold;
  if (hold.expiresAtMs !== undefined && hold.expiresAtMs <= page.atMs) return 'pending_transfer_expired';
  const amount = transfer.amount ?? hold.amount;
  if (amount > hold.amount) return 'exceeds_pending_transfer_amount';
  const { debit, credit } = accountsOf(page, hold);
  if (debit.flags & accountFlag.closed) return 'debit_account_closed';
  if (credit.flags & accountFlag.closed) return 'credit_account_closed';
  // A frozen account does not stop it: the money was taken when the hold was placed, and may have left already.
  end(page, transfer, hold, holdState.posted);
  hold.posted = amount;
  page.change(debit).debitsPending -= hold.amount;
  page.change(credit).creditsPending -= hold.amount;
  debit.debitsPosted += amount;
  credit.creditsPosted += amount;
  return record(page, transfer, debit, credit, amount, hold.id);
}

function applyRelease(page: Page, transfer: VoidPending | ExpirePending): TransferRow | TransferRefusal {
  const hold = openHold(page, transfer);
  if (typeof hold === 'string') return hold;
  const isDue = hold.expiresAtMs !== undefined && hold.expiresAtMs <= page.atMs;
  if (transfer.kind === 'void_pending' && isDue) return 'pending_transfer_expired';
  if (transfer.kind === 'expire' && !isDue) return 'pending_transfer_not_pending';
  const { debit, credit } = accountsOf(page, hold);
  end(page, transfer, hold, transfer.kind === 'expire' ? holdState.expired : holdState.voided);
  page.change(debit).debitsPending -= hold.amount;
  page.change(credit).creditsPending -= hold.amount;
  return record(page, transfer, debit, credit, hold.amount, hold.id);
}

function openHold(page: Page, transfer: PostPending | VoidPending | ExpirePending): HoldBook | TransferRefusal {
  const hold = page.hold(transfer.pendingId);
  if (hold === undefined) {
    return page.transfer(transfer.pendingId) === undefined
      ? 'pending_transfer_not_found'
      : 'pending_transfer_not_pending';
  }
  if (hold.state === holdState.posted) return 'pending_transfer_already_posted';
  if (hold.state === holdState.voided) return 'pending_transfer_already_voided';
  if (hold.state === holdState.expired) return 'pending_transfer_expired';
  return hold;
}

function accountsOf(page: Page, hold: HoldBook): { debit: AccountBook; credit: AccountBook } {
  const debit = page.account(hold.debitAccountId);
  const credit = page.account(hold.creditAccountId);
  if (debit === undefined || credit === undefined) throw new Error(`assertion: accounts of hold ${hold.id} not loaded`);
  return { debit, credit };
}

function end(page: Page, transfer: AnyTransfer, hold: HoldBook, state: HoldState): void {
  page.endHold(hold);
  hold.state = state;
  hold.endedBy = transfer.id;
}

function record(
  page: Page,
  transfer: AnyTransfer,
  debit: AccountBook,
  credit: AccountBook,
  amount: bigint,
  pendingId: TransferRow['pendingId'],
  counters = 0,
): TransferRow {
  debit.seq += 1;
  credit.seq += 1;
  const row: TransferRow = {
    id: transfer.id,
    seq: page.books.seq + 1,
    kind: transfer.kind,
    debitAccountId: debit.id,
    creditAccountId: credit.id,
    amount,
    debitBalance: debit.creditsPosted - debit.debitsPosted,
    creditBalance: credit.creditsPosted - credit.debitsPosted,
    debitAccountSeq: debit.seq,
    creditAccountSeq: credit.seq,
    debitPreviousSeq: debit.lastSeq,
    creditPreviousSeq: credit.lastSeq,
    ledger: debit.ledger,
    code: transfer.code,
    pendingId,
    operationId: transfer.operationId,
    counters,
    at: page.at,
  };
  if (row.kind === 'post' || row.kind === 'post_pending') {
    debit.lastSeq = row.seq;
    credit.lastSeq = row.seq;
  }
  page.addRow(row);
  return row;
}
