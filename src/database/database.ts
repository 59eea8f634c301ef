import { AsyncLocalStorage } from 'node:async_hooks';
import { Kysely, PostgresDialect, type Transaction as KyselyTransaction } from 'kysely';
import pg from 'pg';
import { assert } from '../kernel/assert.ts';
import { columnTypes } from './column-types.ts';
import { askAgainWhenOutdated, prepareStatements } from './prepare-statements.ts';
import type { Schema } from './schema.ts';

/** An open transaction (READ COMMITTED). Only `Database.transaction` gives one. */
export type Transaction = KyselyTransaction<Schema> & { readonly __transaction: true };

export type Database = {
  /** For reading, and for single statements that are whole by themselves. */
  kysely: Kysely<Schema>;
  /**
   * Runs `work` in one transaction: committed when it returns, rolled back when it throws. Nothing in it may wait for
   * the world outside (`assertOutsideTransaction`), and it cannot be nested. When the commit itself fails (a lost
   * connection), whether it took place is unknown: ask again by id.
   */
  transaction: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;
  /** The connections themselves, for statements that Kysely is too slow or too high for. */
  pool: pg.Pool;
  /** Waits for what is running and gives all connections back. */
  close: () => Promise<void>;
};

const openTransaction = new AsyncLocalStorage<true>();

/** Whoever asks the world outside calls this first: rows must not stay locked while a bank thinks. */
export function assertOutsideTransaction(what: string): void {
  assert(openTransaction.getStore() === undefined, `${what} inside a database transaction`);
}

/** What each session is given. A frozen or forgotten process must not hold locks for ever. */
const sessionSettings: Readonly<Record<string, string>> = {
  search_path: 'public',
  timezone: 'UTC',
  statement_timeout: '30s',
  lock_timeout: '10s',
  idle_in_transaction_session_timeout: '30s',
};

/**
 * A plan is made once for each prepared statement, and may be made while its table is all but empty; then reading the
 * whole table looks best, and stays so until the server takes statistics, with work that grows with every row. What the
 * application asks for has its index.
 */
const planned = { enable_seqscan: 'off' };

/** How long one waits for a connection to be made. */
const DIAL_MS = 10_000;
/**
 * How long one waits in line for a connection. Where all are in use, or a machine with too much to do has not come to give
 * one on, the database is not gone: a request that has begun would be told that nobody knows what it did. How many wait
 * is bounded at the door.
 */
const IN_LINE_MS = 20_000;

/** The pool knows one time for both. */
class DialingClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(typeof config === 'string' ? config : { ...config, connectionTimeoutMillis: DIAL_MS });
  }
}

/**
 * A pool of connections. With `applicationRole` each works as `purser_app` from its first statement on; without, as
 * the login itself (migrations, checks). int8 arrives as bigint, timestamptz as Date, in this pool alone.
 * `onError` hears of idle connections that break; the pool replaces them by itself.
 */
export function connectDatabase(input: {
  connectionString: string;
  applicationRole: boolean;
  max: number;
  settings?: Readonly<Record<string, string>>;
  onError?: (error: Error) => void;
}): Database {
  const settings = {
    ...sessionSettings,
    ...input.settings,
    ...(input.applicationRole ? { role: 'purser_app', ...planned } : {}),
  };
  const pool = new pg.Pool({
    ...withSettings(input.connectionString, settings),
    max: input.max,
    connectionTimeoutMillis: IN_LINE_MS,
    Client: DialingClient,
    // Above the server's own limit: for a network that swallows the answer.
    query_timeout: 40_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    types: columnTypes,
    application_name: 'purser',
  });
  pool.on('error', (error) => input.onError?.(error));
  // The pool listens to idle connections only. One that breaks while in use rejects its query; without a listener the
  // event would end the process besides.
  pool.on('connect', (client) => client.on('error', () => {}));
  askAgainWhenOutdated(pool);
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: prepareStatements(pool) }) });
  return {
    kysely,
    pool,
    transaction: async (work) => {
      assertOutsideTransaction('a transaction');
      return openTransaction.run(true, () =>
        kysely
          .transaction()
          .setIsolationLevel('read committed')
          .execute((tx) => work(tx as Transaction)),
      );
    },
    close: async () => {
      await kysely.destroy();
      // Kysely ends the pool only when it was ever used.
      if (!pool.ended && !pool.ending) await pool.end();
    },
  };
}

/**
 * Settings travel in the start-up packet, so there is no moment at which a connection works without them, and
 * RESET ROLE leads back to purser_app.
 */
function withSettings(
  connectionString: string,
  settings: Readonly<Record<string, string>>,
): { connectionString: string } {
  const url = new URL(connectionString);
  const given = url.searchParams.get('options');
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  url.searchParams.set('options', [...(given ? [given] : []), ...ours].join(' '));
  // pg reads "+" in a query as itself, not as a blank.
  url.search = url.search.replaceAll('+', '%20');
  return { connectionString: url.href };
}
