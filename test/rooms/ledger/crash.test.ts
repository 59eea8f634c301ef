import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/kernel/clock.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { freezeWriter, killProcess, loseAnswers } from './crash-rounds.ts';
import { insist } from './crash-story.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { makeId } from './fixture.ts';
import { loadTransfer, makeLoadAccounts } from './ledger-load.ts';

/** Whatever dies, at whatever moment: who was answered finds it there once, who was not can ask again and learns which. */

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('with a database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  test('the process is killed at random moments, 20 times', () => killProcess(database, 20));

  test('a frozen writer is replaced, and can write nothing when it wakes', () => freezeWriter(database, 3));

  test('the answer to a commit is lost, 20 times: no caller notices, nothing moves twice', () =>
    loseAnswers(database, 20));

  test('nobody waits for ever: without a database calls end as LedgerUnavailable, and too many at once as LedgerBusy', async () => {
    const { proxy, connectionString } = await CuttingProxy.open(database.connectionString);
    const ledger = await openLedger({
      connectionString,
      clock: systemClock,
      limits: { giveUpMs: 300, retryMs: 20, maxWaiting: 100 },
    });
    await makeLoadAccounts(ledger);
    const one = makeId();
    await insist(() => ledger.post([[loadTransfer(one)]]));
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
