import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectDatabase } from '../../../src/database/database.ts';
import { freePort } from '../../support/free-port.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addressOf, freePorts, ServedRoom, statusOf, type Ports, type Started } from '../../support/served.ts';

let room: ServedRoom;
let folder: string;
let ports: Ports;

beforeEach(async () => {
  room = await ServedRoom.open();
  ({ folder, ports } = room);
});
afterEach(() => room.close());

const start = (env: Record<string, string> = {}) => room.start(env);
const untilReady = (one: Started) => room.untilReady(one);

test('one command brings up wallet, sandbox and shop; SIGTERM ends them all', async () => {
  const purser = start();
  await untilReady(purser);
  expect(await statusOf(ports.PURSER_PORT, '/health/ready')).toBe(200);
  expect(await statusOf(ports.PURSER_PORT, '/')).toBe(200);
  expect(await statusOf(ports.PURSER_SANDBOX_PORT, '/desk/samples')).toBe(200);
  expect(await statusOf(ports.PURSER_SHOP_PORT, '/')).toBe(200);
  for (const port of Object.values(ports)) expect(purser.output()).toContain(`:${port}`);
  const samples = (await (await fetch(addressOf(ports.PURSER_SANDBOX_PORT, '/desk/samples'))).json()) as {
    cards: { number: string }[];
  };
  for (const { number } of samples.cards) expect(purser.output()).toContain(number);
  purser.child.kill('SIGTERM');
  expect(await purser.ended).toBe(0);
  expect(await room.left()).toEqual([]);
  expect(existsSync(join(folder, 'running.json'))).toBe(false);
});

test('kill -9 leaves nothing that hinders the next start, which keeps the data', async () => {
  const first = start();
  await untilReady(first);
  const secrets = readFileSync(join(folder, 'secrets.json'), 'utf8');
  first.child.kill('SIGKILL');
  await first.ended;
  const second = start();
  await untilReady(second);
  expect(second.output()).not.toContain('Making a new database');
  expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe(secrets);
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
});

test('a second one on the same data is refused, and the first goes on', async () => {
  const first = start();
  await untilReady(first);
  const second = start(await freePorts());
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`Purser already runs on the data folder`);
  expect(await statusOf(ports.PURSER_PORT, '/health/ready')).toBe(200);
});

test('a second server of one wallet shares its database and sandbox, and writes when the first is killed', async () => {
  const database = await createTestDatabase();
  const shared = {
    PURSER_DATABASE_URL: database.connectionString,
    PURSER_DATABASE_OWNER_URL: database.ownerConnectionString,
    PURSER_SECRETS_FILE: join(folder, 'secrets.json'),
  };
  const looking = connectDatabase({ connectionString: database.connectionString, applicationRole: true, max: 1 });
  const epoch = async () => {
    const { rows } = await looking.pool.query<{ epoch: bigint }>('select epoch from ledger_writer');
    return rows[0]?.epoch;
  };
  const first = start(shared);
  await untilReady(first);
  const port = String(await freePort());
  const itsOwn = { PURSER_PORT: port, PURSER_DATA: join(folder, 'second') };
  const second = start({ ...shared, ...itsOwn, PURSER_SANDBOX: 'shared' });
  await untilReady(second);
  expect(await statusOf(port, '/health/ready')).toBe(200);
  expect(second.output()).toContain(`:${ports.PURSER_SANDBOX_PORT}`);
  expect(await epoch()).toBe(1n);
  first.child.kill('SIGKILL');
  await first.ended;
  await expect.poll(epoch).toBe(2n);
  expect(await statusOf(port, '/health/ready')).toBe(200);
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  await looking.close();
  await database.drop();
});

test('the sandbox that is killed is started again', async () => {
  const purser = start();
  await untilReady(purser);
  const children = readFileSync(`/proc/${purser.child.pid}/task/${purser.child.pid}/children`, 'utf8')
    .trim()
    .split(' ');
  const sandbox = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox/main.ts'));
  process.kill(Number(sandbox), 'SIGKILL');
  await expect.poll(() => purser.output()).toContain('The sandbox ended (SIGKILL)');
  await expect.poll(() => statusOf(ports.PURSER_SANDBOX_PORT, '/desk/samples')).toBe(200);
});

test('a database that dies is told, and everything ends with exit code 1', async () => {
  const purser = start();
  await untilReady(purser);
  process.kill(Number(readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGQUIT');
  expect(await purser.ended).toBe(1);
  expect(purser.output()).toContain('PostgreSQL ended');
  expect(await room.left()).toEqual([]);
});

test('what hinders a start is told in one sentence, with exit code 1 and nothing left running', async () => {
  const refusals: [Record<string, string>, string][] = [
    [{ PURSER_PROT: '1' }, 'The nearest name is PURSER_PORT'],
    [{ PURSER_DATA: '/proc/purser' }, 'The data folder /proc/purser cannot be written'],
    [{ PURSER_DATABASE_URL: `postgres://a:b@127.0.0.1:${await freePort()}/c` }, 'cannot be reached'],
    [{ PURSER_HOST: '192.0.2.1' }, 'This machine has no address 192.0.2.1'],
  ];
  for (const [env, words] of refusals) {
    const purser = start(env);
    expect(await purser.ended, words).toBe(1);
    expect(purser.output()).toContain(`Purser cannot start: `);
    expect(purser.output()).toContain(words);
    expect(purser.output()).not.toMatch(/\n\s+at /);
    expect(await room.left()).toEqual([]);
  }
  const other = createServer((socket) => socket.destroy()).listen(Number(ports.PURSER_SHOP_PORT), '127.0.0.1');
  const purser = start();
  expect(await purser.ended).toBe(1);
  expect(purser.output()).toContain(`Port ${ports.PURSER_SHOP_PORT} is taken by another program`);
  other.close();
});
