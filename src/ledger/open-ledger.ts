import { connectDatabase } from '../database/database.ts';
import type { RiderTable } from '../database/rider.ts';
import { systemClock, type Clock } from '../kernel/clock.ts';
import { deriveId } from '../kernel/ids.ts';
import { systemRandom } from '../kernel/random.ts';
import type { AnyTransfer } from './books.ts';
import { checkAsked } from './check-asked.ts';
import { createAccounts } from './create-accounts.ts';
import { openNeighbourhood, type LedgerAddress } from './forwarding/neighbourhood.ts';
import type { AccountId, Ledger } from './ledger.ts';
import { defaultLimits, type LedgerLimits } from './ledger-limits.ts';
import * as read from './read-ledger.ts';
import { riderTablesOf } from './riders.ts';
import type { Asked, Riders } from './waiting-calls.ts';
import { LedgerWriter } from './writer.ts';

const READERS = 4;
/** The writer's own: it must not wait behind those who read histories. */
const WRITER_READERS = 2;

const THIS_MACHINE: LedgerAddress = { host: '127.0.0.1', port: 0 };

export type LedgerDeps = {
  connectionString: string;
  clock: Clock;
  /** Real time for waits and time-outs. */
  pace?: Clock;
  limits?: Partial<LedgerLimits>;
  /** Tables of other rooms whose rows may ride with a movement; every process on a database names the same. */
  riders?: readonly RiderTable[];
  /** Where other processes on this database bring their calls while this one writes; one of this machine by itself. */
  listen?: LedgerAddress;
  onProblem?: (error: Error) => void;
};

/**
 * The ledger on a migrated PostgreSQL. Any number of processes may open it; one of them at a time writes. Calls made
 * elsewhere are passed on to it, and hear `LedgerUnavailable` when nobody answers in time.
 */
export async function openLedger(deps: LedgerDeps): Promise<Ledger> {
  const { connectionString, clock } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const onProblem = deps.onProblem ?? (() => undefined);
  const riderTables = riderTablesOf(deps.riders ?? []);
  const { pool } = connectDatabase({ connectionString, applicationRole: true, max: READERS, onError: onProblem });
  const reader = connectDatabase({
    connectionString,
    applicationRole: true,
    max: WRITER_READERS,
    // Plans of statements over arrays are made once, for an index; batches differ too much for the planner's guesses.
    settings: {
      plan_cache_mode: 'force_generic_plan',
      enable_seqscan: 'off',
      statement_timeout: `${limits.batchTimeoutMs}ms`,
    },
    onError: onProblem,
  }).pool;
  await pool.query('select 1');
  const pace = deps.pace ?? systemClock;
  const check = (asked: Asked) => checkAsked(riderTables, asked);
  const writer = new LedgerWriter({
    ...{ connectionString, clock, pace, limits, reader, onProblem },
    riders: riderTables,
    neighbours: openNeighbourhood({
      ...{ reader, pace, limits, onProblem, check },
      random: systemRandom,
      listen: deps.listen ?? THIS_MACHINE,
    }),
  });
  const ask = (chains: readonly (readonly AnyTransfer[])[], before?: Date, riders?: Riders) => {
    let size = 0;
    for (const chain of chains) size += chain.length;
    return size === 0
      ? Promise.resolve(chains.map(() => []))
      : writer.ask({ kind: 'post', chains, before, riders }, size);
  };
  let closed: Promise<void> | undefined;
  return {
    createAccounts: (accounts) => createAccounts(pool, accounts),
    // Not an async function: each call of one keeps a promise more until its commit.
    post: (chains, also) => {
      try {
        check({ kind: 'post', chains, riders: also?.riders });
      } catch (error) {
        return Promise.reject(error);
      }
      return ask(chains, also?.before, also?.riders);
    },
    account: async (id) => (await read.accounts(pool, [id])).get(id),
    accounts: (ids) => read.accounts(pool, ids),
    transfer: (id) => read.transfer(pool, id),
    transfersOf: (operationId) => read.transfersOf(pool, operationId),
    history: (accountId, page) => read.history(pool, accountId, page),
    balanceAt: (accountId, at) => read.balanceAt(pool, accountId, at),
    setAccountState: async (accountId: AccountId, state) => {
      await writer.ask({ kind: 'state', accountId, state }, 1);
    },
    expireHolds: async (limit) => {
      const due = await read.dueHolds(pool, clock.now(), limit);
      const outcomes = await ask(
        due.map(({ id, ...rest }) => [{ kind: 'expire', id: deriveId(id, 'expired'), pendingId: id, ...rest }]),
      );
      return outcomes.flat().filter((each) => each.outcome === 'posted').length;
    },
    close: () => {
      closed ??= writer.close().then(async () => {
        await Promise.all([pool.end(), reader.end()]);
      });
      return closed;
    },
  };
}
