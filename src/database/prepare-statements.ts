import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';

/** How many texts are prepared on each connection at most: more than the wallet has, and what it costs stays bounded. */
const MOST_PREPARED = 400;
/**
 * The table that a prepared `select *` reads was given another column since. Found before anything was carried out. What
 * the server says of it in words is in its own language.
 */
const isOutdated = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery';

/**
 * Connections for Kysely on which every statement with parameters is prepared: parsed once, and planned a few times,
 * instead of both each time.
 */
export function prepareStatements(pool: pg.Pool): PostgresPool {
  const names = createNames(MOST_PREPARED);
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect();
      const query = (text: string, values: readonly unknown[]) => run(client, names, text, values);
      // Nothing reads with cursors, the other thing that a query can be for Kysely.
      return {
        query: query as unknown as PostgresPoolClient['query'],
        release: (isBroken) => client.release(isBroken),
      };
    },
    end: () => pool.end(),
  };
}

async function run(client: pg.PoolClient, names: Names, text: string, values: readonly unknown[]) {
  for (;;) {
    // Without parameters it goes as one simple message: `begin`, `commit` and the like.
    const name = values.length > 0 ? names.of(text) : undefined;
    if (name === undefined) return client.query(text, [...values]);
    try {
      return await client.query({ name, text, values: [...values] });
    } catch (error) {
      if (!isOutdated(error)) throw error;
      // A transaction is lost by it; whoever comes next has the new name.
      names.renew(text, name);
      if (client.getTransactionStatus() !== 'I') throw error;
    }
  }
}

/**
 * Statements that the pool itself is given by name. It drops a connection on which one fails, and with it what was prepared
 * there: asked again, it meets each of the others once at most.
 */
export function askAgainWhenOutdated(pool: pg.Pool): void {
  const ask = pool.query.bind(pool) as (...words: unknown[]) => Promise<unknown>;
  const again = (words: unknown[], left: number): Promise<unknown> =>
    ask(...words).catch((error: unknown) => {
      if (!isOutdated(error) || left === 0) throw error;
      return again(words, left - 1);
    });
  pool.query = ((...words: unknown[]) => again(words, pool.options.max)) as pg.Pool['query'];
}

type Names = ReturnType<typeof createNames>;

/** The name of each text, the same on all connections; none for what comes when `most` have one. */
export function createNames(most: number) {
  const names = new Map<string, string>();
  let given = 0;
  const give = (text: string): string => {
    given += 1;
    const name = `kysely_${given}`;
    names.set(text, name);
    return name;
  };
  return {
    of: (text: string): string | undefined => names.get(text) ?? (given < most ? give(text) : undefined),
    /** Another name, unless somebody else has given it one meanwhile. */
    renew(text: string, name: string): void {
      if (names.get(text) !== name) return;
      if (given < most) give(text);
      else names.delete(text);
    },
  };
}
