import { sql } from 'kysely';
import { addMs, type Clock } from '../kernel/clock.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { OperationRecord } from './flow.ts';
import type { Instant } from './instant.ts';
import * as store from './store.ts';

/** How long it may wait for a commit that holds the same key. */
const WAIT_MS = 3000;

/**
 * Begins an operation step by step in the place of an instant one whose outcome nobody knows. Both have the same key, so
 * that from then on the other one's rows are refused, and its movement with them: it is there already, and this gives it
 * as it is, or it never will be. Fails when neither can be found out now.
 */
export async function beginInstead(
  { database, clock }: { database: Database; clock: Clock },
  instant: Instant,
  { step, withinMs, intent }: { step: string; withinMs: number; intent: string },
): Promise<{ begun: boolean; record: OperationRecord | undefined }> {
  const now = clock.now();
  const deadlineAt = addMs(now, withinMs);
  const insert = async (tx: Transaction, ownIntent: string | null): Promise<boolean> => {
    const { key, ownerId, id, kind, fingerprint, data, amount, policyVersion } = instant;
    const written = await store.insertOperation(tx, {
      ...{ key, ownerId, id, kind, fingerprint, data, policyVersion, step, deadlineAt, now },
      ...{ state: 'needs_you', wakeAt: deadlineAt, draft: null, lane: '', moneyMoved: 'no', intent: ownIntent },
      ...{ currency: amount.currency, amountMinor: amount.minor },
    });
    if (!written) return false;
    await store.insertEvent(tx, {
      ...{ key, kind, at: now, event: 'started', from: 'start', to: step },
      ...{ attempt: null, cause: null, actor: 'person', detail: {} },
    });
    return true;
  };
  const begun = await database.transaction(async (tx) => {
    await sql`select set_config('statement_timeout', ${String(WAIT_MS)}, true)`.execute(tx);
    // An equal one may wait for its owner already; of this one only the key matters.
    return (await insert(tx, intent)) || insert(tx, null);
  });
  return { begun, record: (await store.findByKey(database.kysely, instant.key))?.record };
}
