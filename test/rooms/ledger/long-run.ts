import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import pg from 'pg';
import { columnTypes } from '../../../src/database/column-types.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/database/embedded.ts';
import { migrate } from '../../../src/database/migrate.ts';
import { checkLedger } from '../../../src/ledger/check-ledger.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { StandingClock } from '../../conformance/ledger-scene.ts';
import { fastestFolder } from '../../support/database-server.ts';
import { freezeWriter, killBackends, killPostgres, killProcess, loseAnswers } from './crash-rounds.ts';
import { modelProgram } from './model-program.ts';
import { limitsOfModes, type Mode } from './model-regressions.ts';
import { countTransfers, runProgram, type Subject } from './model-runner.ts';

/**
 * The long mode of the ledger's tests. Random programs against the plain model until the minutes are over or so many
 * transfers were asked for: prints its seed first; a difference is printed as a program for `model-regressions.ts`,
 * shrunk. With `--crashes`, so many deaths of each kind instead.
 *
 *   npm run test:long -- --minutes 10 [--transfers 2000000] [--seed 1]
 *   npm run test:long -- --crashes 100
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    transfers: { type: 'string', default: 'Infinity' },
    seed: { type: 'string' },
    crashes: { type: 'string' },
  },
});
const firstSeed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const untilMs = Date.now() + Number(values.minutes) * 60_000;
const most = Number(values.transfers);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** As many programs of each mode at a time, and how many transfers at most they ask for at one moment. */
const turns: { mode: Mode; runs: number; flood: number }[] = [
  { mode: 'all at once', runs: 60, flood: 0 },
  { mode: 'largest batches', runs: 8, flood: 8_192 },
  { mode: 'almost no memory', runs: 60, flood: 0 },
  { mode: 'middling batches', runs: 10, flood: 3_000 },
  { mode: 'one by one', runs: 40, flood: 0 },
  { mode: 'one connection', runs: 20, flood: 200 },
];

let asked = 0;
let programs = 0;
let run = 0;
const clock = new StandingClock();

async function runTurn(server: EmbeddedPostgres, turn: (typeof turns)[number], seed: number): Promise<boolean> {
  const problems: string[] = [];
  const open = () =>
    openLedger({
      connectionString: server.connectionString,
      clock,
      // A machine that is busy with other things is no difference.
      limits: { giveUpMs: 120_000, batchTimeoutMs: 60_000, ...limitsOfModes[turn.mode] },
      onProblem: (error) => problems.push(error.message),
    });
  let ledger = await open();
  const subject: Subject = {
    get ledger() {
      return ledger;
    },
    reopen: async () => {
      await ledger.close();
      ledger = await open();
    },
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
  };
  const property = fc.asyncProperty(modelProgram({ flood: turn.flood }), async (program) => {
    run += 1;
    programs += 1;
    asked += countTransfers(program);
    const difference = await runProgram(subject, program, run).catch((error: Error) => String(error.stack));
    if (difference === undefined) return;
    // Said before it is shrunk, which can take long.
    if (!isShrinking) say(`first seen in mode '${turn.mode}', seed ${seed}: ${difference}`);
    isShrinking = true;
    throw new Error(difference);
  });
  let isShrinking = false;
  const result = await fc.check(property, { numRuns: turn.runs, seed });
  // Where it could not be opened again, that is the difference.
  await ledger.close().catch((error: Error) => problems.push(error.message));
  if (result.failed) {
    say(`difference in mode '${turn.mode}', seed ${seed}: ${String(result.errorInstance)}`);
    say(`{ name: '…', mode: '${turn.mode}', program: ${JSON.stringify(result.counterexample?.[0])} }`);
  }
  for (const problem of problems) say(`the writer recovered from: ${problem}`);
  return !result.failed && problems.length === 0;
}

async function check(server: EmbeddedPostgres): Promise<boolean> {
  const client = new pg.Client({ connectionString: server.ownerConnectionString, types: columnTypes });
  await client.connect();
  const checked = await checkLedger(client);
  await client.end();
  say(checked.ok ? `the books are right: ${checked.transfers} transfers` : `the books are wrong: ${checked.problem}`);
  return checked.ok;
}

/** New books for each round, so that checking them does not become all the work. */
async function runRound(round: number): Promise<boolean> {
  let isRight = true;
  await onServer(async (server) => {
    for (const [index, turn] of turns.entries()) {
      isRight &&= await runTurn(server, turn, firstSeed + round * turns.length + index);
      if (!isRight || Date.now() > untilMs || asked >= most) break;
    }
    isRight &&= await check(server);
  });
  return isRight;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(fastestFolder(), 'purser-test-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function onServer(work: (server: EmbeddedPostgres) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const server = await startEmbeddedPostgres({ folder });
    try {
      await migrate(server.ownerConnectionString);
      await work(server);
    } finally {
      await server.stop();
    }
  });
}

/** Each throws at the first answer that was not true. */
async function runCrashes(rounds: number): Promise<void> {
  const kinds: [string, () => Promise<void>][] = [
    ['a writing process killed', () => onServer((server) => killProcess(server, rounds))],
    ['the answer to a commit lost, or all connections cut', () => onServer((server) => loseAnswers(server, rounds))],
    ['a process of PostgreSQL killed', () => inFolder((folder) => killBackends(folder, rounds))],
    ['PostgreSQL killed and started again', () => inFolder((folder) => killPostgres(folder, rounds))],
    ['a frozen writer replaced and woken', () => onServer((server) => freezeWriter(server, Math.ceil(rounds / 10)))],
  ];
  for (const [name, run] of kinds) {
    const startedMs = Date.now();
    await run();
    say(`${name}: every answer was true (${Math.round((Date.now() - startedMs) / 1_000)} s)`);
  }
}

async function runPrograms(): Promise<boolean> {
  say(`seed ${firstSeed}`);
  let isRight = true;
  for (let round = 0; isRight && Date.now() < untilMs && asked < most; round += 1) {
    isRight = await runRound(round);
    say(`${programs} programs, ${asked} transfers asked for`);
  }
  say(isRight ? 'no difference' : 'a difference was found');
  return isRight;
}

if (values.crashes !== undefined) await runCrashes(Number(values.crashes));
else process.exitCode = (await runPrograms()) ? 0 : 1;
