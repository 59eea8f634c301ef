import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../../../src/database/migrate.ts';
import { createEmptyDatabase, type TestDatabase } from '../../support/database.ts';

let home: TestDatabase;
let folder: string;

beforeEach(async () => {
  home = await createEmptyDatabase();
  folder = await mkdtemp(join(tmpdir(), 'purser-migrations-'));
});
afterEach(async () => {
  await home.drop();
  await rm(folder, { recursive: true, force: true });
});

const write = (name: string, sql: string) => writeFile(join(folder, name), sql);
const run = () => migrate(home.ownerConnectionString, { folder });

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: home.ownerConnectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('each migration runs once, in the order of its number', async () => {
  await write('0002-b.sql', 'create table b (a int references a)');
  await write('0001-a.sql', 'create table a (id int primary key)');
  expect(await run()).toEqual(['0001-a.sql', '0002-b.sql']);
  expect(await run()).toEqual([]);
  await write('0003-c.sql', 'create table c ()');
  expect(await run()).toEqual(['0003-c.sql']);
});

test('several starters at once wait for each other and apply each migration once', async () => {
  await write('0001-a.sql', 'create table a (id int); select pg_sleep(0.2)');
  await write('0002-b.sql', 'insert into a values (1)');
  const applied = await Promise.all(Array.from({ length: 6 }, run));
  expect(applied.flat().sort()).toEqual(['0001-a.sql', '0002-b.sql']);
  expect(await query('select count(*)::int as n from a')).toEqual([{ n: 1 }]);
});

test('a migration that fails leaves nothing of itself, and the ones before it stay', async () => {
  await write('0001-a.sql', 'create table a (id int)');
  await write('0002-b.sql', 'create table b (id int); select 1 / 0');
  await expect(run()).rejects.toThrow('The migration 0002-b.sql failed and changed nothing: division by zero (22012)');
  expect(await query("select to_regclass('a') is not null as a, to_regclass('b') is not null as b")).toEqual([
    { a: true, b: false },
  ]);
  await write('0002-b.sql', 'create table b (id int)');
  expect(await run()).toEqual(['0002-b.sql']);
});

test('a migration edited after it was applied is refused', async () => {
  await write('0001-a.sql', 'create table a (id int)');
  await run();
  await write('0001-a.sql', 'create table a (id bigint)');
  await expect(run()).rejects.toThrow('The migration 0001-a.sql was edited after it was applied');
});

test('a database that a newer version migrated is refused', async () => {
  await write('0001-a.sql', 'create table a (id int)');
  await write('0002-b.sql', 'create table b (id int)');
  await run();
  await rm(join(folder, '0002-b.sql'));
  await expect(run()).rejects.toThrow('This database was migrated by a newer Purser (0002-b.sql)');
});

test('two migrations of one number, and a name without a number, are refused before anything runs', async () => {
  await write('0001-a.sql', 'create table a (id int)');
  await write('0001-b.sql', 'create table b (id int)');
  await expect(run()).rejects.toThrow('Two migrations have the number 1: 0001-a.sql and 0001-b.sql');
  await rm(join(folder, '0001-b.sql'));
  await write('later.sql', 'select 1');
  await expect(run()).rejects.toThrow('A migration is named NNNN-what-it-does.sql, not later.sql');
  expect(await query("select to_regclass('a') is null as none")).toEqual([{ none: true }]);
});
