import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Config } from '../config.ts';
import { CannotStart, codeOf } from '../database/cannot-start.ts';
import { connectDatabase } from '../database/database.ts';
import { findRunningPostgres, startEmbeddedPostgres } from '../database/embedded.ts';
import { migrate } from '../database/migrate.ts';
import { refuseTemporary, refuseUnsafeDatabase } from '../database/safety.ts';
import type { Say } from './say.ts';

export type OpenDatabase = {
  connectionString: string;
  ownerConnectionString: string;
  /** Resolves with a sentence when a database of ours ends by itself; never for one that was given. */
  ended: Promise<string>;
  stop: () => Promise<void>;
};

/** The database that the configuration names, or the embedded one: running, safe for money, and migrated. */
export async function openDatabase(config: Config, say: Say): Promise<OpenDatabase> {
  const open = config.databaseUrl === undefined ? await startInside(config, say) : useGiven(config, config.databaseUrl);
  try {
    await refuseUnsafeDatabase(open.ownerConnectionString, { strict: config.mode === 'live', say });
    const applied = await migrate(open.ownerConnectionString);
    if (applied.length > 0) say(`Migrated the database (${applied.length} steps)`);
    await refuseTemporary(open.ownerConnectionString, say);
    await refuseWrongLogin(open.connectionString);
    return open;
  } catch (error) {
    await open.stop();
    throw error;
  }
}

/**
 * The same for a command beside a wallet that may be running: its database is used, and left as it is. A command makes no
 * wallet: where there is none it would answer about nothing.
 */
export async function openDatabaseBeside(config: Config, say: Say): Promise<OpenDatabase> {
  const inside = config.databaseUrl === undefined;
  if (inside && !existsSync(join(config.dataFolder, 'postgres'))) {
    throw new CannotStart(
      `There is no wallet in ${config.dataFolder}: say where its data is with PURSER_DATA, or its database with PURSER_DATABASE_URL.`,
    );
  }
  const running = inside ? findRunningPostgres(config.dataFolder) : undefined;
  if (!running) return openDatabase(config, say);
  return { ...running, ended: new Promise(() => {}), stop: async () => {} };
}

async function startInside(config: Config, say: Say): Promise<OpenDatabase> {
  const server = await startEmbeddedPostgres({ folder: config.dataFolder, say });
  const as = server.runsAs === undefined ? '' : ` as ${server.runsAs}`;
  say(`PostgreSQL 18 runs on port ${server.port}${as}, with its data in ${config.dataFolder}/postgres`);
  return server;
}

const useGiven = (config: Config, url: string): OpenDatabase => ({
  connectionString: url,
  ownerConnectionString: config.databaseOwnerUrl ?? url,
  ended: new Promise(() => {}),
  stop: async () => {},
});

async function refuseWrongLogin(connectionString: string): Promise<void> {
  const database = connectDatabase({ connectionString, applicationRole: true, max: 1 });
  try {
    await sql`select 1`.execute(database.kysely);
  } catch (error) {
    if (codeOf(error) !== '42501') throw error;
    const login = decodeURIComponent(new URL(connectionString).username);
    throw new CannotStart(
      `The login "${login}" of PURSER_DATABASE_URL may not work as purser_app. ` +
        `As the database's owner run: grant purser_app to "${login}";`,
    );
  } finally {
    await database.close();
  }
}
