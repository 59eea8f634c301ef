import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { describeSchema } from '../../../src/database/describe-schema.ts';
import { createTestDatabase } from '../../support/database.ts';

test('schema.ts and schema.sql say what the migrations make (run `npm run schema` after a new one)', async () => {
  const home = await createTestDatabase();
  const client = new pg.Client({ connectionString: home.ownerConnectionString });
  await client.connect();
  const files = await describeSchema(client).finally(() => client.end());
  await home.drop();
  const committed = (name: string) => readFile(new URL(`../../../src/database/${name}`, import.meta.url), 'utf8');
  expect(files.types).toBe(await committed('schema.ts'));
  expect(files.sql).toBe(await committed('schema.sql'));
});
