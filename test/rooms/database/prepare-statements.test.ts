import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, type Database } from '../../../src/database/database.ts';
import { createNames } from '../../../src/database/prepare-statements.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let home: TestDatabase;
let owner: Database;

beforeAll(async () => {
  home = await createTestDatabase();
  owner = connectDatabase({ connectionString: home.ownerConnectionString, applicationRole: false, max: 1 });
});
afterAll(async () => {
  await owner.close();
  await home.drop();
});

/** What the one connection has prepared that holds these words, by how often it was run. */
async function prepared(words: string): Promise<number[]> {
  const { rows } = await owner.pool.query<{ runs: bigint }>(
    'select generic_plans + custom_plans as runs from pg_prepared_statements where strpos(statement, $1) > 0',
    [words],
  );
  return rows.map(({ runs }) => Number(runs));
}

test('a statement with parameters is prepared once and run again; one without is not prepared', async () => {
  for (const number of [1, 2, 3]) {
    const { rows } = await sql<{ n: number }>`select ${number}::int as n, 'first' as words`.execute(owner.kysely);
    expect(rows[0]?.n).toBe(number);
  }
  await owner.transaction(async (tx) => {
    await sql`select ${4}::int as n, 'first' as words`.execute(tx);
    await sql`select 'second' as words`.execute(tx);
  });
  expect(await prepared(`'first'`)).toEqual([4]);
  expect(await prepared(`'second'`)).toEqual([]);
});

test('a table that is given another column meanwhile is read on, also where a transaction is lost by it', async () => {
  await sql`create table growing (n int not null)`.execute(owner.kysely);
  await sql`insert into growing values (${1})`.execute(owner.kysely);
  const read = (db: Database['kysely']) => sql`select * from growing where n > ${0}`.execute(db);
  expect((await read(owner.kysely)).rows).toEqual([{ n: 1 }]);
  await sql`alter table growing add column more int`.execute(owner.kysely);
  expect((await read(owner.kysely)).rows).toEqual([{ n: 1, more: null }]);

  await sql`alter table growing add column most int`.execute(owner.kysely);
  const lost = owner.transaction((tx) => read(tx));
  await expect(lost).rejects.toThrow('cached plan must not change result type');
  const { rows } = await owner.transaction((tx) => read(tx));
  expect(rows).toEqual([{ n: 1, more: null, most: null }]);
});

test('and is read on by what the pool itself is given by name', async () => {
  const more = connectDatabase({ connectionString: home.ownerConnectionString, applicationRole: false, max: 3 });
  await more.pool.query('create table counted (n int not null)');
  const reading = { name: 'counted', text: 'select * from counted where n > $1', values: [0] };
  const onEach = () => Promise.all([1, 2, 3].map(() => more.pool.query(reading)));
  await onEach();
  await more.pool.query('alter table counted add column more int');
  for (const { fields } of await onEach()) expect(fields.map(({ name }) => name)).toEqual(['n', 'more']);
  await expect(more.pool.query('select nothing from nowhere')).rejects.toMatchObject({ code: '42P01' });
  await more.close();
});

test('a statement that fails leaves nothing that the next one could stumble over', async () => {
  const divide = (by: number) => sql<{ n: number }>`select 12 / ${by}::int as n`.execute(owner.kysely);
  await expect(divide(0)).rejects.toThrow('division by zero');
  expect((await divide(4)).rows).toEqual([{ n: 3 }]);
  const wrong = () => sql`select nothing from nowhere where n = ${1}`.execute(owner.kysely);
  await expect(wrong()).rejects.toMatchObject({ code: '42P01' });
  await expect(wrong()).rejects.toMatchObject({ code: '42P01' });
});

test('names are few, and each text keeps its own', () => {
  const names = createNames(3);
  const [a, b] = [names.of('a'), names.of('b')];
  expect(new Set([a, b]).size).toBe(2);
  expect(names.of('a')).toBe(a);
  names.renew('a', String(a));
  const renewed = names.of('a');
  expect([a, b, undefined]).not.toContain(renewed);
  // Whoever met the old name too late changes nothing.
  names.renew('a', String(a));
  expect(names.of('a')).toBe(renewed);
  // All names are given.
  expect(names.of('c')).toBeUndefined();
  expect(names.of('b')).toBe(b);
  names.renew('b', String(b));
  expect(names.of('b')).toBeUndefined();
});
