import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertOutsideTransaction, connectDatabase, type Database } from '../../../src/database/database.ts';
import { isDatabaseGone } from '../../../src/http/overload.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let home: TestDatabase;
let database: Database;

beforeAll(async () => {
  home = await createTestDatabase();
  database = connectDatabase({ connectionString: home.connectionString, applicationRole: true, max: 4 });
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

test('a connection works as purser_app from its first statement, and RESET ROLE does not leave it', async () => {
  const role = async () => {
    const { rows } = await sql<{ role: string }>`select current_user as role`.execute(database.kysely);
    return rows[0]?.role;
  };
  expect(await role()).toBe('purser_app');
  const client = await database.pool.connect();
  try {
    await client.query('reset role');
    expect((await client.query('select current_user as role')).rows).toEqual([{ role: 'purser_app' }]);
  } finally {
    client.release();
  }
});

test('the application may not make or change tables, nor read the list of migrations', async () => {
  const refused = expect.objectContaining({ code: '42501' });
  await expect(sql`create table a (b int)`.execute(database.kysely)).rejects.toEqual(refused);
  await expect(sql`delete from database_migration`.execute(database.kysely)).rejects.toEqual(refused);
  await expect(sql`select * from database_migration`.execute(database.kysely)).rejects.toEqual(refused);
  await expect(sql`set role purser`.execute(database.kysely)).rejects.toEqual(refused);
});

test('int8 arrives as bigint, timestamptz as Date, a date as text', async () => {
  const { rows } = await sql`
    select 9007199254740993::int8 as a, array[1, null]::int8[] as b, '2026-02-03'::date as d,
      '2026-02-03T04:05:06Z'::timestamptz as t, '{"x":[1]}'::jsonb as j
  `.execute(database.kysely);
  expect(rows).toEqual([
    { a: 9007199254740993n, b: [1n, null], d: '2026-02-03', t: new Date('2026-02-03T04:05:06Z'), j: { x: [1] } },
  ]);
});

test('a transaction is READ COMMITTED, commits when its work returns and rolls back when it throws', async () => {
  const owner = connectDatabase({ connectionString: home.ownerConnectionString, applicationRole: false, max: 2 });
  await sql`create table kept (n int8)`.execute(owner.kysely);
  await owner.transaction(async (tx) => {
    const { rows } = await sql`show transaction_isolation`.execute(tx);
    expect(rows).toEqual([{ transaction_isolation: 'read committed' }]);
    await sql`insert into kept values (1)`.execute(tx);
  });
  const failing = owner.transaction(async (tx) => {
    await sql`insert into kept values (2)`.execute(tx);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect((await sql`select n from kept`.execute(owner.kysely)).rows).toEqual([{ n: 1n }]);
  await owner.close();
});

test('nothing asks the world outside, or opens a second transaction, inside a transaction', async () => {
  assertOutsideTransaction('a bank was asked');
  const asking = database.transaction(async () => assertOutsideTransaction('a bank was asked'));
  await expect(asking).rejects.toThrow('assertion: a bank was asked inside a database transaction');
  const nested = database.transaction(() => database.transaction(async () => 1));
  await expect(nested).rejects.toThrow('assertion: a transaction inside a database transaction');
});

test('whoever waits in line for a connection is patient; one that cannot be made is given up on soon', async () => {
  const narrow = connectDatabase({ connectionString: home.connectionString, applicationRole: true, max: 1 });
  const busy = sql`select pg_sleep(6)`.execute(narrow.kysely);
  expect((await sql`select 1 as one`.execute(narrow.kysely)).rows).toEqual([{ one: 1 }]);
  await busy;
  await narrow.close();

  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const nowhere = new URL(home.connectionString);
  nowhere.port = String((silent.address() as AddressInfo).port);
  const sockets = new Set<Socket>();
  silent.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  const lost = connectDatabase({ connectionString: nowhere.href, applicationRole: true, max: 1 });
  const asked = await sql`select 1`.execute(lost.kysely).catch((error: unknown) => error);
  expect(isDatabaseGone(asked), String(asked)).toBe(true);
  await lost.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

test('a broken idle connection is told and replaced', async () => {
  const errors: Error[] = [];
  const fragile = connectDatabase({
    connectionString: home.connectionString,
    applicationRole: true,
    max: 1,
    onError: (error) => errors.push(error),
  });
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(fragile.kysely);
  const owner = connectDatabase({ connectionString: home.connectionString, applicationRole: false, max: 1 });
  await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(owner.kysely);
  await owner.close();
  await expect.poll(() => errors.length).toBe(1);
  expect((await sql`select 1 as one`.execute(fragile.kysely)).rows).toEqual([{ one: 1 }]);
  await fragile.close();
});

test('a connection that breaks inside a transaction, between two statements, fails that transaction alone', async () => {
  const other = connectDatabase({ connectionString: home.connectionString, applicationRole: false, max: 1 });
  const failing = database.transaction(async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other.kysely);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await sql`select 1`.execute(tx);
  });
  await expect(failing).rejects.toThrow();
  expect((await sql`select 1 as one`.execute(database.kysely)).rows).toEqual([{ one: 1 }]);
  await other.close();
});
