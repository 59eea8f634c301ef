import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'vitest';
import { fastestFolder } from '../../support/database-server.ts';
import { killBackends, killPostgres } from './crash-rounds.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(fastestFolder(), 'purser-crash-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a process of PostgreSQL is killed under load, 20 times: it recovers, and every answer was true', () =>
  killBackends(folder, 20));

test('PostgreSQL is killed under load, 20 times: it is started again, and every answer was true', () =>
  killPostgres(folder, 20));
