import { addMs, secondMs } from '../../kernel/clock.ts';
import { Failure, type FailureAbout } from '../../kernel/failure.ts';
import { refusal, refusalFrom } from '../../causes/refusal.ts';
import { LedgerBusy, LedgerTooLate, LedgerUnavailable } from '../../ledger/ledger-errors.ts';

/** Certain, of this call alone: an earlier one with the same ids may have done it. */
export const isNothingDone = (error: unknown): boolean => error instanceof LedgerBusy || error instanceof LedgerTooLate;

const RETRY_AFTER_MS = 5 * secondMs;

/** What the books could not do is told as what it is: certainly nothing (`wallet.overloaded`), or nobody knows yet (`wallet.fault`). */
export function tellLedgerFailure(error: unknown, now: Date, about: FailureAbout): unknown {
  if (error instanceof Failure) return error.within(about);
  const until = addMs(now, RETRY_AFTER_MS);
  if (isNothingDone(error)) return refusal('wallet.overloaded', { params: { until }, retryAt: until, cause: error });
  if (!(error instanceof LedgerUnavailable)) return error;
  return refusalFrom('wallet.fault', { until }, { cause: error }).within({ ...about, moneyMoved: 'unknown' });
}
