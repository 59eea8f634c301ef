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
type Dependencies = {
  database: Database;
  clock: Clock;
  envelope: Envelope;
  sender: WebhookSender;
  onFault: (error: unknown, where: string) => void;
};

/** How many merchants are told at one time, and how many events of one. */
const MOST = { merchants: 64, eventsOfOne: 4 };

export type MerchantTeller = {
  /** Begins with what is due, and does not wait for it; returns how much that is. */
  tell: () => Promise<number>;
  /** Resolves when nothing is under way. */
  idle: () => Promise<void>;
};

/**
 * Sends what is due, each under a lease, with the same event id at every try. Each merchant's are sent in a line of
 * their own, so that one who is silent keeps none of the others waiting.
 */
export function createMerchantTeller(deps: Dependencies): MerchantTeller {
  const lines = new Map<string, Promise<void>>();

  async function tellOne(events: readonly Due[]): Promise<void> {
    await Promise.all(events.map((row) => deliver(deps, row)));
  }

  return {
    async tell() {
      if (lines.size >= MOST.merchants) await Promise.race(lines.values());
      const due = await takeDue(deps, [...lines.keys()], MOST.merchants - lines.size);
      for (const [merchant, events] of Map.groupBy(due, (row) => row.merchant_id)) {
        const line = tellOne(events)
          .catch((error: unknown) => deps.onFault(error, `events of ${merchant}`))
          .finally(() => lines.delete(merchant));
        lines.set(merchant, line);
      }
      return due.length;
    },
    idle: async () => {
      await Promise.all(lines.values());
    },
  };
}

async function takeDue(
  { database, clock }: Dependencies,
  notOf: readonly string[],
  limit: number,
): Promise<readonly Due[]> {
  const now = clock.now();
  const due = await sql<Due>`
    update webhook_delivery set lease_until = ${addMs(now, LEASE_MS)}, attempts = attempts + 1
    where id in (
      select d.id from merchant m cross join lateral (
        select id, next_at from webhook_delivery w
        where w.merchant_id = m.id and next_at <= ${now} and (lease_until is null or lease_until <= ${now})
        order by next_at limit ${MOST.eventsOfOne} for update skip locked) d
      where m.id <> all(${notOf}::uuid[])
      order by d.next_at limit ${limit})
    returning id, merchant_id, body, attempts`.execute(database.kysely);
  return due.rows;
}

async function deliver(deps: Dependencies, row: Due): Promise<void> {
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
