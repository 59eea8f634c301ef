import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase } from '../../../src/database/database.ts';
import { migrate } from '../../../src/database/migrate.ts';
import { readAllowances } from '../../../src/features/books/allowances.ts';
import { balanceCounters } from '../../../src/features/books/chart.ts';
import type { LimitRule } from '../../../src/features/books/limit-rules.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { CNY } from '../../../src/kernel/currencies.ts';
import { uuid } from '../../../src/kernel/ids.ts';
import { money } from '../../../src/kernel/money.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { createEmptyDatabase, migrateTo, type TestDatabase } from '../../support/database.ts';

/** What accounts of their own counted of limits before counters did is used after it. */

const PERSON = uuid('00000000-0000-7000-8000-000000000001');
const BALANCE = 100_000n;
let home: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  home = await createEmptyDatabase();
  await migrateTo(home, '0061');
  owner = new pg.Client({ connectionString: home.ownerConnectionString });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await home.drop();
});

const kept = [
  { limit: 'balance_day', period: '2026-11-22', used: 300n, since: '1 hour' },
  { limit: 'balance_year', period: '2026', used: 700n, since: '200 days' },
  { limit: 'without_pin_day', period: '2026-11-22', used: 120n, since: '1 hour' },
  { limit: 'balance_lifetime', period: 'lifetime', used: 5n, since: '900 days' },
  // Over long ago, and what is counted in accounts still.
  { limit: 'balance_day', period: '2026-10-01', used: 11n, since: '50 days' },
  { limit: 'balance_pause', period: '2026-11-22T00:00:00.000Z', used: 12n, since: '1 hour' },
  { limit: 'top_up_day', period: '2026-11-22', used: 13n, since: '1 hour' },
];

test('what was used of a limit in a period that may still last', async () => {
  await owner.query(
    `insert into person (id, phone_digest, phone_sealed, phone_masked, language, balance_account, created_at)
     values ($1, sha256('1'), '\\x00', '+86 1', 'en', $2, now())`,
    [PERSON, BALANCE],
  );
  await owner.query('insert into ledger_account (id, ledger, code, flags) values ($1, 156, 1, 1)', [BALANCE]);
  for (const [index, { limit, period, used, since }] of kept.entries()) {
    const number = BALANCE + 1n + BigInt(index);
    await owner.query(
      `insert into ledger_account (id, ledger, code, flags, credits_posted, debits_posted) values ($1, 1156, 6, 1, 1000, $2)`,
      [number, used],
    );
    await owner.query(
      `insert into allowance (person_id, limit_name, period, account_number, granted_minor, policy_version, created_at)
       values ($1, $2, $3, $4, 1000, 'of then', now() - $5::interval)`,
      [PERSON, limit, period, number, since],
    );
  }

  await migrate(home.ownerConnectionString);

  const clock = systemClock;
  const database = connectDatabase({ connectionString: home.connectionString, applicationRole: true, max: 2 });
  const ledger = await openLedger({ connectionString: home.connectionString, clock });
  const rule = (limit: string, period: string): LimitRule => ({
    limit,
    period,
    allowance: money(1_000n, CNY),
    resetsAt: null,
    counter: limit.startsWith('without_pin') ? balanceCounters.paidWithoutPin : balanceCounters.paid,
  });
  const usedOf = async (limit: string, period: string) => {
    const holder = { id: PERSON, balanceAccount: BALANCE };
    const [read] = await readAllowances({ database, ledger, clock }, holder, [rule(limit, period)], 'of now');
    return read?.used.minor;
  };
  expect(await usedOf('balance_day', '2026-11-22')).toBe(300n);
  expect(await usedOf('balance_year', '2026')).toBe(700n);
  expect(await usedOf('without_pin_day', '2026-11-22')).toBe(120n);
  expect(await usedOf('balance_lifetime', 'lifetime')).toBe(5n);
  expect(await usedOf('balance_day', '2026-11-23')).toBe(0n);
  const { rows } = await owner.query(
    `select limit_name, period from limit_period where policy_version = 'of then' order by 1, 2`,
  );
  expect(rows.map((row) => `${row.limit_name} ${row.period}`)).toEqual([
    'balance_day 2026-11-22',
    'balance_lifetime lifetime',
    'balance_year 2026',
    'without_pin_day 2026-11-22',
  ]);
  await ledger.close();
  await database.close();
});
