import type { Uuid } from '../kernel/ids.ts';
import type { AnyTransfer } from './books.ts';
import type { Count, TransferRefusal } from './ledger.ts';

type Refused = { transfer: AnyTransfer; reason: TransferRefusal; batch: number; until: number };

/**
 * Two callers who ask for the same id at the same time hear the same: a refusal counts for every call that was asked
 * before the first caller heard it. Later calls are decided afresh.
 */
export class SharedRefusals {
  readonly #refused = new Map<Uuid, Refused>();
  readonly #answered: Uuid[] = [];

  reasonFor(transfer: AnyTransfer, callNo: number): TransferRefusal | undefined {
    if (this.#refused.size === 0) return undefined;
    const refused = this.#refused.get(transfer.id);
    if (refused === undefined || callNo >= refused.until) return undefined;
    if (refused.reason === 'exceeds_counter' && !isCountedAlike(refused.transfer, transfer)) return undefined;
    return isSame(refused.transfer, transfer) ? refused.reason : 'id_already_failed_with_other_content';
  }

  remember(transfer: AnyTransfer, reason: TransferRefusal, batch: number, callNo: number): void {
    const known = this.#refused.get(transfer.id);
    // The first one counts for all who asked before it was heard, also after one of them was decided afresh.
    if (known !== undefined && callNo < known.until) return;
    this.#refused.set(transfer.id, { transfer, reason, batch, until: Number.POSITIVE_INFINITY });
  }

  /** The refusals of a batch were heard; `nextNo` is the first call that cannot have been asked before. */
  answered(batch: number, ids: readonly Uuid[], nextNo: number): void {
    for (const id of ids) {
      const refused = this.#refused.get(id);
      if (refused === undefined || refused.batch !== batch) continue;
      refused.until = nextNo;
      this.#answered.push(id);
    }
  }

  /** Forgets what no call from `oldestNo` on can share any more. */
  forget(oldestNo: number): void {
    let done = 0;
    for (const id of this.#answered) {
      const refused = this.#refused.get(id);
      if (refused !== undefined && refused.until > oldestNo) break;
      this.#refused.delete(id);
      done += 1;
    }
    this.#answered.splice(0, done);
  }

  /** It turned out that this was not refused. */
  takeBack(id: Uuid): void {
    this.#refused.delete(id);
  }

  /** What was not answered is decided again. */
  forgetUnanswered(): void {
    for (const [id, refused] of this.#refused) {
      if (refused.until === Number.POSITIVE_INFINITY) this.#refused.delete(id);
    }
  }
}

/** How far a counter may go is of the asking: whom another account counts, or who may go further, is decided afresh. */
function isCountedAlike(a: AnyTransfer, b: AnyTransfer): boolean {
  if ('pendingId' in a || 'pendingId' in b || a.debitAccountId !== b.debitAccountId) return false;
  const [ofA, ofB] = [a.counts ?? [], b.counts ?? []];
  const isIn = ({ counter, upTo }: Count) => ofB.some((each) => each.counter === counter && each.upTo === upTo);
  return ofA.length === ofB.length && ofA.every(isIn);
}

function isSame(a: AnyTransfer, b: AnyTransfer): boolean {
  if (a.kind !== b.kind || a.code !== b.code || a.operationId !== b.operationId) return false;
  if ('pendingId' in a) {
    if (!('pendingId' in b) || a.pendingId !== b.pendingId) return false;
    return (a.kind === 'post_pending' ? a.amount : undefined) === (b.kind === 'post_pending' ? b.amount : undefined);
  }
  return (
    !('pendingId' in b) &&
    a.debitAccountId === b.debitAccountId &&
    a.creditAccountId === b.creditAccountId &&
    a.amount === b.amount
  );
}
