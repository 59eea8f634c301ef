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
import { modelProgram } from './model-program.ts';
import { limitsOfModes, type Mode } from './model-regressions.ts';
import { countTransfers, runProgram, type Subject } from './model-runner.ts';

/**
 * The long mode of the ledger's model test: random programs until the minutes are over or so many transfers were asked
 * for. Prints its seed first; a difference is printed as a program for `model-regressions.ts`, shrunk.
 *
 *   npm run test:long -- --minutes 10 [--transfers 2000000] [--seed 1]
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    transfers: { type: 'string', default: 'Infinity' },
    seed: { type: 'string' },
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
      limits: limitsOfModes[turn.mode],
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
    const difference = await runProgram(subject, program, run);
    if (difference !== undefined) throw new Error(difference);
  });
  const result = await fc.check(property, { numRuns: turn.runs, seed });
  await ledger.close();
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
  const folder = await mkdtemp(join(fastestFolder(), 'purser-test-'));
  const server = await startEmbeddedPostgres({ folder });
  try {
    await migrate(server.ownerConnectionString);
    for (const [index, turn] of turns.entries()) {
      if (!(await runTurn(server, turn, firstSeed + round * turns.length + index))) return false;
      if (Date.now() > untilMs || asked >= most) break;
    }
    return await check(server);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

say(`seed ${firstSeed}`);
let isRight = true;
for (let round = 0; isRight && Date.now() < untilMs && asked < most; round += 1) {
  isRight = await runRound(round);
  say(`${programs} programs, ${asked} transfers asked for`);
}
say(isRight ? 'no difference' : 'a difference was found');
process.exitCode = isRight ? 0 : 1;
