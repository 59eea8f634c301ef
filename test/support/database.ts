import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { inject } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import { withAdmin } from './database-server.ts';

export type TestDatabase = {
  /** As the server uses it: a login that owns nothing. */
  connectionString: string;
  /** As migrations use it: the owner. */
  ownerConnectionString: string;
  /** Ends all its connections and removes it. */
  drop: () => Promise<void>;
};

/** A fresh, migrated database of its own for a test file. */
export const createTestDatabase = (): Promise<TestDatabase> => createDatabase('purser');

/** A database without any table, for tests of the migrations themselves. */
export const createEmptyDatabase = (): Promise<TestDatabase> => createDatabase('template1');

/** Brings a database to where it was before this migration and all after it. */
export async function migrateTo(database: TestDatabase, before: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'purser-migrations-'));
  try {
    for (const name of await readdir(migrations)) {
      if (name.endsWith('.sql') && name < before) await copyFile(join(migrations, name), join(folder, name));
    }
    await migrate(database.ownerConnectionString, { folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const migrations = fileURLToPath(new URL('../../src/database/migrations', import.meta.url));

async function createDatabase(template: string): Promise<TestDatabase> {
  const { connectionString, ownerConnectionString } = inject('databaseServer');
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  const named = (text: string) => {
    const url = new URL(text);
    url.pathname = `/${name}`;
    return url.href;
  };
  await withAdmin(ownerConnectionString, (client) => client.query(`create database ${name} template ${template}`));
  return {
    connectionString: named(connectionString),
    ownerConnectionString: named(ownerConnectionString),
    drop: () => withAdmin(ownerConnectionString, (client) => dropDatabase(client, name)),
  };
}

/**
 * Without force first: the server then sends away an autovacuum worker, which belongs to a superuser and which our
 * login may not end. With force where a test left a connection of its own open.
 */
async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query(`drop database if exists ${name}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === '55006')) throw error;
    await client.query(`drop database if exists ${name} with (force)`);
  }
}
