import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotStart, codeOf, reasonOf } from '../database/cannot-start.ts';
import { isAlive } from '../database/process-identity.ts';
import { rootFolder } from './run-program.ts';
import type { Say } from './say.ts';

const sources = ['web', 'src/contract', 'src/causes', 'src/kernel', 'src/proof', 'package-lock.json'];
const built = join(rootFolder, 'web/dist');

/** Builds the web app when its sources changed since it was last built; gives the folder it is in. */
export async function buildWeb(say: Say, signal: AbortSignal): Promise<string> {
  // A machine may be given the built app without its sources.
  if (existsSync(join(rootFolder, 'web/vite.config.ts'))) await buildWhenOld(say, signal);
  return built;
}

async function buildWhenOld(say: Say, signal: AbortSignal): Promise<void> {
  const stamp = await hashSources();
  if ((await readStamp()) === stamp) return;
  say('Building the web app');
  // Built beside its place, so that a build that fails or is cut short leaves the earlier one whole.
  const made = join(rootFolder, `web/dist.${process.pid}`);
  try {
    await removeLeftBuilds();
    await runVite(made, signal);
    await writeFile(join(made, '.stamp'), stamp);
    // Somebody else has built the same meanwhile, and perhaps serves it by now: it stays where it is.
    if ((await readStamp()) !== stamp) await replaceFolder(made, built);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EACCES' && code !== 'EROFS') throw error;
    throw new CannotStart(`The web app cannot be built into ${built} (${reasonOf(error)}): make web/ writable.`);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

const readStamp = (): Promise<string | undefined> => readFile(join(built, '.stamp'), 'utf8').catch(() => undefined);

/** A build that was killed could not tidy up. */
async function removeLeftBuilds(): Promise<void> {
  for (const name of await readdir(join(rootFolder, 'web'))) {
    const [, pid] = /^dist\.(\d+)(?:\.former)?$/.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(rootFolder, 'web', name), { recursive: true, force: true });
  }
}

async function hashSources(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const source of sources) await hashInto(hash, source);
  return hash.digest('hex');
}

async function hashInto(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  const entries = await readdir(join(rootFolder, path), { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  });
  if (entries === undefined) {
    const content = await readFile(join(rootFolder, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const isBuilt = path === 'web' && entry.name.startsWith('dist');
    if (!isBuilt) await hashInto(hash, `${path}/${entry.name}`);
  }
}

function runVite(outFolder: string, signal: AbortSignal): Promise<void> {
  const vite = join(rootFolder, 'node_modules/vite/bin/vite.js');
  const options = ['build', 'web', '--outDir', outFolder, '--emptyOutDir', '--logLevel', 'warn'];
  const child = spawn(process.execPath, [vite, ...options], {
    cwd: rootFolder,
    env: { NODE_ENV: 'production', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (words += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new CannotStart(`The web app could not be built:\n${withoutStack(words)}`));
    });
  });
}

const withoutStack = (words: string): string => (words.split(/^\s+at /m)[0] ?? '').trim();

/** Of two starters that built the same at once either may win. The place is empty for no longer than two renamings take. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const former = `${from}.former`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(to, former).catch(ifThere);
      await rename(from, to);
      return await rm(former, { recursive: true, force: true });
    } catch (error) {
      await rm(former, { recursive: true, force: true });
      if (attempt === 5 || !['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
    }
  }
}

function ifThere(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}
