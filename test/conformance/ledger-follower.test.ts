import type { Clock } from '../../src/kernel/clock.ts';
import type { AccountId, Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { createTestDatabase } from '../support/database.ts';
import { describeLedger } from './ledger-conformance.ts';
import type { LedgerSubject } from './ledger-scene.ts';

/** Whoever asks a process that does not write must not be able to tell. */
describeLedger('a process that passes its calls to the one that writes', openFollower);

async function openFollower(clock: Clock): Promise<LedgerSubject> {
  const database = await createTestDatabase();
  const open = () => openLedger({ connectionString: database.connectionString, clock, limits: { retryMs: 20 } });
  /** Whoever was opened first and has answered a call writes; the other one follows it. */
  const openBoth = async (): Promise<[Ledger, Ledger]> => {
    const writer = await open();
    await writer.setAccountState(404n as AccountId, {}).catch(() => undefined);
    return [writer, await open()];
  };
  let [writer, follower] = await openBoth();
  const close = async () => {
    await follower.close();
    await writer.close();
  };
  return {
    get ledger() {
      return follower;
    },
    async reopen() {
      await close();
      [writer, follower] = await openBoth();
    },
    async close() {
      await close();
      await database.drop();
    },
  };
}
