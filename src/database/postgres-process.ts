import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart } from './cannot-start.ts';
import { freePort } from './free-port.ts';
import { type Programs, type ServerUser, serverEnvironment } from './postgres-programs.ts';
import { isAlive, workingFolderOf } from './process-identity.ts';

/**
 * Runs the server, and stops it when its standard input ends. That pipe ends with us however we end, `kill -9`
 * included, so neither the server nor the copy of its programs (the first argument, if any) stays behind. It ends by
 * itself when the server does, with the server's exit code.
 */
const SUPERVISOR = `
copy=$1
shift
asked=
trap 'asked=1; kill -INT "$server" 2>/dev/null' USR1
exec 9<&0
"$@" </dev/null 9<&- &
server=$!
( read -r _ <&9; kill -USR1 $$ ) &
watcher=$!
wait "$server"
code=$?
if [ -n "$asked" ]; then
  wait "$server"
  [ -z "$copy" ] || rm -rf "$copy"
else
  kill "$watcher" 2>/dev/null
fi
exit "$code"
`;

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const MAX_LOG_BYTES = 10 * 1024 * 1024;

export type PostgresProcess = {
  port: number;
  /** Resolves with a sentence when the server ends, asked or not. */
  ended: Promise<string>;
  /** Ends it as a fast shutdown: transactions roll back, everything committed is on disk. */
  stop: () => Promise<void>;
};

export type PostgresCommand = {
  programs: Programs;
  cluster: string;
  logFile: string;
  user: ServerUser | undefined;
  settings: Readonly<Record<string, string>>;
};

/** The folder as the server's user can name it: through an open descriptor it needs no right to enter the way there. */
export const clusterPathFor = (cluster: string, user: ServerUser | undefined): string =>
  user ? '/proc/self/fd/3' : cluster;

/** Starts the server on a free port of the loopback and waits until it accepts connections. */
export async function startPostgres(command: PostgresCommand): Promise<PostgresProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const logStart = await prepareLog(command.logFile);
    const port = await freePort();
    const child = spawnSupervised(command, port);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`PostgreSQL could not be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(`PostgreSQL ended (${signal ?? `exit code ${code}`})`));
    });
    let over: string | undefined;
    void ended.then((sentence) => {
      over = sentence;
    });
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (over === undefined && !isReady(command.cluster, port) && performance.now() < deadline) await sleep(10);
    if (over === undefined && isReady(command.cluster, port)) {
      return { port, ended, stop: () => stopSupervised(child, ended, command.cluster) };
    }
    if (over === undefined) await stopSupervised(child, ended, command.cluster);
    const words = lastFault(command.logFile, logStart) ?? over ?? 'it did not become ready in a minute';
    // The port was taken between our look and its start, or parts of a killed server are still ending.
    const passing = /address already in use|shared memory block|could not bind|lock file/i.test(words);
    if (!passing || attempt === 5) {
      throw new CannotStart(`PostgreSQL did not start: ${words}. See ${command.logFile}.`);
    }
    await sleep(200 * attempt);
  }
}

function spawnSupervised(command: PostgresCommand, port: number): ChildProcess {
  const folder = openSync(command.cluster, 'r');
  const log = openSync(command.logFile, 'a', 0o600);
  try {
    const settings = Object.entries(command.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = [
      join(command.programs.folder, 'bin/postgres'),
      '-D',
      clusterPathFor(command.cluster, command.user),
      '-p',
      String(port),
      ...settings,
    ];
    return spawn('/bin/sh', ['-c', SUPERVISOR, 'purser-postgres', command.programs.copy ?? '', ...server], {
      ...(command.user ? { uid: command.user.uid, gid: command.user.gid } : {}),
      cwd: '/',
      env: serverEnvironment,
      stdio: ['pipe', log, log, folder],
      // Ctrl-C reaches a whole terminal: the server must end after us, not with us.
      detached: true,
    });
  } finally {
    closeSync(folder);
    closeSync(log);
  }
}

async function stopSupervised(child: ChildProcess, ended: Promise<string>, cluster: string): Promise<void> {
  child.stdin?.destroy();
  const graceful = await Promise.race([ended.then(() => true), sleep(STOP_TIMEOUT_MS, false, { ref: false })]);
  if (graceful) return;
  const pid = readPostmaster(cluster)?.pid;
  if (pid !== undefined) kill(pid, 'SIGQUIT');
  await ended;
}

/**
 * Ends a server that an earlier Purser left on this cluster, and takes away its lock file when it is a dead one.
 * The server of a killed Purser is usually ending already; it is waited for first.
 */
export async function endLeftServer(cluster: string): Promise<void> {
  const left = readPostmaster(cluster);
  if (!left) return;
  for (const [signal, waitMs] of [
    [undefined, 3_000],
    ['SIGINT', 15_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    if (!runsOn(left.pid, cluster)) break;
    if (signal) kill(left.pid, signal);
    const deadline = performance.now() + waitMs;
    while (runsOn(left.pid, cluster) && performance.now() < deadline) await sleep(20);
  }
  if (runsOn(left.pid, cluster)) {
    throw new CannotStart(
      `An earlier PostgreSQL (process ${left.pid}) still runs on ${cluster}: end it, then start again.`,
    );
  }
  // Its process id may belong to another program by now, which PostgreSQL would take for itself.
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

const runsOn = (pid: number, cluster: string): boolean => {
  if (!isAlive(pid)) return false;
  const folder = workingFolderOf(pid);
  return folder === undefined ? process.platform !== 'linux' : folder === realpathSync(cluster);
};

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (isAlive(pid)) throw error;
  }
}

function readPostmaster(cluster: string): { pid: number; port: number; status: string } | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return pid > 0 ? { pid, port: Number(lines[3]), status: (lines[7] ?? '').trim() } : undefined;
  } catch {
    return undefined;
  }
}

const isReady = (cluster: string, port: number): boolean => {
  const postmaster = readPostmaster(cluster);
  return postmaster?.port === port && postmaster.status === 'ready';
};

async function prepareLog(logFile: string): Promise<number> {
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0;
  if (size < MAX_LOG_BYTES) return size;
  await rename(logFile, `${logFile}.1`);
  return 0;
}

/** The server's own last word of why it ended. */
function lastFault(logFile: string, from: number): string | undefined {
  if (statSync(logFile, { throwIfNoEntry: false }) === undefined) return undefined;
  const lines = readFileSync(logFile).subarray(from).toString('utf8').trim().split('\n');
  const fault = lines.findLast((line) => /FATAL|PANIC|could not bind|error while loading|Permission denied/.test(line));
  return fault?.replace(/^.*?(FATAL|PANIC|WARNING|LOG):\s*/, '');
}
