import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describeSchema } from '../src/database/describe-schema.ts';
import { startEmbeddedPostgres } from '../src/database/embedded.ts';
import { migrate } from '../src/database/migrate.ts';

/**
 * Writes src/database/schema.ts and schema.sql from the migrations. It works on a server and a folder of its own, and
 * a file changes in one step, so any number of runs at once is no trouble.
 */
async function generateSchema(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'purser-schema-'));
  try {
    const server = await startEmbeddedPostgres({ folder });
    try {
      await migrate(server.ownerConnectionString);
      const client = new pg.Client({ connectionString: server.ownerConnectionString });
      await client.connect();
      const files = await describeSchema(client).finally(() => client.end());
      await replaceFile('schema.ts', files.types);
      await replaceFile('schema.sql', files.sql);
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function replaceFile(name: string, text: string): Promise<void> {
  const path = fileURLToPath(new URL(`../src/database/${name}`, import.meta.url));
  const before = await readFile(path, 'utf8').catch(() => '');
  if (before === text) return;
  const made = `${path}.${process.pid}`;
  await writeFile(made, text);
  await rename(made, path);
  console.log(`src/database/${name} is new`);
}

await generateSchema();
