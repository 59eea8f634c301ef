import { writeSync } from 'node:fs';
import { systemClock } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import type { AccountId, Counter, Ledger, NewTransfer } from '../../../src/ledger/ledger.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';

/**
 * A process that keeps a ledger busy until it is killed. Says on its output `asked` and `heard` for each id; started
 * by the tests of crashes as `ledger-load.ts <connection string> <callers> <lease ms> <port>`.
 */

export const LOAD_ACCOUNTS = 20;
export const loadAccount = (index: number): AccountId => BigInt(1_000 + index) as AccountId;

export async function makeLoadAccounts(ledger: Ledger): Promise<void> {
  await ledger.createAccounts(
    Array.from({ length: LOAD_ACCOUNTS }, (_, index) => ({
      id: loadAccount(index),
      ledger: 1,
      code: 1,
      flags: { debitsMustNotExceedCredits: index > 0 },
    })),
  );
}

/** What a lost process asked, by id, so that it can be asked again in the very same words. */
export function loadTransfer(id: string): NewTransfer {
  const digit = (at: number) => Number.parseInt(id.slice(at).slice(0, 2), 16);
  const from = digit(-2) % LOAD_ACCOUNTS;
  const to = (from + 1 + (digit(-4) % (LOAD_ACCOUNTS - 1))) % LOAD_ACCOUNTS;
  const kind = digit(-6) % 8 === 0 ? 'pending' : 'post';
  const [debitAccountId, creditAccountId] = [
    loadAccount(digit(-8) % 2 === 0 ? 0 : from),
    loadAccount(to === 0 ? 1 : to),
  ];
  const amount = BigInt(1 + (digit(-10) % 5));
  // Some are counted, in one counter or in both, never too much.
  const counters = kind === 'post' ? ([[], [], [1], [0, 1]][digit(-12) % 4] as Counter[]) : [];
  const counts = counters.length === 0 ? {} : { counts: counters.map((counter) => ({ counter, upTo: 2n ** 62n })) };
  return { id, kind, debitAccountId, creditAccountId, amount, code: 1, ...counts } as unknown as NewTransfer;
}

export type Heard = {
  asked(id: string): void;
  heard(id: string, word: string): void;
  lost(id: string, error: Error): void;
};

/** Callers who each ask one after the other until told to stop. */
export async function runLoad(ledger: Ledger, callers: number, goesOn: () => boolean, tell: Heard): Promise<void> {
  const ask = async () => {
    while (goesOn()) {
      const id = newId(systemClock, systemRandom);
      tell.asked(id);
      try {
        const outcome = (await ledger.post([[loadTransfer(id)]]))[0]![0]!;
        tell.heard(id, outcome.outcome === 'refused' ? outcome.reason : outcome.outcome);
      } catch (error) {
        tell.lost(id, error as Error);
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, ask));
}

if (import.meta.main) {
  const [connectionString = '', callers = '16', leaseMs = '10000', port = '0'] = process.argv.slice(2);
  // At once: what is still in this process's memory when it is killed was never said.
  const say = (line: string) => writeSync(1, `${line}\n`);
  const ledger = await openLedger({
    connectionString,
    clock: systemClock,
    limits: { leaseMs: Number(leaseMs), giveUpMs: 60_000, retryMs: 20, maxBatch: 8, secondLineFrom: 1 },
    listen: { host: '127.0.0.1', port: Number(port) },
    onProblem: (error) => say(`problem ${error.message}`),
  });
  await makeLoadAccounts(ledger);
  say('ready');
  await runLoad(ledger, Number(callers), () => true, {
    asked: (id) => say(`asked ${id}`),
    heard: (id, word) => say(`heard ${id} ${word}`),
    lost: (id, error) => say(`lost ${id} ${error.name}`),
  });
}
