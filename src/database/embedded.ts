import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { systemRandom } from '../kernel/random.ts';
import { CannotStart, codeOf, reasonOf } from './cannot-start.ts';
import { handOver } from './hand-over.ts';
import { makeFolder } from './make-folder.ts';
import { clusterPathFor, endLeftServer, startPostgres } from './postgres-process.ts';
import {
  findServerUser,
  type Programs,
  preparePrograms,
  removeCopy,
  type ServerUser,
  serverEnvironment,
} from './postgres-programs.ts';
import { birthOf, isAlive } from './process-identity.ts';

const MAJOR_VERSION = '18';

/** Given on the command line, where no file and no ALTER SYSTEM can undo them. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  password_encryption: 'scram-sha-256',
  // The ends of every active account's history stay in memory; taken from the machine only as they are used.
  shared_buffers: '512MB',
  // Whole pages go to the log once after each checkpoint: fewer of those under load, and a crash still recovers soon.
  max_wal_size: '2GB',
  // Files of the log are used again: a new one is filled with zeros while everybody waits, a dozen a second under load.
  min_wal_size: '1GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Values of statements are personal data and secrets: the server's log never holds them. Its messages of failed
  // statements repeat values, so those go to the application alone.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_min_duration_statement: '-1',
};

/** The PostgreSQL that Purser carries with it, running. */
export type EmbeddedPostgres = {
  port: number;
  /** For the application: a login that owns nothing. */
  connectionString: string;
  /** For migrations: the owner of everything, who may make roles and databases. */
  ownerConnectionString: string;
  /** The user it runs as, when that is not ours. */
  runsAs: string | undefined;
  /** Resolves with a sentence when the server ends, asked or not. */
  ended: Promise<string>;
  stop: () => Promise<void>;
};

type Passwords = { superuser: string; owner: string; server: string };
type Running = { pid: number; birth: string; copy?: string };

/**
 * Starts the embedded PostgreSQL 18 with its data in `<folder>/postgres`, made on the first start and kept. It listens
 * on a free port of the loopback only, with passwords made here, and ends with this process however that ends. A
 * server left by a killed process is ended first. Throws `CannotStart` with one sentence when it cannot.
 */
export async function startEmbeddedPostgres(input: {
  folder: string;
  settings?: Readonly<Record<string, string>>;
  say?: (sentence: string) => void;
}): Promise<EmbeddedPostgres> {
  const folder = await enterFolder(input.folder);
  const claim = await claimFolder(folder);
  const cluster = join(folder, 'postgres');
  const user = await findServerUser(cluster);
  let programs: Programs | undefined;
  try {
    await endLeftServer(cluster);
    programs = await preparePrograms(user);
    claim.record(programs.copy);
    if (!existsSync(cluster)) {
      input.say?.('Making a new database (PostgreSQL 18)');
      await makeCluster(folder, cluster, programs.folder, user);
    }
    if (user) await handOver(cluster, user);
    checkVersion(cluster);
    const passwords = readPasswords(cluster);
    const logFile = join(folder, 'postgres.log');
    const command = { programs, cluster, logFile, user, settings: { ...settings, ...input.settings } };
    const server = await startPostgres(command);
    const release = async () => {
      await server.stop();
      await removeCopy(programs?.copy);
      claim.release();
    };
    await ensureRoles(server.port, passwords).catch(async (error: unknown) => {
      await release();
      throw error;
    });
    const url = (role: string, password: string) => `postgres://${role}:${password}@127.0.0.1:${server.port}/purser`;
    return {
      port: server.port,
      connectionString: url('purser_server', passwords.server),
      ownerConnectionString: url('purser', passwords.owner),
      runsAs: user?.name,
      ended: server.ended,
      stop: release,
    };
  } catch (error) {
    await removeCopy(programs?.copy);
    claim.release();
    throw error;
  }
}

/**
 * The embedded database of another process that has it running, for a command beside it; `undefined` when none has.
 */
export function findRunningPostgres(
  folder: string,
): Pick<EmbeddedPostgres, 'connectionString' | 'ownerConnectionString'> | undefined {
  const running = readRunning(join(folder, 'running.json'));
  if (!running || !isAlive(running.pid) || birthOf(running.pid) !== running.birth) return undefined;
  const cluster = join(folder, 'postgres');
  const lock = join(cluster, 'postmaster.pid');
  const port = existsSync(lock) ? readFileSync(lock, 'utf8').split('\n')[3]?.trim() : undefined;
  if (!port) throw new CannotStart(`Purser is just starting on ${folder} (process ${running.pid}): try again soon.`);
  const { owner, server } = readPasswords(cluster);
  const url = (role: string, password: string) => `postgres://${role}:${password}@127.0.0.1:${port}/purser`;
  return { connectionString: url('purser_server', server), ownerConnectionString: url('purser', owner) };
}

async function enterFolder(path: string): Promise<string> {
  try {
    await makeFolder(path);
    const probe = join(path, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
    return realpathSync(path);
  } catch (error) {
    throw new CannotStart(
      `The data folder ${path} cannot be written (${reasonOf(error)}). ` +
        'Give this user the right to write it, or name another folder with PURSER_DATA.',
    );
  }
}

/** One Purser per data folder. A claim of a process that is no more counts for nothing. */
async function claimFolder(folder: string): Promise<{ record: (copy?: string) => void; release: () => void }> {
  const file = join(folder, 'running.json');
  const earlier = readRunning(file);
  if (earlier && earlier.pid !== process.pid && isAlive(earlier.pid) && birthOf(earlier.pid) === earlier.birth) {
    throw new CannotStart(
      `Purser already runs on the data folder ${folder} (process ${earlier.pid}). ` +
        'Stop it first, or name another folder with PURSER_DATA.',
    );
  }
  if (earlier?.copy) await removeCopy(earlier.copy);
  const record = (copy?: string) => {
    const running: Running = { pid: process.pid, birth: birthOf(process.pid), ...(copy ? { copy } : {}) };
    writeFileSync(file, `${JSON.stringify(running)}\n`, { mode: 0o600 });
  };
  record();
  return { record, release: () => rmSync(file, { force: true }) };
}

function readRunning(file: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Made beside its place and moved there when whole, so that a start that was cut short leaves no half a database. */
async function makeCluster(
  folder: string,
  cluster: string,
  programs: string,
  user: ServerUser | undefined,
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('postgres.new')) await rm(join(folder, name), { recursive: true, force: true });
  }
  const made = join(folder, 'postgres.new');
  const password = () => Buffer.from(systemRandom.bytes(24)).toString('base64url');
  const passwords: Passwords = { superuser: password(), owner: password(), server: password() };
  const passwordFile = join(folder, 'postgres.new-password');
  try {
    await mkdir(made, { mode: 0o700 });
    writeFileSync(passwordFile, `${passwords.superuser}\n`, { mode: 0o600 });
    if (user) for (const path of [made, passwordFile]) await chown(path, user.uid, user.gid);
    await runInitdb(made, passwordFile, programs, user);
    const kept = join(made, 'purser.json');
    writeFileSync(kept, `${JSON.stringify(passwords)}\n`, { mode: 0o600 });
    await rename(made, cluster);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    if (codeOf(error) === 'ENOSPC') throw new CannotStart(`The disk that holds ${folder} is full: make room on it.`);
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function runInitdb(
  made: string,
  passwordFile: string,
  programs: string,
  user: ServerUser | undefined,
): Promise<void> {
  const folder = openSync(made, 'r');
  const password = openSync(passwordFile, 'r');
  try {
    const options = [
      `--pgdata=${clusterPathFor(made, user)}`,
      `--pwfile=${user ? '/proc/self/fd/4' : passwordFile}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      // A new file of the log is filled with zeros while everybody waits: a small one takes a few milliseconds.
      '--wal-segsize=4',
      '--encoding=UTF8',
      '--locale=C',
      // The builtin provider's order never changes with the machine's C library, which would spoil indexes.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
    ];
    const child = spawn(join(programs, 'bin/initdb'), options, {
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
      cwd: '/',
      env: serverEnvironment,
      stdio: ['ignore', 'pipe', 'pipe', folder, password],
    });
    let words = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (words += String(chunk)));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code === 0) return;
    if (words.includes('effective user ID')) {
      throw new CannotStart(
        `PostgreSQL needs a user with a name, and user ${process.getuid?.()} has none on this machine: ` +
          'add it to /etc/passwd, start Purser as another user, or set PURSER_DATABASE_URL.',
      );
    }
    const lines = words.trim().split('\n');
    const fault = lines.findLast((line) => /error|fatal/i.test(line)) ?? lines.at(-1) ?? '';
    throw new CannotStart(`The database could not be made in ${made}: ${fault} (exit code ${code}).`);
  } finally {
    closeSync(folder);
    closeSync(password);
  }
}

function checkVersion(cluster: string): void {
  const file = join(cluster, 'PG_VERSION');
  const version = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  if (version === MAJOR_VERSION) return;
  throw new CannotStart(
    version === undefined
      ? `${cluster} is there but holds no PostgreSQL database: move it away, or name another folder with PURSER_DATA.`
      : `${cluster} was made by PostgreSQL ${version}, and Purser carries ${MAJOR_VERSION}. ` +
          'Start the version of Purser that made it, or move the data over with pg_dump and PURSER_DATABASE_URL.',
  );
}

function readPasswords(cluster: string): Passwords {
  try {
    return JSON.parse(readFileSync(join(cluster, 'purser.json'), 'utf8'));
  } catch (error) {
    throw new CannotStart(
      `The database's passwords in ${join(cluster, 'purser.json')} cannot be read (${reasonOf(error)}): restore that file.`,
    );
  }
}

/** Roles and the database itself; each start makes what is missing, so a first start that was cut short is no trouble. */
async function ensureRoles(port: number, passwords: Passwords): Promise<void> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: passwords.superuser,
    database: 'postgres',
    ssl: false,
  });
  await client.connect();
  try {
    const { rows } = await client.query("select from pg_database where datname = 'purser'");
    if (rows.length > 0) return;
    const quoted = (text: string) => client.escapeLiteral(text);
    await client.query(`
      do $$ begin
        if to_regrole('purser_app') is null then create role purser_app nologin; end if;
        if to_regrole('purser') is null then create role purser login createrole createdb; end if;
        if to_regrole('purser_server') is null then create role purser_server login noinherit; end if;
      end $$;
      alter role purser password ${quoted(passwords.owner)};
      alter role purser_server password ${quoted(passwords.server)};
      grant purser_app to purser with admin option;
      grant purser_app to purser_server;
    `);
    await client.query('create database purser owner purser');
  } finally {
    await client.end();
  }
}
