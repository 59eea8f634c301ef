import { LedgerFixture } from '../rooms/ledger/fixture.ts';
import { describeLedger } from './ledger-conformance.ts';
import { openModelLedger } from './model-ledger.ts';

describeLedger('the ledger on PostgreSQL', (clock) => LedgerFixture.openSubject(clock));

describeLedger('the ledger on PostgreSQL, one call per batch and almost no memory', (clock) =>
  LedgerFixture.openSubject(clock, {
    maxBatch: 1,
    secondLineFrom: 1,
    cache: { accounts: 2, transfers: 2, holds: 1 },
  }),
);

describeLedger('the plain model', async (clock) => openModelLedger(clock));
