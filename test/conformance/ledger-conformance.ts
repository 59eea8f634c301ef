import { afterAll, beforeAll, describe } from 'vitest';
import type { Clock } from '../../src/kernel/clock.ts';
import { describeAccounts } from './ledger/accounts.ts';
import { describeChains } from './ledger/chains.ts';
import { describeConcurrency } from './ledger/concurrency.ts';
import { describeCounters } from './ledger/counters.ts';
import { describeHolds } from './ledger/holds.ts';
import { describeIds } from './ledger/ids.ts';
import { describeMovements } from './ledger/movements.ts';
import { describePrecedence } from './ledger/precedence.ts';
import { describeReading } from './ledger/reading.ts';
import { LedgerScene, StandingClock, type LedgerSubject } from './ledger-scene.ts';

/**
 * What every implementation of the interface in `src/ledger/ledger.ts` must do. `open` gives new, empty books that go
 * by the clock; nothing but the interface is used.
 */
export function describeLedger(name: string, open: (clock: Clock) => Promise<LedgerSubject>): void {
  describe(name, () => {
    let scene: LedgerScene;
    beforeAll(async () => {
      const clock = new StandingClock();
      scene = new LedgerScene(await open(clock), clock);
    });
    afterAll(() => scene.close());
    const now = () => scene;

    describeMovements(now);
    describePrecedence(now);
    describeIds(now);
    describeHolds(now);
    describeCounters(now);
    describeChains(now);
    describeAccounts(now);
    describeReading(now);
    describeConcurrency(now);
  });
}
