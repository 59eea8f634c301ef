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
  operations: { byKey: (key: Uuid) => Promise<OperationRecord | undefined>; wake: (key: Uuid) => Promise<boolean> };
  onFault: (error: unknown, where: string) => void;
};

/**
 * Writes a believed notice down before it is answered; twice is once. It books nothing: it only makes us ask, now or at
 * a later moment.
 */
export async function receiveNotice(
  deps: Pick<Dependencies, 'database' | 'clock'>,
  notice: Omit<BankNotice, 'at'>,
  askAt = deps.clock.now(),
): Promise<void> {
  await sql`
    insert into bank_notice (bank_code, event_id, reference, received_at, ask_at)
    values (${notice.bankCode}, ${notice.eventId}, ${notice.reference}, ${deps.clock.now()}, ${askAt})
    on conflict do nothing`.execute(deps.database.kysely);
}

type OpenNotice = { bank_code: string; event_id: string; reference: string };

export type NoticeFollower = {
  /** Begins with what is due; returns how much that is. */
  follow: (limit: number) => Promise<number>;
  /** Resolves when nothing is under way. */
  idle: () => Promise<void>;
};

/**
 * Follows notices up: an open operation is made due, an ended one is compared with what the bank says now. One whose
 * bank says nothing is asked again later, as long again as it is old. Each bank's are followed in a line of their own,
 * so that a bank that is silent keeps no other's waiting.
 */
export function createNoticeFollower(deps: Dependencies): NoticeFollower {
  const lines = new Map<string, Promise<void>>();

  async function followLine(notices: readonly OpenNotice[]): Promise<void> {
    for (const notice of notices) {
      if (await isSettled(deps, notice)) await markHandled(deps, notice);
    }
  }

  return {
    async follow(limit) {
      const due = await takeDue(deps, limit, [...lines.keys()]);
      for (const [bank, notices] of Map.groupBy(due, (notice) => notice.bank_code)) {
        const line = followLine(notices)
          .catch((error: unknown) => deps.onFault(error, `notices of ${bank}`))
          .finally(() => lines.delete(bank));
        lines.set(bank, line);
      }
      return due.length;
    },
    idle: async () => {
      await Promise.all(lines.values());
    },
  };
}

/** What is due, put off at once, so that nobody else takes it and a process that dies loses nothing. */
async function takeDue(deps: Dependencies, limit: number, notOf: readonly string[]): Promise<OpenNotice[]> {
  const now = deps.clock.now();
  const due = await sql<OpenNotice>`
    update bank_notice set ask_at = ${now}::timestamptz
      + least(greatest(${now}::timestamptz - received_at, interval '1 minute'), interval '1 hour')
    where (bank_code, event_id) in (
      select bank_code, event_id from bank_notice
      where handled_at is null and ask_at <= ${now} and bank_code <> all(${notOf}::text[])
      order by ask_at limit ${limit} for update skip locked)
    returning bank_code, event_id, reference`.execute(deps.database.kysely);
  return due.rows;
}

async function markHandled(deps: Dependencies, notice: OpenNotice): Promise<void> {
  await sql`
    update bank_notice set handled_at = ${deps.clock.now()}
    where bank_code = ${notice.bank_code} and event_id = ${notice.event_id}`.execute(deps.database.kysely);
}

/** Whether nothing more is to be learnt of it. A bank speaks only of its own. */
async function isSettled(deps: Dependencies, notice: OpenNotice): Promise<boolean> {
  const key = operationOf(notice.reference);
  const operation = key && (await deps.operations.byKey(key));
  if (!operation || operation.data['bankCode'] !== notice.bank_code) return true;
  if (operation.endedAt) return compare(deps, operation, notice.bank_code, notice.reference);
  return deps.operations.wake(operation.key);
}

/** Our references of movements carry the operation they belong to. */
const operationOf = (reference: string): Uuid | undefined =>
  fromPublicId('tu', reference) ?? fromPublicId('wd', reference);

/** What has ended is never changed by a late word; a difference is written down for a person to decide. False: the bank did not say. */
async function compare(
  deps: Dependencies,
  operation: OperationRecord,
  bankCode: string,
  reference: string,
): Promise<boolean> {
  const answer = await deps.rail.query({ reference, bankCode });
  const theirs = answer.outcome;
  if (theirs !== 'approved' && theirs !== 'declined' && theirs !== 'not_found') return false;
  if ((theirs === 'approved') === (operation.state === 'succeeded')) return true;
  // Returned to the card on our own request: the debit and its reversal are both approved.
  if (operation.cause === 'account.closed') return true;
  await sql`
    insert into reconciliation_break (operation_key, reference, ours, theirs, found_at)
    values (${uuid(operation.key)}, ${reference}, ${operation.state}, ${theirs}, ${deps.clock.now()})
    on conflict do nothing`.execute(deps.database.kysely);
  return true;
}
