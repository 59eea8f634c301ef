import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CannotStart } from '../database/cannot-start.ts';
import { makeFolder } from '../database/make-folder.ts';
import type { Say } from './say.ts';

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;
const RESTART_AFTER_MS = 1_000;

export type Program = {
  /** What people call it: "the sandbox". */
  name: string;
  /** Its file, from the root of the project. */
  file: string;
  /** All it gets of the environment. */
  env: Readonly<Record<string, string>>;
  /** Answers below 500 when it is ready. */
  readyUrl: string;
  logFile: string;
};

export const rootFolder = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs a program of its own beside us and waits until it answers. It ends when its standard input does, so it never
 * outlives us; when it ends by itself it is started again.
 */
export async function runProgram(program: Program, say: Say): Promise<{ stop: () => Promise<void> }> {
  await makeFolder(dirname(program.logFile));
  let stopping = false;
  let child = start(program);
  const watch = (running: ChildProcess) => {
    running.once('exit', async (code, signal) => {
      if (stopping) return;
      say(`${program.name} ended (${signal ?? `exit code ${code}`}) and is started again; see ${program.logFile}`);
      await sleep(RESTART_AFTER_MS);
      if (stopping) return;
      child = start(program);
      watch(child);
    });
  };
  const stop = async () => {
    stopping = true;
    await end(child);
  };
  try {
    await waitUntilReady(program, child);
  } catch (error) {
    await stop();
    throw error;
  }
  watch(child);
  return { stop };
}

function start(program: Program): ChildProcess {
  const log = openSync(program.logFile, 'a', 0o600);
  try {
    return spawn(process.execPath, [program.file], {
      cwd: rootFolder,
      env: { ...program.env },
      stdio: ['pipe', log, log],
      // Ctrl-C reaches a whole terminal: it must end after us, not with us.
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

async function waitUntilReady(program: Program, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const answer = await fetch(program.readyUrl, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer && answer.status < 500) return;
    await sleep(50);
  }
  const last = readFileSync(program.logFile, 'utf8')
    .trim()
    .split('\n')
    .findLast((line) => /\w/.test(line));
  throw new CannotStart(`${program.name} did not start${last ? ` (${last.trim()})` : ''}. See ${program.logFile}.`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.destroy();
  await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await ended;
}
