import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, type Database } from '../../src/database/database.ts';
import {
  allowancesOfOperation,
  allowancesToUse,
  readAllowances,
  useAllowance,
  usesOf,
  type Allowance,
  type KnownAllowance,
} from '../../src/features/books/allowances.ts';
import { accountId, balanceAccount, houseAccounts } from '../../src/features/books/chart.ts';
import { createKnownAllowances } from '../../src/features/books/known-allowances.ts';
import type { Holder } from '../../src/features/books/limit-periods.ts';
import { rulesOfPolicy } from '../../src/features/books/rules-of-policy.ts';
import { payFromBalance } from '../../src/features/payments/pay-from-balance.ts';
import type { Mover } from '../../src/features/people/person.ts';
import { CNY } from '../../src/kernel/currencies.ts';
import { money } from '../../src/kernel/money.ts';
import { LedgerFixture, makeId, post } from '../rooms/ledger/fixture.ts';
import { StandingClock } from '../conformance/ledger-scene.ts';

/**
 * What a limit allows is used to the fen and no further, whoever begins its period or pays at once. At midnight in
 * Shanghai, at the end of a year too, the next one begins: with all of its allowance, and with nothing that was begun
 * before.
 */

const LAST_MS = new Date('2026-12-31T15:59:59.999Z');
const clock = new StandingClock(LAST_MS.getTime());
const rules = rulesOfPolicy(clock);
const shop = accountId(99_999n);
const MUCH = 100_000_000_00n;
let fixture: LedgerFixture;
let database: Database;
let nextAccount = 50_000n;

beforeAll(async () => {
  fixture = await LedgerFixture.create({}, clock);
  await fixture.withOwner((client) =>
    client.query(
      'alter table allowance drop constraint allowance_person_id_fkey; ' +
        'alter table limit_period drop constraint limit_period_person_id_fkey',
    ),
  );
  await fixture.ledger.createAccounts([...houseAccounts, { id: shop, ledger: 156, code: 1 }]);
  database = connectDatabase({ connectionString: fixture.database.connectionString, applicationRole: true, max: 4 });
});
afterAll(async () => {
  await database.close();
  await fixture.close();
});

async function makeHolder(): Promise<Holder> {
  nextAccount += 1n;
  await fixture.ledger.createAccounts([balanceAccount(nextAccount)]);
  await fixture.one(post(shop, accountId(nextAccount), MUCH));
  return { id: makeId(), balanceAccount: nextAccount };
}

const deps = () => ({ database, ledger: fixture.ledger, clock });
const rulesNow = () => rules.balance(2, clock.now(), null);
const toUse = (person: Holder) => allowancesToUse(deps(), person, rulesNow(), rules.version());
const readNow = (person: Holder) => readAllowances(deps(), person, rulesNow(), rules.version());
const left = (all: readonly Allowance[]) => Object.fromEntries(all.map((each) => [each.limit, each.available.minor]));

/** One word for a payment that uses these limits. */
async function pay(person: Holder, allowances: readonly KnownAllowance[], fen: bigint, key = makeId()) {
  const { before, counts } = usesOf(key, allowances, money(fen, CNY));
  const [chain] = await fixture.outcomes([
    ...before,
    post(accountId(person.balanceAccount), shop, fen, { id: key, counts }),
  ]);
  return chain!.at(-1)!;
}

test('of a year and of its last day: the last millisecond counts to the old, the next to the new, whoever remembers what', async () => {
  const person = await makeHolder();
  const knownOf = createKnownAllowances(deps());
  const known = () => knownOf(person, rulesNow(), rules.version());
  const fresh = left(await readNow(person));
  expect(Object.keys(fresh)).toEqual(['balance_day', 'balance_year']);
  const day = fresh['balance_day']!;
  const before = await known();

  // All of the day, to the last fen, by sixteen at once of which half are too many.
  const key = makeId();
  const part = day / 8n;
  expect(part * 8n).toBe(day);
  const keys = Array.from({ length: 16 }, (_, at) => (at === 0 ? key : makeId()));
  const heard = await Promise.all(keys.map((each) => pay(person, before, part, each)));
  expect(heard.filter((each) => each === 'posted')).toHaveLength(8);
  expect(heard.filter((each) => each === 'exceeds_counter')).toHaveLength(8);
  expect(left(await readNow(person))).toEqual({ balance_day: 0n, balance_year: fresh['balance_year']! - day });
  expect(await pay(person, await known(), 1n)).toBe('exceeds_counter');

  clock.advance(1);
  expect(left(await readNow(person))).toEqual(fresh);
  const after = await known();
  expect(await pay(person, after, day)).toBe('posted');
  expect(await pay(person, after, 1n)).toBe('exceeds_counter');

  // What was paid before midnight and is asked for again afterwards is the same payment, and counts once.
  expect(await pay(person, after, part, key)).toBe('exists');
  expect(left(await readNow(person))).toEqual({ balance_day: 0n, balance_year: fresh['balance_year']! - day });

  // Nor does the old day come back with a clock that does.
  clock.advance(-1);
  expect(left(await readNow(person))['balance_day']).toBe(0n);
  expect(await pay(person, before, 1n)).toBe('exceeds_counter');
  clock.advance(1);
});

test('whoever begins a period, at once or late, with payments of others between: all count from the same place', async () => {
  const person = await makeHolder();
  const day = left(await readNow(person))['balance_day']!;
  expect(await pay(person, await toUse(person), 500n)).toBe('posted');
  clock.advance(24 * 3_600_000);
  // As many processes, none of which knows the new day; each pays as soon as it does.
  const heard = await Promise.all(
    Array.from({ length: 12 }, async () =>
      pay(person, await createKnownAllowances(deps())(person, rulesNow(), rules.version()), day / 8n),
    ),
  );
  expect(heard.filter((each) => each === 'posted')).toHaveLength(8);
  expect(left(await readNow(person))['balance_day']).toBe(0n);
});

test('a limit that is lowered within its period, or raised, holds at once; what was used stays used', async () => {
  const person = await makeHolder();
  const [rule] = rulesNow();
  const of = (allowance: bigint) => [{ ...rule!, allowance: money(allowance, CNY) }];
  const use = (allowance: bigint) => allowancesToUse(deps(), person, of(allowance), rules.version());
  const at = async (allowance: bigint) => {
    const read = await readAllowances(deps(), person, of(allowance), rules.version());
    return read.map(({ available, used }) => [available.minor, used.minor]);
  };
  expect(await at(1_000n)).toEqual([[1_000n, 0n]]);
  expect(await pay(person, await use(1_000n), 600n)).toBe('posted');
  expect(await at(1_000n)).toEqual([[400n, 600n]]);
  expect(await at(500n)).toEqual([[0n, 600n]]);
  expect(await pay(person, await use(500n), 1n)).toBe('exceeds_counter');
  expect(await pay(person, await use(2_000n), 1_400n)).toBe('posted');
  expect(await at(2_000n)).toEqual([[0n, 2_000n]]);
});

test('what accounts count keeps the very accounts of then: a hold begun before the end of its period counts there', async () => {
  const person = await makeHolder();
  const rule = { limit: 'top_up_day', period: 'one', allowance: money(100n, CNY), resetsAt: null, counter: null };
  const read = (period: string) => readAllowances(deps(), person, [{ ...rule, period }], rules.version());
  const key = makeId();
  const use = (allowances: readonly KnownAllowance[], fen: bigint, operation = key) =>
    fixture.outcomes(allowances.map((each) => useAllowance(operation, each, money(fen, CNY), 'pending')));
  expect(await use(await read('one'), 60n)).toEqual([['posted']]);
  expect(await use(await read('one'), 41n, makeId())).toEqual([['exceeds_credits']]);
  const again = await allowancesOfOperation(deps(), key, () => read('two'));
  expect(again.map(({ by }) => by)).toEqual((await read('one')).map(({ by }) => by));
  expect(await use(again, 60n)).toEqual([['exists']]);
  expect(left(await read('two'))).toEqual({ top_up_day: 100n });
});

test('of two limits on one counter the nearer one decides, and a limit with an account beside them is used with the movement or not at all', async () => {
  const person = await makeHolder();
  const [dayRule, yearRule] = rulesNow();
  const pause = { limit: 'balance_pause', period: 'p', allowance: money(50n, CNY), resetsAt: null, counter: null };
  const small = { ...yearRule!, allowance: money(70n, CNY) };
  const all = [pause, dayRule!, small];
  const use = () => allowancesToUse(deps(), person, all, rules.version());
  expect(await pay(person, await use(), 51n)).toBe('linked_event_failed');
  expect(await pay(person, await use(), 50n)).toBe('posted');
  expect(left(await readAllowances(deps(), person, all, rules.version()))).toMatchObject({
    balance_pause: 0n,
    balance_year: 20n,
  });
  const without = await allowancesToUse(deps(), person, [dayRule!, small], rules.version());
  expect(await pay(person, without, 21n)).toBe('exceeds_counter');
  expect(await pay(person, without, 20n)).toBe('posted');
});

test('whoever only looks begins no period, even with a clock that is days ahead', async () => {
  const person = await makeHolder();
  const fresh = left(await readNow(person));
  expect(await pay(person, await toUse(person), 500n)).toBe('posted');
  clock.advance(48 * 3_600_000);
  expect(left(await readNow(person))['balance_day']).toBe(fresh['balance_day']);
  clock.advance(-48 * 3_600_000);
  expect(await pay(person, await toUse(person), 700n)).toBe('posted');
  clock.advance(48 * 3_600_000);
  expect(left(await readNow(person))['balance_day']).toBe(fresh['balance_day']);
  expect(await pay(person, await toUse(person), fresh['balance_day']!)).toBe('posted');
});

test('two who pay the same at once each hear their own cause, or pay', async () => {
  const mover = async (): Promise<Mover> => ({
    ...(await makeHolder()),
    nameMasked: null,
    isVerified: true,
    accountState: 'normal',
    accountCause: null,
    accountReviewAt: null,
    accountAuthority: null,
    pause: null,
    channelCount: 3,
  });
  const payments = { ...deps(), limits: rules };
  const [one, two, three] = [await mover(), await mover(), await mover()];
  const day = left(await readNow(one))['balance_day']!;
  for (const payer of [one, two]) expect(await pay(payer, await toUse(payer), day)).toBe('posted');
  const payee = shop;
  const payAtOnce = (payers: readonly Mover[]) => {
    const order = { transferId: makeId(), code: 3, payee, amount: money(500n, CNY), mineUntil: fixture.inMs(60_000) };
    return Promise.all(payers.map((payer) => payFromBalance(payments, { ...order, operationKey: makeId(), payer })));
  };
  const refusedByDay = { outcome: 'refused', failure: { code: 'limit.day' } };
  expect(await payAtOnce([one, two])).toMatchObject([refusedByDay, refusedByDay]);
  const [first, second, third] = await payAtOnce([one, two, three]);
  expect(third).toMatchObject({ outcome: 'paid' });
  // Or what is true by then, where the third came before their second try.
  for (const heard of [first, second]) {
    expect(heard).toMatchObject(heard?.outcome === 'refused' ? refusedByDay : { outcome: 'made_by_another' });
  }
});
