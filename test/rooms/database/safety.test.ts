import { createServer } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { refuseTemporary, refuseUnsafeDatabase } from '../../../src/database/safety.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let home: TestDatabase;
const said: string[] = [];
const look = (url: string) => refuseUnsafeDatabase(url, { strict: true, say: (sentence) => said.push(sentence) });

beforeAll(async () => {
  home = await createTestDatabase();
});
afterAll(() => home.drop());
afterEach(() => said.splice(0));

test('the embedded database passes, as its owner and as the application', async () => {
  await look(home.ownerConnectionString);
  await look(home.connectionString);
  expect(said).toEqual([]);
});

test('a database that answers before a commit is on disk is refused', async () => {
  const client = new pg.Client({ connectionString: home.ownerConnectionString });
  await client.connect();
  const name = new URL(home.ownerConnectionString).pathname.slice(1);
  await client.query(`alter database ${name} set synchronous_commit to off`);
  await client.end();
  await expect(look(home.ownerConnectionString)).rejects.toThrow('The database has synchronous_commit off');
});

test('each way of not reaching a database is told in its own sentence, without the password', async () => {
  const url = new URL(home.ownerConnectionString);
  url.password = 'not-the-password';
  await expect(look(url.href)).rejects.toThrow('refuses the login "purser"');
  const other = new URL(home.ownerConnectionString);
  other.pathname = '/absent';
  await expect(look(other.href)).rejects.toThrow('has no database "absent"');
  const port = await freePort();
  const closed = look(`postgres://a:topsecret@127.0.0.1:${port}/b`);
  await expect(closed).rejects.toThrow(`The database at 127.0.0.1:${port} cannot be reached`);
  await expect(closed).rejects.not.toThrow('topsecret');
});

test('a server that is no database is told, too', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await expect(look(`postgres://a:b@127.0.0.1:${port}/b`)).rejects.toThrow('cannot be reached');
  server.close();
});

async function asOwner<T>(work: (client: pg.Client, name: string) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: home.ownerConnectionString });
  await client.connect();
  try {
    return await work(client, new URL(home.ownerConnectionString).pathname.slice(1));
  } finally {
    await client.end();
  }
}
const mayMakeTemporary = () =>
  asOwner(async (client) => {
    const { rows } = await client.query<{ may: boolean }>(
      `select has_database_privilege('purser_app', current_database(), 'TEMPORARY') as may`,
    );
    return rows[0]?.may;
  });
const say = (sentence: string) => void said.push(sentence);

// As after a restore from a dump, which has no rights at the database itself.
test('the right to make temporary tables, which a restore gives to everybody, is taken away by the owner', async () => {
  await asOwner((client, name) => client.query(`grant temporary on database ${name} to public, purser_app`));
  expect(await mayMakeTemporary()).toBe(true);
  await Promise.all([1, 2, 3].map(() => refuseTemporary(home.ownerConnectionString, say)));
  expect(await mayMakeTemporary()).toBe(false);
  expect(said.length).toBeGreaterThanOrEqual(1);
  for (const sentence of said) expect(sentence).toMatch(/temporary tables.* taken away/);
  said.splice(0);
  await refuseTemporary(home.ownerConnectionString, say);
  expect(said).toEqual([]);
});

test('where the database is somebody else’s, its owner is asked for that in a sentence', async () => {
  await asOwner((client, name) => client.query(`grant temporary on database ${name} to public`));
  await refuseTemporary(home.connectionString, say);
  expect(said).toEqual([
    expect.stringMatching(/As the database's owner run: revoke temporary on database \w+ from public/),
  ]);
  expect(await mayMakeTemporary()).toBe(true);
  await refuseTemporary(home.ownerConnectionString, say);
  expect(await mayMakeTemporary()).toBe(false);
});
