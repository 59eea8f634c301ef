import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../../src/database/embedded.ts';
import { migrate } from '../../../src/database/migrate.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { askAgain, expectTruth, firstEver, quick, type Story, withClient } from './crash-story.ts';
import { makeId } from './fixture.ts';
import { loadTransfer, makeLoadAccounts, runLoad } from './ledger-load.ts';
import { LoadProcess } from './load-process.ts';

/** Whatever dies, at whatever moment: who was answered finds it there once, who was not can ask again and learns which. */

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
describe('with a database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  test('the process is killed at random moments, 20 times', async () => {
    const stories: Story[] = [firstEver];
    for (let round = 0; round < 20; round += 1) {
      const load = new LoadProcess(database.connectionString, 16);
      await load.waitUntilHeard(1);
      await wait(Math.random() * 60);
      await load.kill();
      const answers = await askAgain(database, load);
      stories.push(load, { asked: [], heard: answers });
    }
    await expectTruth(database.ownerConnectionString, stories);
  }, 120_000);

  test('a frozen writer is replaced, and can write nothing when it wakes', async () => {
    const leaseMs = 600;
    const frozen = new LoadProcess(database.connectionString, 16, leaseMs);
    await frozen.waitUntilHeard(50);
    frozen.signal('SIGSTOP');
    const heardBefore = frozen.heard.size;
    const next = new LoadProcess(database.connectionString, 16, leaseMs);
    await next.waitUntilHeard(50);
    frozen.signal('SIGCONT');
    await next.waitUntilHeard(next.heard.size + 500);
    // What was under way when it froze may have been committed and is found by it; nothing new is.
    while (frozen.lost.size === 0 && frozen.heard.size === heardBefore) await wait(20);
    await next.kill();
    // Now it is its turn again.
    await frozen.waitUntilHeard(frozen.heard.size + 50);
    await frozen.kill();
    const again = await askAgain(database, {
      asked: [...frozen.asked, ...next.asked],
      heard: new Map([...frozen.heard, ...next.heard]),
    });
    await expectTruth(database.ownerConnectionString, [frozen, next, { asked: [], heard: again }, firstEver]);
  }, 60_000);

  test('the answer to a commit is lost, 20 times: no caller notices, nothing moves twice', async () => {
    const { proxy, connectionString } = await CuttingProxy.open(database.connectionString);
    const ledger = await openLedger({ connectionString, clock: systemClock, limits: quick });
    await makeLoadAccounts(ledger);
    const asked: string[] = [];
    const heard = new Map<string, string>();
    let lost = 0;
    let goesOn = true;
    const load = runLoad(ledger, 32, () => goesOn, {
      asked: (id) => asked.push(id),
      heard: (id, word) => heard.set(id, word),
      lost: () => {
        lost += 1;
      },
    });
    for (let round = 0; round < 20; round += 1) {
      await wait(40 + Math.random() * 60);
      if (round % 2 === 0) await proxy.loseAnswers(20);
      else proxy.cut();
    }
    await wait(100);
    goesOn = false;
    await load;
    await ledger.close();
    await proxy.close();
    expect(lost).toBe(0);
    expect(heard.size).toBe(asked.length);
    // Its own first commit is what each of them hears, not an echo of it.
    expect([...heard.values()].filter((word) => word === 'exists')).toEqual([]);
    await expectTruth(database.ownerConnectionString, [{ asked, heard }]);
  }, 60_000);

  test('nobody waits for ever: without a database calls end as LedgerUnavailable, and too many at once as LedgerBusy', async () => {
    const { proxy, connectionString } = await CuttingProxy.open(database.connectionString);
    const ledger = await openLedger({
      connectionString,
      clock: systemClock,
      limits: { giveUpMs: 300, retryMs: 20, maxWaiting: 100 },
    });
    await makeLoadAccounts(ledger);
    const one = makeId();
    await ledger.post([[loadTransfer(one)]]);
    await proxy.close();
    await wait(50);
    const calls = await Promise.allSettled(Array.from({ length: 150 }, () => ledger.post([[loadTransfer(makeId())]])));
    const names = calls.map((call) => (call.status === 'rejected' ? (call.reason as Error).name : 'answered'));
    expect(names.filter((name) => name === 'LedgerUnavailable')).toHaveLength(100);
    expect(names.filter((name) => name === 'LedgerBusy')).toHaveLength(50);
    await ledger.close();
    await expect(ledger.post([[loadTransfer(one)]])).rejects.toThrow('closed');
  });
});

test('PostgreSQL crashes under load, 20 times: it comes back, and every answer was true', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'purser-ledger-crash-'));
  const server = await startEmbeddedPostgres({ folder, settings: { restart_after_crash: 'on' } });
  try {
    await migrate(server.ownerConnectionString);
    const ledger = await openLedger({ connectionString: server.connectionString, clock: systemClock, limits: quick });
    await makeLoadAccounts(ledger);
    const asked: string[] = [];
    const heard = new Map<string, string>();
    let goesOn = true;
    const load = runLoad(ledger, 32, () => goesOn, {
      asked: (id) => asked.push(id),
      heard: (id, word) => heard.set(id, word),
      lost: (_, error) => {
        throw error;
      },
    });
    for (let round = 0; round < 20; round += 1) {
      const before = heard.size;
      while (heard.size < before + 200) await wait(5);
      await wait(Math.random() * 30);
      // A killed backend makes the server throw away all memory and recover from its log, as after a loss of power.
      const pid = await withClient(server.ownerConnectionString, async (client) => {
        const sql = "select pid from pg_stat_activity where application_name = 'purser ledger line' limit 1";
        return (await client.query<{ pid: number }>(sql)).rows[0]?.pid;
      });
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    }
    await wait(300);
    goesOn = false;
    await load;
    await ledger.close();
    expect(heard.size).toBe(asked.length);
    await expectTruth(server.ownerConnectionString, [{ asked, heard }]);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
