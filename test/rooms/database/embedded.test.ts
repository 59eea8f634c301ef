import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/database/embedded.ts';
import { isAlive } from '../../../src/database/process-identity.ts';
import { refuseUnsafeDatabase } from '../../../src/database/safety.ts';
import { fastestFolder } from '../../support/database-server.ts';

let pristine: string;
let folder: string;
let children: ChildProcess[];

/** Making a database takes a second, copying one does not: each test starts from the same one, stopped. */
beforeAll(async () => {
  pristine = await mkdtemp(join(fastestFolder(), 'purser-pristine-'));
  await (await startEmbeddedPostgres({ folder: pristine })).stop();
});
afterAll(() => rm(pristine, { recursive: true, force: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(fastestFolder(), 'purser-embedded-'));
  execFileSync('cp', ['-a', `${pristine}/.`, folder]);
  children = [];
});
afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await expect.poll(() => serverProcess(folder)).toBeUndefined();
  await rm(folder, { recursive: true, force: true });
});

async function query(connectionString: string, sql: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

async function withServer<T>(work: (server: EmbeddedPostgres) => Promise<T>): Promise<T> {
  const server = await startEmbeddedPostgres({ folder });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** The process id of the server that runs on the folder. */
function serverProcess(data: string): number | undefined {
  const file = join(data, 'postgres/postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  return isAlive(pid) ? pid : undefined;
}

/** A process of its own that starts the server and stays, to be killed. */
async function startElsewhere(): Promise<{ child: ChildProcess; connectionString: string }> {
  const module = new URL('../../../src/database/embedded.ts', import.meta.url).href;
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)} });
    console.log(server.ownerConnectionString);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  return { child, connectionString: String(line).trim() };
}

test('data, passwords and texts in every script are kept between starts', async () => {
  const first = await withServer(async (server) => {
    await query(server.ownerConnectionString, "create table kept as select '明账'::text as name");
    return server.ownerConnectionString;
  });
  const second = await withServer(async (server) => {
    expect(await query(server.ownerConnectionString, 'select name, lower(name) from kept')).toHaveLength(1);
    return server.ownerConnectionString;
  });
  expect(new URL(second).password).toBe(new URL(first).password);
  expect(existsSync(join(folder, 'running.json'))).toBe(false);
});

test('it listens on the loopback only, asks for a password, and is durable', async () => {
  await withServer(async (server) => {
    const wrong = new URL(server.connectionString);
    wrong.password = 'x';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
    const facts = await query(
      server.ownerConnectionString,
      `select name, setting from pg_settings where name in ('listen_addresses', 'fsync',
        'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding')`,
    );
    expect(
      Object.fromEntries((facts as { name: string; setting: string }[]).map((one) => [one.name, one.setting])),
    ).toEqual({
      data_checksums: 'on',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      server_encoding: 'UTF8',
      synchronous_commit: 'on',
    });
    // Only a superuser may see where it listens besides; its lock file says the same.
    expect(readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n').slice(4, 6)).toEqual([
      '',
      '127.0.0.1',
    ]);
    expect(await query(server.connectionString, 'select rolsuper from pg_roles where rolname = current_user')).toEqual([
      { rolsuper: false },
    ]);
  });
  expect((await stat(join(folder, 'postgres'))).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, 'postgres/purser.json'))).mode & 0o777).toBe(0o600);
});

test('values of statements never reach its log, not even of those that fail', async () => {
  await withServer(async (server) => {
    await query(server.ownerConnectionString, 'create table card (number text check (length(number) < 5))');
    const failing = query(server.ownerConnectionString, 'insert into card values ($1)', ['6222021001123456']);
    await expect(failing).rejects.toThrow('violates check constraint');
    await expect(query(server.ownerConnectionString, 'select $1::int', ['6222021001123456'])).rejects.toThrow(
      'out of range',
    );
  });
  const log = readFileSync(join(folder, 'postgres.log'), 'utf8');
  expect(log).toContain('ready to accept connections');
  expect(log).not.toContain('6222021001123456');
});

test('kill -9 of its parent stops it, and what was committed is there on the next start', async () => {
  const { child, connectionString } = await startElsewhere();
  await query(connectionString, 'create table kept as select 7 as n');
  child.kill('SIGKILL');
  await expect.poll(() => serverProcess(folder)).toBeUndefined();
  await withServer(async (server) => {
    expect(await query(server.ownerConnectionString, 'select n from kept')).toEqual([{ n: 7 }]);
  });
});

test('a start right after kill -9 waits for the dying server', async () => {
  for (let round = 0; round < 3; round += 1) {
    const { child } = await startElsewhere();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await withServer((server) => query(server.ownerConnectionString, 'select 1'));
  }
});

test('a server whose parent and guard were both killed is found and ended by the next start', async () => {
  const { child } = await startElsewhere();
  const left = serverProcess(folder);
  const guards = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').map(Number);
  const watchers = guards.flatMap((pid) =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number),
  );
  for (const pid of [...guards, ...watchers]) if (pid !== left) process.kill(pid, 'SIGKILL');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(serverProcess(folder)).toBe(left);
  await withServer(async (server) => {
    expect(serverProcess(folder)).not.toBe(left);
    await query(server.ownerConnectionString, 'select 1');
  });
});

test('a lock file of a dead server is no hindrance, though its process id belongs to another program', async () => {
  await writeFile(join(folder, 'postgres/postmaster.pid'), `${process.pid}\n${folder}/postgres\n0\n1\n\n\n\nready\n`);
  await withServer((server) => query(server.ownerConnectionString, 'select 1'));
});

test('a first start that was cut short leaves no half a database', async () => {
  await rm(join(folder, 'postgres'), { recursive: true });
  await mkdir(join(folder, 'postgres.new'));
  await writeFile(join(folder, 'postgres.new/PG_VERSION'), '18\n');
  await withServer((server) => query(server.ownerConnectionString, 'select 1'));
  expect((await readdir(folder)).filter((name) => name.startsWith('postgres.new'))).toEqual([]);
});

test('a second Purser on the same folder is refused, and the first one stays whole', async () => {
  const { child, connectionString } = await startElsewhere();
  await expect(startEmbeddedPostgres({ folder })).rejects.toThrow(`Purser already runs on the data folder`);
  expect(await query(connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  child.kill('SIGKILL');
});

test('data of another version, a folder that is no database, and a place that cannot be written are told', async () => {
  await writeFile(join(folder, 'postgres/PG_VERSION'), '17\n');
  await expect(startEmbeddedPostgres({ folder })).rejects.toThrow('was made by PostgreSQL 17, and Purser carries 18');
  await rm(join(folder, 'postgres/PG_VERSION'));
  await expect(startEmbeddedPostgres({ folder })).rejects.toThrow('holds no PostgreSQL database');
  const file = join(folder, 'postgres/PG_VERSION');
  await writeFile(file, '');
  await expect(startEmbeddedPostgres({ folder: join(file, 'below') })).rejects.toThrow('cannot be written');
});

test('settings under which money could be lost are refused', async () => {
  for (const [name, words] of [
    ['fsync', 'fsync off'],
    ['full_page_writes', 'full_page_writes off'],
  ] as const) {
    const server = await startEmbeddedPostgres({ folder, settings: { [name]: 'off' } });
    const looking = refuseUnsafeDatabase(server.ownerConnectionString, { strict: true, say: () => {} });
    await expect(looking).rejects.toThrow(words);
    await server.stop();
  }
});

test.runIf(process.getuid?.() === 0)(
  'as root it runs as another user, also below a folder only root can enter',
  async () => {
    const closed = await mkdtemp(join(homedir(), '.purser-closed-'));
    try {
      await chmod(closed, 0o700);
      const server = await startEmbeddedPostgres({ folder: join(closed, 'deep/data') });
      const pid = serverProcess(join(closed, 'deep/data'));
      expect((await stat(`/proc/${pid}`)).uid).not.toBe(0);
      expect(server.runsAs).toBeDefined();
      await query(
        server.ownerConnectionString,
        'create table big as select n, repeat(md5(n::text), 9) from generate_series(1, 20000) n',
      );
      await server.stop();
      const again = await startEmbeddedPostgres({ folder: join(closed, 'deep/data') });
      expect(await query(again.ownerConnectionString, 'select count(*)::int as n from big')).toEqual([{ n: 20_000 }]);
      await again.stop();
    } finally {
      await rm(closed, { recursive: true, force: true });
    }
  },
);

test('it is gone for whoever waits on it when it ends by itself', async () => {
  const server = await startEmbeddedPostgres({ folder });
  process.kill(serverProcess(folder) ?? 0, 'SIGQUIT');
  expect(await server.ended).toContain('PostgreSQL ended');
  await server.stop();
});
