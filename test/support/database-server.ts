import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/database/embedded.ts';
import { migrate } from '../../src/database/migrate.ts';

const PREFIX = 'purser-test-';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseServer: { connectionString: string; ownerConnectionString: string };
  }
}

let stop = async (): Promise<void> => {};

/** One server for a whole run, with a migrated template that each test file copies. */
export async function setup(project: TestProject): Promise<void> {
  const parent = fastestFolder();
  removeLeftFolders(parent);
  const folder = await mkdtemp(join(parent, PREFIX));
  writeFileSync(join(folder, 'run.pid'), String(process.pid));
  try {
    const server = await startEmbeddedPostgres({ folder, settings: { max_connections: '300' } });
    await migrate(server.ownerConnectionString);
    const { connectionString, ownerConnectionString } = server;
    project.provide('databaseServer', { connectionString, ownerConnectionString });
    stop = async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Nothing of it stays. */
export const teardown = (): Promise<void> => stop();

/** Memory where there is enough of it: the server keeps its full durability and nothing waits for a disk. */
export function fastestFolder(): string {
  if (!existsSync('/dev/shm')) return tmpdir();
  const { bavail, bsize } = statfsSync('/dev/shm');
  return bavail * bsize > 2 * 1024 ** 3 ? '/dev/shm' : tmpdir();
}

/** A run that was killed could not tidy up; its server ended with it, its folder is left for us. */
function removeLeftFolders(parent: string): void {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(PREFIX))) {
    try {
      const pid = Number(readFileSync(join(parent, name, 'run.pid'), 'utf8'));
      process.kill(pid, 0);
    } catch (error) {
      const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
      if (gone) rmSync(join(parent, name), { recursive: true, force: true });
    }
  }
}

/** A connection for making and dropping databases. */
export async function withAdmin<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(connectionString);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
