import { addMs, secondMs } from '../../kernel/clock.ts';
import { Failure, type FailureAbout } from '../../kernel/failure.ts';
import { refusal, refusalFrom } from '../../causes/refusal.ts';
import { LedgerBusy, LedgerTooLate, LedgerUnavailable } from '../../ledger/ledger-errors.ts';

const RETRY_AFTER_MS = 5 * secondMs;

/** What the books could not do is told as what it is: certainly nothing (`wallet.overloaded`), or nobody knows yet (`wallet.fault`). */
export function tellLedgerFailure(error: unknown, now: Date, about: FailureAbout): unknown {
  if (error instanceof Failure) return error.within(about);
  const nothingDone = error instanceof LedgerBusy || error instanceof LedgerTooLate;
  const until = addMs(now, RETRY_AFTER_MS);
  if (nothingDone) return refusal('wallet.overloaded', { params: { until }, retryAt: until, cause: error });
  if (!(error instanceof LedgerUnavailable)) return error;
  return refusalFrom('wallet.fault', { until }, { cause: error }).within({ ...about, moneyMoved: 'unknown' });
}
