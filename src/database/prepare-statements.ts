import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** How many texts are prepared on each connection at most: more than the wallet has, and what it costs stays bounded. */
const MOST_PREPARED = 400;
/** The table that a prepared `select *` reads was given another column since. */
const OUTDATED = 'cached plan must not change result type';

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
      if (!(error instanceof Error) || error.message !== OUTDATED) throw error;
      // Found before anything was carried out. A transaction is lost by it; whoever comes next has the new name.
      names.renew(text, name);
      if (client.getTransactionStatus() !== 'I') throw error;
    }
  }
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
