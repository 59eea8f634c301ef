import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, type Database } from '../../src/database/database.ts';
import {
  allowancesOfOperation,
  readAllowances,
  useAllowance,
  type Allowance,
} from '../../src/features/books/allowances.ts';
import { houseAccounts } from '../../src/features/books/chart.ts';
import { createKnownAllowances } from '../../src/features/books/known-allowances.ts';
import { rulesOfPolicy } from '../../src/features/books/rules-of-policy.ts';
import { CNY } from '../../src/kernel/currencies.ts';
import { money } from '../../src/kernel/money.ts';
import { LedgerFixture, makeId } from '../rooms/ledger/fixture.ts';
import { StandingClock } from '../conformance/ledger-scene.ts';

/**
 * A limit is a balance of its period. At midnight in Shanghai, at the end of a year too, the next one begins: with all of
 * its allowance, and with nothing that was begun before.
 */

const LAST_MS = new Date('2026-12-31T15:59:59.999Z');
const person = makeId();
const clock = new StandingClock(LAST_MS.getTime());
const rules = rulesOfPolicy(clock);
let fixture: LedgerFixture;
let database: Database;

beforeAll(async () => {
  fixture = await LedgerFixture.create({}, clock);
  await fixture.withOwner((client) => client.query('alter table allowance drop constraint allowance_person_id_fkey'));
  await fixture.ledger.createAccounts(houseAccounts);
  database = connectDatabase({ connectionString: fixture.database.connectionString, applicationRole: true, max: 4 });
});
afterAll(async () => {
  await database.close();
  await fixture.close();
});

const deps = () => ({ database, ledger: fixture.ledger, clock });
const rulesNow = () => rules.balance(2, clock.now(), null);
const readNow = () => readAllowances(deps(), person, rulesNow(), rules.version());
const left = (all: readonly Allowance[]) => Object.fromEntries(all.map((each) => [each.limit, each.available.minor]));
const use = (allowances: readonly Pick<Allowance, 'limit' | 'account'>[], fen: bigint, key = makeId()) =>
  fixture.outcomes(allowances.map((each) => useAllowance(key, each, money(fen, CNY), 'post')));

test('of a year and of its last day: the last millisecond counts to the old, the next to the new, whoever remembers what', async () => {
  const knownOf = createKnownAllowances(deps());
  const known = () => knownOf(person, rulesNow(), rules.version());
  const fresh = left(await readNow());
  expect(Object.keys(fresh)).toEqual(['balance_day', 'balance_year']);
  const day = fresh['balance_day']!;
  const before = await known();

  // All of the day, to the last fen, by sixteen at once of which half are too many.
  const key = makeId();
  const part = day / 8n;
  expect(part * 8n).toBe(day);
  const heard = await Promise.all(Array.from({ length: 16 }, (_, at) => use(before, part, at === 0 ? key : makeId())));
  expect(heard.filter(([chain]) => chain?.every((each) => each === 'posted'))).toHaveLength(8);
  expect(heard.filter(([chain]) => chain?.[0] === 'exceeds_credits')).toHaveLength(8);
  expect(left(await readNow())).toEqual({ balance_day: 0n, balance_year: fresh['balance_year']! - day });
  expect(await use(await known(), 1n)).toEqual([['exceeds_credits', 'linked_event_failed']]);

  clock.advance(1);
  expect(left(await readNow())).toEqual(fresh);
  const after = await known();
  expect(after.map(({ account }) => account)).not.toEqual(before.map(({ account }) => account));
  expect(await use(after, day)).toEqual([['posted', 'posted']]);
  expect(await use(after, 1n)).toEqual([['exceeds_credits', 'linked_event_failed']]);

  // What was used before midnight and is asked for again afterwards is the same use of the same accounts.
  const again = await allowancesOfOperation(deps(), key, readNow);
  expect(again.map(({ account }) => account)).toEqual(before.map(({ account }) => account));
  expect(await use(again, part, key)).toEqual([['exists', 'exists']]);
  expect(left(await readNow())).toEqual({ balance_day: 0n, balance_year: fresh['balance_year']! - day });

  // Nor does the old day come back with a clock that does.
  clock.advance(-1);
  expect(left(await readNow())['balance_day']).toBe(0n);
});
