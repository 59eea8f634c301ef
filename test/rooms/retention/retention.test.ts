import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, type Database } from '../../../src/database/database.ts';
import { forgetNotices } from '../../../src/features/banks/forget-notices.ts';
import { forgetDeliveries } from '../../../src/features/merchants/forget-deliveries.ts';
import { forgetOld } from '../../../src/features/retention/forget-old.ts';
import { forgetCodes, forgetPlaces, forgetSpent } from '../../../src/features/security/forget-spent.ts';
import { forgetOldSessions } from '../../../src/features/sessions/end-session.ts';
import { addMs, dayMs, parseInstant, type Clock } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let home: TestDatabase;
let database: Database;
let owner: pg.Client;
let now = parseInstant('2027-03-01T00:00:00.000Z');
const clock: Clock = { now: () => now, sleep: async () => undefined };
const id = () => newId(clock, systemRandom);
const shop = id();
const subjects = {
  bank_notice: forgetNotices,
  webhook_delivery: forgetDeliveries,
  one_time_code: forgetCodes,
  code_place: forgetPlaces,
};
beforeAll(async () => {
  home = await createTestDatabase();
  database = connectDatabase({ connectionString: home.connectionString, applicationRole: true, max: 2 });
  owner = new pg.Client({ connectionString: home.ownerConnectionString });
  await owner.connect();
  await owner.query(
    `insert into merchant (id, name, api_key_digest, balance_account, created_at) values ($1, 'shop', $2, 7, $3)`,
    [shop, randomBytes(32), now],
  );
});
afterAll(async () => {
  await owner.end();
  await database.close();
  await home.drop();
});

const ago = (days: number) => addMs(now, -days * dayMs);
const left = async (table: string): Promise<number> =>
  Number((await owner.query<{ n: string }>(`select count(*) as n from ${table}`)).rows[0]?.n);
const all = async () => {
  for (;;) if ((await forgetOld({ database, clock }, subjects)) === 0) return;
};
const notice = (days: number, handled: boolean) =>
  owner.query(
    `insert into bank_notice (bank_code, event_id, reference, received_at, ask_at, handled_at) values ('ICBC', $1, 'x', $2, $2, $3)`,
    [id(), ago(days), handled ? ago(days) : null],
  );

test('what has done its work goes after its time, what has not stays, however much there is', async () => {
  for (let i = 0; i < 5; i += 1) await notice(91, true);
  await owner.query(
    `insert into bank_notice (bank_code, event_id, reference, received_at, ask_at, handled_at)
     select 'ABC', i::text, 'x', $1, $1, $1 from generate_series(1, 2500) i`,
    [ago(100)],
  );
  await notice(89, true);
  await notice(400, false);
  const event = (days: number, state: 'delivered' | 'dead' | 'waiting') =>
    owner.query(
      `insert into webhook_delivery (id, merchant_id, event_type, body, created_at, next_at, delivered_at, dead_at)
       values ($1, $6, 'order.paid', '{}', $2, $3, $4, $5)`,
      [
        id(),
        ago(days),
        state === 'waiting' ? now : null,
        state === 'delivered' ? ago(days) : null,
        state === 'dead' ? ago(days) : null,
        shop,
      ],
    );
  await event(91, 'delivered');
  await event(91, 'dead');
  await event(89, 'delivered');
  await event(200, 'waiting');
  for (const days of [1, 3]) {
    await owner.query(
      `insert into one_time_code (id, operation_key, purpose, phone_digest, code_digest, send_number, delivery, sent_at, expires_at)
       values ($1, $1, 'sign_in', $2, $2, 1, 'accepted', $3, $4)`,
      [id(), randomBytes(32), ago(days), addMs(ago(days), 1000)],
    );
  }
  for (const days of [10, 91]) {
    await owner.query('insert into code_place values ($1, $1, $2)', [randomBytes(32), ago(days)]);
  }
  await all();
  expect(await left('bank_notice')).toBe(2);
  expect(await left('webhook_delivery')).toBe(2);
  expect(await left('one_time_code')).toBe(1);
  expect(await left('code_place')).toBe(1);
});

test('the rule of the day counts: a longer one holds from its date on, and without a rule nothing goes', async () => {
  await notice(95, true);
  await owner.query(
    `insert into retention_rule values ('bank_notice', '2027-02-01', 365, 'test'), ('bank_notice', '2027-04-01', 1, 'test')`,
  );
  await all();
  expect(await left('bank_notice')).toBe(3);
  now = parseInstant('2027-04-02T00:00:00.000Z');
  await all();
  expect(await left('bank_notice')).toBe(1);
  await owner.query(`delete from retention_rule where subject = 'webhook_delivery'`);
  const before = await left('webhook_delivery');
  now = addMs(now, 1000 * dayMs);
  await all();
  expect(before).toBeGreaterThan(0);
  expect(await left('webhook_delivery')).toBe(before);
});

test.each([
  'ledger_transfer',
  'operation',
  'operation_event',
  'review_decision',
  'review_confirmation',
  'reconciliation_break',
  'person',
  'account_stop',
  'account_act',
  'account_difference',
  'retention_rule',
])('%s cannot be removed by the wallet at all', async (table) => {
  await expect(database.pool.query(`delete from ${table}`)).rejects.toMatchObject({ code: '42501' });
});

/** The most rows that one statement removes from a table while `work` lasts. */
async function mostAtOnce(table: string, work: () => Promise<void>): Promise<number> {
  await owner.query(`
    create table removed (n int);
    grant insert on removed to purser_app;
    create function count_removed() returns trigger language plpgsql as $$ begin
      insert into removed select count(*) from gone; return null; end $$;
    create trigger count_removed after delete on ${table} referencing old table as gone
      for each statement execute function count_removed()`);
  await work();
  const { rows } = await owner.query<{ n: number }>('select max(n)::int as n from removed');
  await owner.query(`drop trigger count_removed on ${table}; drop function count_removed; drop table removed`);
  return rows[0]?.n ?? 0;
}

/** Of a person, begun and last used so many days ago. */
async function session(begun: number, used: number, ended?: number): Promise<void> {
  const at = newId({ ...clock, now: () => ago(begun) }, systemRandom);
  await owner.query(
    `insert into session (id, visitor_id, person_id, operation_id, token_digest, kind, created_at, last_seen_at, idle_until,
       expires_at, ended_at, end_reason)
     values ($1, $1, $1, $1, $2, 'bearer', $3, $4, $5, $6, $7, $8)`,
    [
      ...[at, randomBytes(32), ago(begun), ago(used), ago(Math.max(used - 30, begun - 180)), ago(begun - 180)],
      ended === undefined ? null : ago(ended),
      ended === undefined ? null : 'signed_out',
    ],
  );
}

test('sessions that are over go in parts; what is in use, and what ended lately, stays', async () => {
  for (let i = 0; i < 5; i += 1) {
    // Ended, not used for long, at its end, and each of these not long ago.
    await session(100, 90, 40);
    await session(100, 70);
    await session(220, 41);
    await session(100, 40, 20);
    await session(100, 50);
    await session(100, 0);
    await session(10, 1);
  }
  expect(await mostAtOnce('session', () => forgetOldSessions({ database, clock }, { hand: 2 }))).toBeLessThanOrEqual(2);
  expect(await left('session')).toBe(20);
  await forgetOldSessions({ database, clock });
  expect(await left('session')).toBe(20);
});

test('counts and rates that decide nothing any more go in parts; locks and open windows stay', async () => {
  const count = (windowEnds: number, lockedUntil: number | null) =>
    owner.query(
      `insert into attempt_counter (scope, subject, window_ends_at, spent, locked_until) values ('test', $1, $2, 1, $3)`,
      [randomBytes(32), ago(windowEnds), lockedUntil === null ? null : ago(lockedUntil)],
    );
  const rate = (full: number) =>
    owner.query('insert into rate_bucket (key, full_at) values ($1, $2)', [randomBytes(32), ago(full)]);
  for (let i = 0; i < 5; i += 1) {
    for (const [ends, until] of [
      [1, null],
      [2, 1],
      [-1, null],
      [1, -1],
    ] as const)
      await count(ends, until);
    for (const full of [1, -1]) await rate(full);
  }
  const forget = () => forgetSpent({ database, clock }, { hand: 2 });
  expect(await mostAtOnce('attempt_counter', forget)).toBeLessThanOrEqual(2);
  expect(await left('attempt_counter')).toBe(10);
  expect(await left('rate_bucket')).toBe(5);
  for (let i = 0; i < 5; i += 1) await rate(1);
  expect(await mostAtOnce('rate_bucket', forget)).toBeLessThanOrEqual(2);
  expect(await left('rate_bucket')).toBe(5);
});
