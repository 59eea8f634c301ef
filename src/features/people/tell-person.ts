import { sql } from 'kysely';
import { addMs, minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import type { Envelope } from '../../kernel/envelope.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { SmsAnswer, SmsSender } from '../../ports/sms-sender.ts';
import type { Standing } from './account-turn.ts';
import { loadPerson, openPhone } from './person.ts';

type Template =
  | 'pin_was_reset'
  | 'account_frozen'
  | 'account_frozen_by_law'
  | 'account_frozen_by_you'
  | 'account_lifted'
  | 'account_lifted_by_you'
  | 'account_partly_lifted'
  | 'account_closed'
  | 'account_reopened';

/** What a person is told of the end of a stop, or of a closing; nothing where they are told the same as before. */
export function templateOf(before: Pick<Standing, 'state' | 'stops'>, after: typeof before): Template | undefined {
  if (before.stops[0]?.id === after.stops[0]?.id) return undefined;
  if (after.state === 'closed') return 'account_closed';
  if (after.state !== 'normal') return 'account_partly_lifted';
  return before.state === 'closed' ? 'account_reopened' : 'account_lifted';
}

/** Writes a message down in the transaction of what it tells of; it leaves only if that is committed. */
export async function recordMessage(
  tx: Transaction,
  { id, personId, template, now }: { id: Uuid; personId: Uuid; template: Template; now: Date },
): Promise<void> {
  await sql`
    insert into person_message (id, person_id, template, created_at, next_at)
    values (${id}, ${personId}, ${template}, ${now}, ${now}) on conflict do nothing`.execute(tx);
}

/** While the operator takes nothing: soon again, then every half hour, for two days. */
const pauseAfter = (attempts: number): number => Math.min(30 * minuteMs, 10 * secondMs * 2 ** attempts);
const MOST_ATTEMPTS = 100;

type MessageDependencies = {
  database: Database;
  clock: Clock;
  envelope: Envelope;
  sms: SmsSender;
  onFault: (error: unknown, where: string) => void;
};
type Due = { id: string; person_id: string; template: Template; attempts: number };

/**
 * Hands over what is due, each put off first, so that a process that dies has lost nothing and nobody else sends it
 * meanwhile. Returns how many it took.
 */
export async function sendMessages(deps: MessageDependencies, limit: number): Promise<number> {
  const db = deps.database.kysely;
  const now = deps.clock.now();
  const due = await sql<Due>`
    update person_message set attempts = attempts + 1, next_at = ${addMs(now, minuteMs)}
    where id in (
      select id from person_message where next_at <= ${now} order by next_at limit ${limit} for update skip locked)
    returning id, person_id, template, attempts`.execute(db);
  for (const row of due.rows) {
    try {
      await send(deps, row);
    } catch (error) {
      // It keeps none of the others waiting, and is tried as often as one that the operator does not take.
      deps.onFault(error, `the message ${row.id}`);
      await record(deps, row, 'unavailable');
    }
  }
  return due.rows.length;
}

async function send(deps: MessageDependencies, row: Due): Promise<void> {
  const { database, envelope, sms } = deps;
  const personId = uuid(row.person_id);
  const { language } = await loadPerson(database.kysely, personId);
  const to = await openPhone(database.kysely, envelope, personId);
  const { outcome } = await sms.send({ id: uuid(row.id), to, language, template: row.template });
  await record(deps, row, outcome);
}

async function record({ database, clock }: MessageDependencies, row: Due, outcome: SmsAnswer['outcome']) {
  const isOver = outcome !== 'unavailable' || row.attempts >= MOST_ATTEMPTS;
  const nextAt = isOver ? null : addMs(clock.now(), pauseAfter(row.attempts));
  await sql`
    update person_message set next_at = ${nextAt}, outcome = ${isOver ? outcome : null}
    where id = ${row.id} and attempts = ${row.attempts}`.execute(database.kysely);
}
