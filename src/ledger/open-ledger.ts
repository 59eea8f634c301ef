import { connectDatabase } from '../database/database.ts';
import type { RiderTable } from '../database/rider.ts';
import { assert } from '../kernel/assert.ts';
import { systemClock, type Clock } from '../kernel/clock.ts';
import { deriveId, uuid } from '../kernel/ids.ts';
import type { AnyTransfer } from './books.ts';
import { createAccounts } from './create-accounts.ts';
import type { AccountId, Ledger } from './ledger.ts';
import { defaultLimits, type LedgerLimits } from './ledger-limits.ts';
import * as read from './read-ledger.ts';
import { checkRiders, riderTablesOf } from './riders.ts';
import type { Riders } from './waiting-calls.ts';
import { LedgerWriter } from './writer.ts';

const READERS = 4;
/** The writer's own: it must not wait behind those who read histories. */
const WRITER_READERS = 2;

export type LedgerDeps = {
  connectionString: string;
  clock: Clock;
  /** Real time for waits and time-outs. */
  pace?: Clock;
  limits?: Partial<LedgerLimits>;
  /** Tables of other rooms whose rows may ride with a movement; every process on a database names the same. */
  riders?: readonly RiderTable[];
  onProblem?: (error: Error) => void;
};

/**
 * The ledger on a migrated PostgreSQL. Any number of processes may open it; one of them at a time writes. Calls made
 * elsewhere wait until that process can write, and hear `LedgerUnavailable` when it cannot in time.
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
  const writer = new LedgerWriter({
    connectionString,
    clock,
    pace: deps.pace ?? systemClock,
    limits,
    reader,
    riders: riderTables,
    onProblem,
  });
  const ask = async (chains: readonly (readonly AnyTransfer[])[], before?: Date, riders?: Riders) => {
    const size = chains.reduce((sum, chain) => sum + chain.length, 0);
    return size === 0 ? chains.map(() => []) : writer.ask({ kind: 'post', chains, before, riders }, size);
  };
  return {
    createAccounts: (accounts) => createAccounts(pool, accounts),
    post: async (chains, also) => {
      for (const chain of chains) checkChain(chain);
      if (also?.riders !== undefined) checkRiders(riderTables, chains, also.riders);
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
    close: async () => {
      await writer.close();
      await Promise.all([pool.end(), reader.end()]);
    },
  };
}

/** The form of what is asked; a wrong one is the caller's bug, and nothing of its call is done. */
function checkChain(chain: readonly AnyTransfer[]): void {
  for (const transfer of chain) {
    uuid(transfer.id);
    if ('pendingId' in transfer) uuid(transfer.pendingId);
    else {
      assert(typeof transfer.amount === 'bigint', 'an amount is a bigint');
      assert(typeof transfer.debitAccountId === 'bigint', 'an account is a bigint');
      assert(typeof transfer.creditAccountId === 'bigint', 'an account is a bigint');
      assert(!transfer.expiresAt || !Number.isNaN(transfer.expiresAt.getTime()), 'expiresAt is no moment');
    }
    if (transfer.operationId !== undefined) uuid(transfer.operationId);
    assert(Number.isInteger(transfer.code) && transfer.code >= 0 && transfer.code < 2 ** 31, 'a code is an int4');
  }
  assert(chain.length < 2 || new Set(chain.map((each) => each.id)).size === chain.length, 'an id twice in one chain');
}
