import { addMs, minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import { LedgerUnavailable } from '../../ledger/ledger-errors.ts';
import { beginInstead } from '../../operations/begin-instead.ts';
import type { OperationRecord } from '../../operations/flow.ts';
import type { Instant } from '../../operations/instant.ts';

const RETRY_AFTER_MS = 5 * secondMs;
/** As long as one that is begun step by step waits for its owner. */
const CONFIRM_WITHIN_MS = 15 * minuteMs;

/**
 * Runs `post`. When nobody knows what became of it, that is decided in the database, where every process sees it: it was
 * carried out, and is the answer, or it never will be. Then it waits to be confirmed like one that was begun step by step,
 * which asking again with the same id and the PIN does; cause: `wallet.overloaded`. Where the database cannot be asked
 * either, it stays unknown.
 */
export async function settleUnknown<T extends { record: OperationRecord }>(
  deps: { database: Database; clock: Clock },
  { instant, intent }: { instant: Instant; intent: string },
  post: () => Promise<T>,
): Promise<T | { record: OperationRecord; events: undefined }> {
  try {
    return await post();
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    const step = { step: 'confirm', withinMs: CONFIRM_WITHIN_MS, intent };
    const found = await beginInstead(deps, instant, step).catch(() => undefined);
    if (!found) throw error;
    if (!found.begun && found.record) return { record: found.record, events: undefined };
    const until = addMs(deps.clock.now(), RETRY_AFTER_MS);
    throw refusal('wallet.overloaded', { params: { until }, retryAt: until, cause: error });
  }
}
