import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/database/embedded.ts';

/** As much of the log as its settings allow between two checkpoints. */
const MEGABYTES = 2_048;
const AT_ONCE = 8;

/**
 * A server whose log has its lasting size, as that of one in use: it writes into old files of it again. Each new file is
 * filled with zeros first while everybody waits, which would be measured in the place of what follows.
 */
export async function startUsedPostgres(folder: string): Promise<EmbeddedPostgres> {
  const fresh = await startEmbeddedPostgres({ folder });
  const client = new pg.Client({ connectionString: fresh.ownerConnectionString });
  await client.connect();
  for (let written = 0; written < MEGABYTES; written += AT_ONCE) {
    await client.query("select pg_logical_emit_message(false, 'bench', repeat('.', $1 * 1048576))", [AT_ONCE]);
  }
  await client.end();
  // It ends with a checkpoint, after which what was written is old.
  await fresh.stop();
  return startEmbeddedPostgres({ folder });
}
