import { sql } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import { fromPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database } from '../../database/database.ts';
import type { BankNotice, BankRail } from '../../ports/bank-rail.ts';
import type { OperationRecord } from '../../operations/flow.ts';

type Dependencies = {
  database: Database;
  clock: Clock;
  rail: BankRail;
  operations: { byKey: (key: Uuid) => Promise<OperationRecord | undefined>; wake: (key: Uuid) => Promise<void> };
};

/** Writes a believed notice down before it is answered; twice is once. It books nothing: it only makes us ask. */
export async function receiveNotice(deps: Pick<Dependencies, 'database' | 'clock'>, notice: BankNotice): Promise<void> {
  await sql`
    insert into bank_notice (bank_code, event_id, reference, received_at)
    values (${notice.bankCode}, ${notice.eventId}, ${notice.reference}, ${deps.clock.now()})
    on conflict do nothing`.execute(deps.database.kysely);
}

/** Follows notices up: an open operation is driven, an ended one is compared with what the bank says now. */
export async function followNotices(deps: Dependencies, limit: number): Promise<number> {
  const db = deps.database.kysely;
  const open = await sql<{ bank_code: string; event_id: string; reference: string }>`
    select bank_code, event_id, reference from bank_notice where handled_at is null order by received_at limit ${limit}`.execute(
    db,
  );
  for (const notice of open.rows) {
    const key = operationOf(notice.reference);
    const operation = key && (await deps.operations.byKey(key));
    if (operation && !operation.endedAt) await deps.operations.wake(operation.key);
    if (operation?.endedAt) await compare(deps, operation, notice.bank_code, notice.reference);
    await sql`
      update bank_notice set handled_at = ${deps.clock.now()}
      where bank_code = ${notice.bank_code} and event_id = ${notice.event_id}`.execute(db);
  }
  return open.rows.length;
}

/** Our references of movements carry the operation they belong to. */
const operationOf = (reference: string): Uuid | undefined =>
  fromPublicId('tu', reference) ?? fromPublicId('wd', reference);

/** What has ended is never changed by a late word; a difference is written down for a person to decide. */
async function compare(
  deps: Dependencies,
  operation: OperationRecord,
  bankCode: string,
  reference: string,
): Promise<void> {
  const answer = await deps.rail.query({ reference, bankCode });
  const theirs = answer.outcome;
  if (theirs !== 'approved' && theirs !== 'declined' && theirs !== 'not_found') return;
  if ((theirs === 'approved') === (operation.state === 'succeeded')) return;
  // Returned to the card on our own request: the debit and its reversal are both approved.
  if (operation.cause === 'account.closed') return;
  await sql`
    insert into reconciliation_break (operation_key, reference, ours, theirs, found_at)
    values (${uuid(operation.key)}, ${reference}, ${operation.state}, ${theirs}, ${deps.clock.now()})
    on conflict do nothing`.execute(deps.database.kysely);
}
