import { expect, test } from 'vitest';
import { BatchLine } from '../../../src/ledger/batch-line.ts';
import { createTestDatabase } from '../../support/database.ts';
import { CuttingProxy } from './cutting-proxy.ts';

test('a line to a server that greets and then says nothing does not open, and waits for nothing more', async () => {
  const database = await createTestDatabase();
  const { proxy, connectionString } = await CuttingProxy.open(database.connectionString);
  try {
    const open = (patienceMs: number) => BatchLine.open(connectionString, new Map(), () => undefined, patienceMs);
    await (await open(60_000)).close();
    proxy.muteOn('plan_cache_mode');
    await expect(open(300)).rejects.toThrow('timeout');
    await expect.poll(() => proxy.connections).toBe(0);
  } finally {
    await proxy.close();
    await database.drop();
  }
});
