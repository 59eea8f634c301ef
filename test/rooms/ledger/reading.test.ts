import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { columnTypes } from '../../../src/database/column-types.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import type { AccountId } from '../../../src/ledger/ledger.ts';
import { openLedgerLog, type LedgerLog } from '../../../src/ledger/proof/ledger-log.ts';
import * as read from '../../../src/ledger/read-ledger.ts';
import type { Reader } from '../../../src/ledger/stored-rows.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { hold, LedgerFixture, makeId, post, take } from './fixture.ts';

describe('a balance as of a moment', () => {
  let fixture: LedgerFixture;
  beforeAll(async () => {
    fixture = await LedgerFixture.create();
  });
  afterAll(() => fixture.close());

  test('is what the movements up to then add up to, at every moment', async () => {
    const accounts = [await fixture.makeAccount(), await fixture.makeAccount(), await fixture.makeAccount()];
    const moments: { at: Date; balances: bigint[] }[] = [];
    for (let round = 0; round < 60; round += 1) {
      const [from, to] = [accounts[round % 3]!, accounts[(round * 7 + 1) % 3]!];
      // Several in one moment, and moments in which nothing happens.
      if (from !== to) await fixture.one(post(from, to, BigInt(round + 1)));
      const balances = await Promise.all(accounts.map((id) => fixture.balance(id)));
      const at = fixture.clock.now();
      if (moments.at(-1)?.at.getTime() === at.getTime()) moments.pop();
      moments.push({ at, balances });
      if (round % 4 !== 0) fixture.clock.advance(round % 5 === 0 ? 1 : 1000);
    }
    const before = new Date(moments[0]!.at.getTime() - 1);
    for (const id of accounts) expect(await fixture.ledger.balanceAt(id, before)).toMatchObject({ balance: 0n });
    for (const { at, balances } of moments) {
      const read = await Promise.all(accounts.map(async (id) => (await fixture.ledger.balanceAt(id, at))?.balance));
      expect(read).toEqual(balances);
    }
  });

  test('counts what was posted: not a hold, but what was taken of it', async () => {
    const [from, to] = [await fixture.makeAccount(), await fixture.makeAccount()];
    const held = hold(from, to, 100n);
    await fixture.one(held);
    fixture.clock.advance(1000);
    const whileHeld = fixture.clock.now();
    fixture.clock.advance(1000);
    await fixture.one(take(held.id, 30n));
    expect(await fixture.ledger.balanceAt(to, whileHeld)).toEqual({
      balance: 0n,
      lastSeq: undefined,
      lastAt: undefined,
    });
    expect(await fixture.ledger.balanceAt(to, fixture.clock.now())).toMatchObject({
      balance: 30n,
      lastAt: fixture.clock.now(),
    });
    expect(await fixture.ledger.balanceAt(from, new Date('2300-01-01'))).toMatchObject({ balance: -30n });
  });

  test('is not there for an account that is not there', async () => {
    expect(await fixture.ledger.balanceAt(77_777n as AccountId, fixture.clock.now())).toBeUndefined();
  });
});

describe('a history', () => {
  let fixture: LedgerFixture;
  beforeAll(async () => {
    fixture = await LedgerFixture.create();
  });
  afterAll(() => fixture.close());

  test('before any place of the book has the movements before it, the newest first', async () => {
    const accounts = await Promise.all(Array.from({ length: 4 }, () => fixture.makeAccount()));
    const [quiet, other] = [accounts[0]!, accounts[1]!];
    for (let round = 0; round < 150; round += 1) {
      const [from, to] = [accounts[round % 4]!, accounts[(round * 7 + 1) % 4]!];
      if (round % 9 === 0) await fixture.one(hold(quiet, other, 1n));
      if (from !== to && (from !== quiet || round % 16 === 0)) await fixture.one(post(from, to, BigInt(round + 1)));
    }
    for (const id of accounts) {
      const all = (await fixture.ledger.history(id, { limit: 1_000 })).entries;
      expect(all.length).toBeGreaterThan(5);
      for (let place = 0n; place < 170n; place += 1n) {
        const { entries, nextBeforeSeq } = await fixture.ledger.history(id, { limit: 3, beforeSeq: place });
        const before = all.filter((each) => each.seq < place);
        expect(entries).toEqual(before.slice(0, 3));
        expect(nextBeforeSeq).toBe(before.length > 3 ? before[2]!.seq : undefined);
      }
    }
  });

  test('of a book that was begun before histories were chains is the same afterwards', async () => {
    const migration = await readFile(
      new URL('../../../src/database/migrations/0041-histories-as-chains.sql', import.meta.url),
      'utf8',
    );
    const chains = 'select seq, debit_previous_seq, credit_previous_seq from ledger_transfer order by seq';
    const ends = 'select id, last_seq from ledger_account order by id';
    await fixture.withOwner(async (client) => {
      const before = [(await client.query(chains)).rows, (await client.query(ends)).rows];
      expect(before[0]!.length).toBeGreaterThan(100);
      await client.query(`
        alter table ledger_transfer drop column debit_previous_seq, drop column credit_previous_seq;
        alter table ledger_account drop column last_seq;
        drop index ledger_transfer_seq;
        create index ledger_transfer_debit on ledger_transfer (debit_account_id);
        create index ledger_transfer_credit on ledger_transfer (credit_account_id);
        create index ledger_transfer_order on ledger_transfer using brin (seq, created_at);
        drop index if exists ledger_transfer_debit_milestone, ledger_transfer_credit_milestone;
        create function ledger_summarize_order() returns integer language sql as 'select 1'`);
      await client.query(migration);
      expect([(await client.query(chains)).rows, (await client.query(ends)).rows]).toEqual(before);
    });
    expect(await fixture.check()).toMatchObject({ ok: true });
  });
});

// What a reading costs is counted in pages, which no load on the machine changes.
describe('the cost of reading', () => {
  const OLD = 5_000;
  const SMALL = 10_000;
  const LARGE = 200_000;
  const BUSY = 1n as AccountId;
  const RARE = 2n as AccountId;
  const operation = makeId();
  const { privateKey } = generateKeyPairSync('ed25519');
  const openLog = (reader: Reader) => openLedgerLog({ reader, clock: systemClock, signingKey: privateKey });
  let log: LedgerLog;
  let database: TestDatabase;
  let client: pg.Client;

  /** A book of so many rows: one account that takes part in every tenth, one in every five-hundredth. */
  async function growTo(size: number, statistics = true): Promise<void> {
    await client.query(
      `insert into ledger_transfer
       select case when n = 5000 then $2::uuid else gen_random_uuid() end, n,
              case when n % 10 = 0 then 1 when n % 500 = 1 then 2 else 100 + n % 1000 end, 2000 + n % 1000,
              5, -n, n, n, n, '2026-01-01'::timestamptz + n * interval '1 second', 1, 7, 1, null,
              case when n between 5000 and 5003 then $2::uuid else gen_random_uuid() end,
              case when n % 10 = 0 then n - 10 when n % 500 = 1 then greatest(n - 500, 0) else 0 end, 0, 0
         from generate_series((select seq from ledger_head) + 1, $1::int8) n`,
      [size, operation],
    );
    await client.query('update ledger_head set seq = $1', [size]);
    await client.query('update ledger_account set last_seq = case id when 1 then $1::int8 else $1::int8 - 499 end', [
      size,
    ]);
    if (statistics) await client.query('vacuum analyze ledger_transfer');
    await log.sealHead();
  }

  /** The pages that a statement touches, and the ways by which it came to rows of the book. */
  async function costOf(run: (reader: Reader) => Promise<unknown>): Promise<{ pages: number; ways: string[] }> {
    const ways = new Set<string>();
    let pages = 0;
    const explain = async (query: string | { text: string; values: unknown[] }, given: unknown[] = []) => {
      const { text, values } = typeof query === 'string' ? { text: query, values: given } : query;
      const { rows } = await client.query(`explain (analyze, buffers, format json, timing off) ${text}`, values);
      const plan = rows[0]['QUERY PLAN'][0]['Plan'];
      pages += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
      collectWays(plan, ways);
      return client.query(text, values);
    };
    await run({ query: explain } as unknown as Reader);
    return { pages, ways: [...ways].sort() };
  }

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.ownerConnectionString, types: columnTypes });
    await client.connect();
    log = openLog(client);
    await client.query('insert into ledger_account (id, ledger, code) values (1, 1, 1), (2, 1, 1)');
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  test('grows with no reading when the book grows twentyfold, and no reading goes through the book', async () => {
    const middle = new Date(new Date('2026-01-01T00:00:00Z').getTime() + 5_000_000);
    const readings: Record<string, (reader: Reader) => Promise<unknown>> = {
      'a balance now': (reader) => read.balanceAt(reader, BUSY, new Date('2027-01-01')),
      'a balance long ago': (reader) => read.balanceAt(reader, BUSY, middle),
      'a balance of a quiet account': (reader) => read.balanceAt(reader, RARE, middle),
      'a page of history': (reader) => read.history(reader, BUSY, { limit: 20 }),
      'a page of old history': (reader) => read.history(reader, BUSY, { limit: 20, beforeSeq: 5000n }),
      'a transfer': (reader) => read.transfer(reader, operation),
      'a receipt': (reader) => openLog(reader).receipt(operation),
      'a proof from head to head': async (reader) => openLog(reader).consistency(OLD, (await log.latestHead())!.size),
      'an operation': (reader) => read.transfersOf(reader, operation),
    };
    const measure = async () => {
      const costs: Record<string, { pages: number; ways: string[] }> = {};
      for (const [name, run] of Object.entries(readings)) costs[name] = await costOf(run);
      return costs;
    };
    await growTo(OLD);
    await growTo(SMALL);
    const small = await measure();
    await growTo(LARGE);
    const large = await measure();
    for (const name of Object.keys(readings)) {
      // A tree of twenty times the entries is a level higher at most, and halving takes five steps more.
      expect([name, large[name]!.pages]).toEqual([
        name,
        expect.toSatisfy((pages: number) => pages <= small[name]!.pages * 2 + 4),
      ]);
      expect([name, large[name]!.ways]).toEqual([name, expect.not.arrayContaining(['Seq Scan'])]);
      expect(large[name]!.pages).toBeLessThan(260);
    }
    expect(await read.transfersOf(client, operation)).toHaveLength(4);
  });

  test('is the same in a book of which the server has no statistics', async () => {
    const middle = new Date(new Date('2026-01-01T00:00:00Z').getTime() + 50_000_000);
    await client.query(`
      truncate ledger_transfer, ledger_log_node, ledger_signed_head;
      update ledger_head set seq = 0;
      alter table ledger_transfer set (autovacuum_enabled = false);
      select pg_clear_attribute_stats('public', 'ledger_transfer', attname, false)
        from pg_attribute where attrelid = 'ledger_transfer'::regclass and attnum > 0 and not attisdropped`);
    await growTo(LARGE, false);
    expect((await client.query("select 1 from pg_stats where tablename = 'ledger_transfer'")).rows).toEqual([]);
    for (const run of [
      (reader: Reader) => read.history(reader, BUSY, { limit: 20 }),
      (reader: Reader) => read.history(reader, BUSY, { limit: 20, beforeSeq: 5_003n }),
      (reader: Reader) => read.balanceAt(reader, RARE, middle),
    ])
      expect((await costOf(run)).pages).toBeLessThan(400);
  });

  test('a history is asked for from any place that a book can have', async () => {
    for (const beforeSeq of [2n ** 31n, 2n ** 63n - 1n])
      expect((await read.history(client, RARE, { limit: 2, beforeSeq })).entries).toHaveLength(2);
    for (const beforeSeq of [-1n, 0n, 1n])
      expect((await read.history(client, RARE, { limit: 2, beforeSeq })).entries).toEqual([]);
  });
});

function collectWays(plan: { [name: string]: unknown }, ways: Set<string>): void {
  if (plan['Relation Name'] === 'ledger_transfer') ways.add(String(plan['Node Type']));
  for (const child of (plan['Plans'] ?? []) as { [name: string]: unknown }[]) collectWays(child, ways);
}
