import { sql } from 'kysely';
import { addMs, minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import type { Envelope } from '../../kernel/envelope.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { SmsSender } from '../../ports/sms-sender.ts';
import { loadPerson, openPhone } from './person.ts';

type Template = 'pin_was_reset';

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

type Due = { id: string; person_id: string; template: Template; attempts: number };

/**
 * Hands over what is due, each put off first, so that a process that dies has lost nothing and nobody else sends it
 * meanwhile. Returns how many it took.
 */
export async function sendMessages(
  deps: { database: Database; clock: Clock; envelope: Envelope; sms: SmsSender },
  limit: number,
): Promise<number> {
  const db = deps.database.kysely;
  const now = deps.clock.now();
  const due = await sql<Due>`
    update person_message set attempts = attempts + 1, next_at = ${addMs(now, minuteMs)}
    where id in (
      select id from person_message where next_at <= ${now} order by next_at limit ${limit} for update skip locked)
    returning id, person_id, template, attempts`.execute(db);
  for (const row of due.rows) await send(deps, row);
  return due.rows.length;
}

async function send(deps: Parameters<typeof sendMessages>[0], row: Due): Promise<void> {
  const { database, clock, envelope, sms } = deps;
  const personId = uuid(row.person_id);
  const { language } = await loadPerson(database.kysely, personId);
  const to = await openPhone(database.kysely, envelope, personId);
  const answer = await sms.send({ id: uuid(row.id), to, language, template: row.template });
  const isOver = answer.outcome !== 'unavailable' || row.attempts >= MOST_ATTEMPTS;
  const nextAt = isOver ? null : addMs(clock.now(), pauseAfter(row.attempts));
  await sql`
    update person_message set next_at = ${nextAt}, outcome = ${isOver ? answer.outcome : null}
    where id = ${row.id} and attempts = ${row.attempts}`.execute(database.kysely);
}
