import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/database/embedded.ts';
import { migrate } from '../../../src/database/migrate.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { askAgain, expectTruth, firstEver, quick, withClient, type Database, type Story } from './crash-story.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { makeLoadAccounts, runLoad } from './ledger-load.ts';
import { LoadProcess } from './load-process.ts';

/** Something dies at random moments under load, so many times; afterwards every answer must have been true. */

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Callers in this process, who must all be answered in the end whatever happens below them. */
class Callers {
  readonly #ledger: Ledger;
  readonly #asked: string[] = [];
  readonly #heard = new Map<string, string>();
  readonly #lost: string[] = [];
  readonly #done: Promise<void>;
  #goesOn = true;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#done = runLoad(ledger, 32, () => this.#goesOn, {
      asked: (id) => this.#asked.push(id),
      heard: (id, word) => this.#heard.set(id, word),
      lost: (id, error) => this.#lost.push(`${id}: ${error.message}`),
    });
  }

  /** Waits until so many more were answered, and a moment that nobody can foresee. */
  async goOn(answers: number, mostMs: number): Promise<void> {
    const enough = this.#heard.size + answers;
    while (this.#heard.size < enough && this.#lost.length === 0) await wait(2);
    await wait(Math.random() * mostMs);
  }

  async stop(): Promise<Story> {
    this.#goesOn = false;
    await this.#done;
    await this.#ledger.close();
    assert.deepEqual(this.#lost, []);
    assert.equal(this.#heard.size, this.#asked.length);
    return { asked: this.#asked, heard: this.#heard };
  }
}

/** kill -9 of a whole process that writes. */
export async function killProcess(database: Database, rounds: number): Promise<void> {
  const stories: Story[] = [firstEver];
  for (let round = 0; round < rounds; round += 1) {
    const load = new LoadProcess(database.connectionString, 16);
    await load.waitUntilHeard(1);
    await wait(Math.random() * 60);
    await load.kill();
    stories.push(load, { asked: [], heard: await askAgain(database, load) });
  }
  await expectTruth(database.ownerConnectionString, stories);
}

/** The answer to a commit is lost, or all connections are cut. */
export async function loseAnswers(database: Database, rounds: number): Promise<void> {
  const { proxy, connectionString } = await CuttingProxy.open(database.connectionString);
  const ledger = await openLedger({ connectionString, clock: systemClock, limits: quick });
  await makeLoadAccounts(ledger);
  const callers = new Callers(ledger);
  for (let round = 0; round < rounds; round += 1) {
    await callers.goOn(20, 60);
    if (round % 2 === 0) await proxy.loseAnswers(20);
    else proxy.cut();
  }
  await callers.goOn(200, 0);
  const story = await callers.stop();
  await proxy.close();
  // Its own first commit is what each of them hears, not an echo of it.
  assert.ok([...story.heard.values()].every((word) => word !== 'exists'));
  await expectTruth(database.ownerConnectionString, [story]);
}

/** kill -9 of a server process of PostgreSQL: it throws away all memory and recovers, as after a loss of power. */
export async function killBackends(folder: string, rounds: number): Promise<void> {
  const server = await startEmbeddedPostgres({ folder, settings: { restart_after_crash: 'on' } });
  try {
    await migrate(server.ownerConnectionString);
    const ledger = await openLedger({ connectionString: server.connectionString, clock: systemClock, limits: quick });
    await makeLoadAccounts(ledger);
    const callers = new Callers(ledger);
    for (let round = 0; round < rounds; round += 1) {
      await callers.goOn(200, 30);
      const pid = await withClient(server.ownerConnectionString, async (client) => {
        const sql = "select pid from pg_stat_activity where application_name = 'purser ledger line' limit 1";
        return (await client.query<{ pid: number }>(sql)).rows[0]?.pid;
      });
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    }
    await callers.goOn(200, 0);
    await expectTruth(server.ownerConnectionString, [await callers.stop()]);
  } finally {
    await server.stop();
  }
}

/** kill -9 of PostgreSQL itself; it is started again on the same data, as Purser starts it. */
export async function killPostgres(folder: string, rounds: number): Promise<void> {
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ folder });
  const { proxy, connectionString } = await CuttingProxy.open(server.connectionString);
  try {
    await migrate(server.ownerConnectionString);
    const ledger = await openLedger({ connectionString, clock: systemClock, limits: quick });
    await makeLoadAccounts(ledger);
    const callers = new Callers(ledger);
    for (let round = 0; round < rounds; round += 1) {
      await callers.goOn(100, 40);
      const [pid = ''] = readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 'SIGKILL');
      await server.ended;
      server = await startEmbeddedPostgres({ folder });
      // It listens elsewhere now; the ledger knows one address only.
      proxy.aim(server.connectionString);
    }
    await callers.goOn(200, 0);
    await expectTruth(server.ownerConnectionString, [await callers.stop()]);
  } finally {
    await proxy.close();
    await server.stop();
  }
}

/** A writer hangs, is replaced, and wakes to find that it can write nothing any more; then it is killed or goes on. */
export async function freezeWriter(database: Database, rounds: number): Promise<void> {
  const leaseMs = 600;
  const all: LoadProcess[] = [];
  const start = async () => {
    const process = new LoadProcess(database.connectionString, 8, leaseMs);
    all.push(process);
    await process.waitUntilHeard(50);
    return process;
  };
  let writing = await start();
  for (let round = 0; round < rounds; round += 1) {
    const frozen = writing;
    await wait(Math.random() * 40);
    frozen.signal('SIGSTOP');
    const heardBefore = frozen.heard.size;
    writing = await start();
    frozen.signal('SIGCONT');
    await writing.waitUntilHeard(writing.heard.size + 300);
    // What was under way when it froze may have been committed and is found by it; nothing new is.
    while (frozen.lost.size === 0 && frozen.heard.size === heardBefore) await wait(5);
    await frozen.kill();
  }
  await writing.kill();
  const told = {
    asked: all.flatMap((each) => [...each.asked]),
    heard: new Map(all.flatMap((each) => [...each.heard])),
  };
  const again = { asked: [], heard: await askAgain(database, told) };
  await expectTruth(database.ownerConnectionString, [told, again, firstEver]);
}
