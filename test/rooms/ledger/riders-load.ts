import { insertsInto, updatesOf } from '../../../src/database/rider.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { loadAccount, loadTransfer, makeLoadAccounts } from './ledger-load.ts';

/** Tables of a room that knows nothing of the ledger, for tests of rows that ride with its movements. */

export const notes = insertsInto('ride_note', {
  id: 'uuid',
  n: 'int4',
  amount: 'int8',
  text: 'text',
  data: 'jsonb',
  digest: 'bytea',
  at: 'timestamptz',
});
export const counters = updatesOf('ride_counter', { id: 'int8', version: 'int4' }, { version: 'int4', last: 'uuid' });
export const riderTables = [notes.definition, counters.definition];

export const makeRiderTables = `
  create table ride_note (id uuid primary key, n int, amount bigint check (amount < 1000000), text text, data jsonb,
    digest bytea, at timestamptz);
  create table ride_counter (id bigint primary key, version int not null, last uuid);
  insert into ride_counter select i, 0, null from generate_series(1, 64) i;
  grant select, insert on ride_note to purser_app;
  grant select, update on ride_counter to purser_app;`;

/** Callers who each move money over and over, with a note and the next version of a counter of their own. */
async function keepRiding(connectionString: string, callers: number): Promise<void> {
  const ledger = await openLedger({
    connectionString,
    clock: systemClock,
    riders: riderTables,
    limits: { retryMs: 20, maxBatch: 8, secondLineFrom: 1 },
  });
  await makeLoadAccounts(ledger);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const caller = async (index: number) => {
    for (let version = 0; ; version += 1) {
      const transfer = { ...loadTransfer(newId(systemClock, systemRandom)), debitAccountId: loadAccount(0) };
      const note = notes.row({
        id: transfer.id,
        n: version,
        amount: 1n,
        text: 'ride',
        data: '{}',
        digest: null,
        at: systemClock.now(),
      });
      const counter = counters.row({ id: BigInt(index + 1), version }, { version: version + 1, last: transfer.id });
      say(`asked ${transfer.id}`);
      const [[outcome] = []] = await ledger.post([[transfer]], { riders: [[note, counter]] });
      say(`heard ${transfer.id} ${outcome?.outcome === 'refused' ? outcome.reason : outcome?.outcome}`);
      if (outcome?.outcome === 'refused') version -= 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, index) => caller(index)));
}

if (import.meta.main) {
  const [connectionString = '', callers = '8'] = process.argv.slice(2);
  await keepRiding(connectionString, Number(callers));
}
