import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { CannotStart, codeOf, reasonOf } from './cannot-start.ts';

type Migration = { number: number; name: string; sql: string; checksum: string };
type Applied = { number: number; name: string; checksum: string };

const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));
const FILE_FORM = /^(\d{4})-[a-z0-9-]+\.sql$/;
/** Any number that nobody else uses: who holds it migrates. */
const LOCK = 7_306_014_501n;

/**
 * Brings the database to this version's schema as its owner: each migration that is missing, in the order of its
 * number and in a transaction of its own. Two starters at once wait for each other. Returns the names of those
 * applied. Throws `CannotStart` when a migration was edited after it was applied, when the database knows one that
 * this version does not, or when one fails (it then left nothing).
 */
export async function migrate(
  connectionString: string,
  options: { folder?: string; say?: (sentence: string) => void } = {},
): Promise<string[]> {
  const migrations = await readMigrations(options.folder ?? migrationsFolder);
  const client = new pg.Client({ connectionString, application_name: 'purser migrate' });
  // A connection that breaks rejects the query under way; the event must not end the process besides.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('set search_path to public; set statement_timeout to 0');
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const missing = findMissing(migrations, await readApplied(client));
    for (const migration of missing) {
      options.say?.(`Migrating the database: ${migration.name}`);
      await apply(client, migration);
    }
    return missing.map((migration) => migration.name);
  } finally {
    await client.end().catch(() => {});
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const number = Number(FILE_FORM.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) throw new CannotStart(`A migration is named NNNN-what-it-does.sql, not ${name}.`);
    const other = migrations.find((migration) => migration.number === number);
    if (other) throw new CannotStart(`Two migrations have the number ${number}: ${other.name} and ${name}.`);
    const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
    migrations.push({ number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') });
  }
  return migrations;
}

async function readApplied(client: pg.Client): Promise<Applied[]> {
  await client.query(`
    create table if not exists database_migration (
      number int primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )
  `);
  const { rows } = await client.query<Applied>('select number, name, checksum from database_migration order by number');
  return rows;
}

function findMissing(migrations: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  for (const done of applied) {
    const migration = known.get(done.number);
    if (!migration) {
      throw new CannotStart(
        `This database was migrated by a newer Purser (${done.name}), which this version would not understand. ` +
          'Start that version or a later one.',
      );
    }
    if (migration.checksum !== done.checksum) {
      throw new CannotStart(
        `The migration ${migration.name} was edited after it was applied to this database. ` +
          'Put the file back as it was and write a new migration.',
      );
    }
  }
  const doneNumbers = new Set(applied.map((done) => done.number));
  return migrations.filter((migration) => !doneNumbers.has(migration.number));
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(migration.sql);
    await client.query('insert into database_migration (number, name, checksum) values ($1, $2, $3)', [
      migration.number,
      migration.name,
      migration.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    const code = codeOf(error);
    // What a migration itself says is a sentence for the person already.
    if (code === 'P0001') throw new CannotStart(reasonOf(error), { cause: error });
    throw new CannotStart(
      `The migration ${migration.name} failed and changed nothing: ${reasonOf(error)}${code ? ` (${code})` : ''}`,
      { cause: error },
    );
  }
}
