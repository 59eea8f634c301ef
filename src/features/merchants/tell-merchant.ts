import { sql } from 'kysely';
import { addMs, hourMs, minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import type { Envelope } from '../../kernel/envelope.ts';
import { toPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import type { JsonObject } from '../../operations/flow.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { WebhookSender } from '../../ports/webhook-sender.ts';
import { findWebhook } from './merchant.ts';

/** Pauses between tries, as Standard Webhooks suggests; after the last the event is dead and shown to the merchant. */
const PAUSES_MS = [
  0,
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];
const LEASE_MS = 30 * secondMs;

/** Writes an event down in the transaction of what it tells; it leaves only if that is committed. */
export async function recordEvent(
  tx: Transaction,
  event: { id: Uuid; merchantId: Uuid; type: string; data: JsonObject; now: Date },
): Promise<void> {
  const body = JSON.stringify({ type: event.type, timestamp: event.now.toISOString(), data: event.data });
  await sql`
    insert into webhook_delivery (id, merchant_id, event_type, body, created_at, next_at)
    values (${event.id}, ${event.merchantId}, ${event.type}, ${body}, ${event.now}, ${event.now})
    on conflict (id) do nothing`.execute(tx);
}

type Due = { id: string; merchant_id: string; body: string; attempts: number };

/** Sends what is due, each under a lease, with the same event id at every try. Returns how many were tried. */
export async function tellMerchants(
  deps: { database: Database; clock: Clock; envelope: Envelope; sender: WebhookSender },
  limit: number,
): Promise<number> {
  const db = deps.database.kysely;
  const now = deps.clock.now();
  const due = await sql<Due>`
    update webhook_delivery set lease_until = ${addMs(now, LEASE_MS)}, attempts = attempts + 1
    where id in (
      select id from webhook_delivery where next_at <= ${now} and (lease_until is null or lease_until <= ${now})
      order by next_at limit ${limit} for update skip locked)
    returning id, merchant_id, body, attempts`.execute(db);
  await Promise.all(due.rows.map((row) => deliver(deps, row)));
  return due.rows.length;
}

async function deliver(deps: Parameters<typeof tellMerchants>[0], row: Due): Promise<void> {
  const db = deps.database.kysely;
  const webhook = await findWebhook(db, deps.envelope, uuid(row.merchant_id));
  const answer = webhook
    ? await deps.sender.deliver({
        eventId: toPublicId('evt', uuid(row.id)),
        url: webhook.url,
        secret: webhook.secret,
        body: row.body,
        at: deps.clock.now(),
      })
    : ({ outcome: 'failed', reason: 'no address' } as const);
  const now = deps.clock.now();
  if (answer.outcome === 'delivered') {
    await sql`
      update webhook_delivery set delivered_at = ${now}, next_at = null, lease_until = null, last_answer = ${String(answer.status)}
      where id = ${row.id} and attempts = ${row.attempts}`.execute(db);
    return;
  }
  const pause = PAUSES_MS[row.attempts];
  await sql`
    update webhook_delivery set lease_until = null, last_answer = ${answer.reason.slice(0, 200)},
      next_at = ${pause === undefined ? null : addMs(now, pause)}, dead_at = ${pause === undefined ? now : null}
    where id = ${row.id} and attempts = ${row.attempts}`.execute(db);
}
