import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { freePort } from './free-port.ts';
import { isAlive } from '../../src/database/process-identity.ts';
import { fastestFolder } from './database-server.ts';

/** The wallet as `npm start` runs it, in a folder and on ports of its own. */

export const root = fileURLToPath(new URL('../../', import.meta.url));

export type Started = { child: ChildProcess; output: () => string; ended: Promise<number | null> };
export type Ports = { PURSER_PORT: string; PURSER_SANDBOX_PORT: string; PURSER_SHOP_PORT: string };

export async function freePorts(): Promise<Ports> {
  const [wallet, sandbox, shop] = await Promise.all([freePort(), freePort(), freePort()]);
  return { PURSER_PORT: String(wallet), PURSER_SANDBOX_PORT: String(sandbox), PURSER_SHOP_PORT: String(shop) };
}

export const addressOf = (port: string, path: string): string => `http://127.0.0.1:${port}${path}`;
export const statusOf = (port: string, path: string): Promise<number | 'no answer'> =>
  fetch(addressOf(port, path)).then(
    (answer) => answer.status,
    () => 'no answer',
  );

export class ServedRoom {
  readonly folder: string;
  readonly ports: Ports;
  readonly #started: Started[] = [];

  private constructor(folder: string, ports: Ports) {
    this.folder = folder;
    this.ports = ports;
  }

  static async open(): Promise<ServedRoom> {
    return new ServedRoom(await mkdtemp(join(fastestFolder(), 'purser-serve-')), await freePorts());
  }

  #env(env: Record<string, string>): Record<string, string> {
    return { PATH: '/usr/bin:/bin', PURSER_DATA: this.folder, ...this.ports, ...env };
  }

  start(env: Record<string, string> = {}): Started {
    const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
      cwd: root,
      env: this.#env(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += String(chunk)));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const one = { child, output: () => text, ended };
    this.#started.push(one);
    return one;
  }

  async untilReady(one: Started): Promise<void> {
    await expect.poll(() => one.output(), { interval: 50 }).toMatch(/is ready\.|cannot start/);
    expect(one.output()).toContain('is ready.');
  }

  /** Another command as an operator types it; what it printed on both streams, and its exit code. */
  run(words: readonly string[], env: Record<string, string> = {}): Promise<{ code: number | null; says: string }> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ['src/main.ts', ...words],
        { cwd: root, env: this.#env(env) },
        (_error, stdout, stderr) => resolve({ code: child.exitCode, says: `${stdout}${stderr}`.trim() }),
      );
    });
  }

  /** Programs that still run for our folder: the database and whatever listens on our ports. */
  async left(): Promise<string[]> {
    const left: string[] = [];
    const lock = join(this.folder, 'postgres/postmaster.pid');
    if (existsSync(lock) && isAlive(Number(readFileSync(lock, 'utf8').split('\n')[0]))) left.push('database');
    for (const [name, port] of Object.entries(this.ports)) {
      if ((await statusOf(port, '/')) !== 'no answer') left.push(name);
    }
    return left;
  }

  async close(): Promise<void> {
    for (const { child, ended } of this.#started) {
      child.kill('SIGKILL');
      await ended;
    }
    await expect.poll(() => this.left()).toEqual([]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
