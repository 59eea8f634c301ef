import fc from 'fast-check';
import pg from 'pg';
import type * as Checking from '../../../src/ledger/check-ledger.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { LedgerLimits } from '../../../src/ledger/ledger-limits.ts';
import type * as Opening from '../../../src/ledger/open-ledger.ts';
import { loadTransfer, makeLoadAccounts, runLoad } from './ledger-load.ts';
import { modelProgram, type ModelStep } from './model-program.ts';
import { limitsOfModes, regressions, type Mode } from './model-regressions.ts';
import { runProgram, type Subject } from './model-runner.ts';

/**
 * Runs the programs that once found something and random ones, or two writers at once, against a copy of the sources,
 * and says the first difference: `model-run.ts <folder of the sources> <connection string> <owner's> programs <runs>`.
 */

const [root = '', connectionString = '', owner = '', mode = 'programs', runs = '100', seed] = process.argv.slice(2);
const { openLedger } = (await import(`${root}/ledger/open-ledger.ts`)) as typeof Opening;
const { checkLedger } = (await import(
  new URL('../../../src/ledger/check-ledger.ts', import.meta.url).href
)) as typeof Checking;

let nowMs = Date.UTC(2026, 0, 1);
const clock = {
  now: () => new Date(nowMs),
  sleep: (ms: number) => {
    nowMs += ms;
    return Promise.resolve();
  },
};

/** What the writer recovered from: nobody may have noticed, but on a server in good health there is nothing. */
let recovered: string | undefined;
const open = (limits: Partial<LedgerLimits>) =>
  openLedger({
    connectionString,
    clock,
    limits: { giveUpMs: 15_000, retryMs: 10, ...limits },
    onProblem: (error) => {
      recovered ??= `the writer had to recover: ${error.message}`;
    },
  });

async function check(): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: owner });
  await client.connect();
  try {
    const checked = await checkLedger(client);
    return checked.ok ? undefined : checked.problem;
  } finally {
    await client.end();
  }
}

/** A ledger in a mode, for as long as the work goes on; then the books are checked. */
async function withSubject(
  limits: Partial<LedgerLimits>,
  work: (subject: Subject) => Promise<string | undefined>,
): Promise<string | undefined> {
  let ledger: Ledger = await open(limits);
  const difference = await work({
    get ledger() {
      return ledger;
    },
    reopen: async () => {
      await ledger.close();
      ledger = await open(limits);
    },
    now: clock.now,
    advance: (ms: number) => {
      nowMs += ms;
    },
  });
  await ledger.close();
  return difference ?? check();
}

let run = 0;
async function runOne(subject: Subject, program: readonly ModelStep[]): Promise<string | undefined> {
  run += 1;
  const difference = await runProgram(subject, program, run).catch((error: Error) => `${error.name}: ${error.message}`);
  return difference ?? recovered;
}

const runPrograms = (mode: Mode, numRuns: number) =>
  withSubject(limitsOfModes[mode], async (subject) => {
    const property = fc.asyncProperty(modelProgram(), async (program) => {
      const difference = await runOne(subject, program);
      if (difference !== undefined) throw new Error(difference);
    });
    const result = await fc.check(property, {
      numRuns,
      endOnFailure: true,
      ...(seed === undefined ? {} : { seed: Number(seed) }),
    });
    return result.failed ? `seed ${result.seed}: ${String(result.errorInstance)}` : undefined;
  });

async function runRegressions(): Promise<string | undefined> {
  for (const { mode, program } of regressions) {
    const difference = await withSubject(limitsOfModes[mode], (subject) => runOne(subject, program));
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const ENOUGH_HEARD = 200;

async function runTwoWriters(): Promise<string | undefined> {
  const ledgers = [await open({}), await open({})];
  await makeLoadAccounts(ledgers[0]!);
  const heard = new Map<string, string>();
  const until = Date.now() + 1_500;
  // A slow machine goes on until there is something to look at.
  const goesOn = () => Date.now() < until || heard.size < ENOUGH_HEARD;
  const tell = {
    asked: () => undefined,
    heard: (id: string, word: string) => void heard.set(id, word),
    lost: () => undefined,
  };
  await Promise.all(ledgers.map((ledger) => runLoad(ledger, 8, goesOn, tell)));
  await Promise.all(ledgers.map((ledger) => ledger.close()));
  const ledger = await open({});
  for (const [id, word] of heard) {
    if (word !== 'posted') continue;
    const outcome = (await ledger.post([[loadTransfer(id)]]))[0]![0]!;
    if (outcome.outcome !== 'exists') return `heard posted of ${id}, and it is not there`;
  }
  await ledger.close();
  return heard.size === 0 ? 'nothing was ever answered' : check();
}

const AT_ONCE = 25;

/** Large and tiny memory in turn, so that what only one of them shows is not long in coming. */
async function runAllPrograms(): Promise<string | undefined> {
  for (let done = 0; done < Number(runs); done += AT_ONCE) {
    const difference = (await runPrograms('almost no memory', AT_ONCE)) ?? (await runPrograms('all at once', AT_ONCE));
    if (difference !== undefined) return difference;
    if (done === 0) {
      const known = await runRegressions();
      if (known !== undefined) return known;
    }
  }
  return undefined;
}

const difference = mode === 'two-writers' ? await runTwoWriters() : await runAllPrograms();
process.stdout.write(difference === undefined ? 'no difference\n' : `difference: ${difference}\n`);
process.exit(difference === undefined ? 0 : 1);
