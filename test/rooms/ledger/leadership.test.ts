import { afterEach, beforeEach, expect, test } from 'vitest';
import { advertise, readAdvertisement } from '../../../src/ledger/forwarding/advertisement.ts';
import { Leadership } from '../../../src/ledger/leadership.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { withClient } from './crash-story.ts';

/** Who may write, without any writer: the lock, the beat and the epoch by themselves. */

const HOUR = 3_600_000;
let database: TestDatabase;
const standing: Leadership[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const each of standing.splice(0)) each.drop();
  await database.drop();
});

async function stand(): Promise<{ candidate: Leadership; lost: Promise<Error> }> {
  const lost = Promise.withResolvers<Error>();
  const candidate = await Leadership.stand(database.connectionString, lost.resolve);
  standing.push(candidate);
  return { candidate, lost: lost.promise };
}

test('one holds the lock, and keeps it while it is heard of', async () => {
  const [{ candidate: holder, lost }, { candidate }] = [await stand(), await stand()];
  expect([await holder.tryLock(), await candidate.tryLock()]).toEqual([true, false]);
  const { epoch } = await holder.takeOver();
  await candidate.endSilentHolder(HOUR);
  expect(await holder.beat(epoch)).toBe(true);
  expect(await candidate.tryLock()).toBe(false);

  const silent = "update ledger_head set beat_at = clock_timestamp() - interval '2 hours'";
  await withClient(database.ownerConnectionString, (client) => client.query(silent));
  await candidate.endSilentHolder(HOUR);
  expect(await lost).toBeInstanceOf(Error);
  // Its server process may be a moment behind.
  await expect.poll(() => candidate.tryLock()).toBe(true);
});

test('an epoch ends with the next, which the one before learns from its own beat', async () => {
  const [{ candidate: first }, { candidate: second }] = [await stand(), await stand()];
  const before = await first.takeOver();
  expect(await first.beat(before.epoch)).toBe(true);
  const after = await second.takeOver();
  expect(after).toEqual({ ...before, epoch: before.epoch + 1 });
  expect([await first.beat(before.epoch), await second.beat(after.epoch)]).toEqual([false, true]);
});

test('where an earlier epoch was written counts for nothing, and it cannot be told later', async () => {
  await withClient(database.ownerConnectionString, async (client) => {
    const told = async () => (await readAdvertisement(client))?.port;
    const tell = (epoch: number, port: number) =>
      advertise(client, { epoch, host: '127.0.0.1', port, secret: Buffer.alloc(32, epoch) });
    const begin = (epoch: number) => client.query('update ledger_head set epoch = $1', [epoch]);
    expect(await told()).toBeUndefined();
    await begin(1);
    await tell(1, 1_001);
    expect(await told()).toBe(1_001);
    await begin(2);
    expect(await told()).toBeUndefined();
    await tell(2, 1_002);
    // Whoever was replaced without noticing.
    await tell(1, 1_001);
    expect(await told()).toBe(1_002);
  });
});
