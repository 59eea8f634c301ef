import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { connectDatabase } from '../src/database/database.ts';
import type { EmbeddedPostgres } from '../src/database/embedded.ts';
import { migrate } from '../src/database/migrate.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { checkLedger } from '../src/ledger/check-ledger.ts';
import type { AccountId, Ledger, NewTransfer } from '../src/ledger/ledger.ts';
import { openLedger } from '../src/ledger/open-ledger.ts';
import {
  CUSTOMERS,
  makeBaselineTables,
  MERCHANTS,
  pickParties,
  plpgsqlPerTransfer,
  runPgbench,
  tpcbLike,
  transactionPerTransfer,
} from './ledger-baselines.ts';
import { makeId, pick } from './ledger-chance.ts';
import { measure, type Row } from './ledger-measure.ts';
import { writePlots, type GrowthPoint } from './ledger-plot.ts';
import { startUsedPostgres } from './used-postgres.ts';

/**
 * How fast the ledger posts, beside simpler designs on the same server in the same run. The load is made in the same
 * process as the writer, so its cost is in every figure. Options: --quick (under two minutes), --json. A full run grows the books
 * to five million transfers and writes the plots in docs/images.
 */

const POOL = 16;
const IMAGES = fileURLToPath(new URL('../docs/images', import.meta.url));

type Run = {
  quick: boolean;
  say: (line: string) => void;
  rows: Row[];
  measureOne: (design: string, callers: number, work: () => Promise<number>) => Promise<void>;
};

const account = (index: number) => BigInt(index) as AccountId;
const SOURCE = 1_000_000;
const ALLOWANCES = 2_000_000;
const USED = 3_000_000;

async function makeAccounts(ledger: Ledger): Promise<void> {
  await ledger.createAccounts([SOURCE, USED].map((each) => ({ id: account(each), ledger: 1, code: 1 })));
  const all = Array.from({ length: CUSTOMERS + MERCHANTS }, (_, index) => index + 1);
  for (const offset of [0, ALLOWANCES]) {
    const flags = { debitsMustNotExceedCredits: true };
    await ledger.createAccounts(all.map((each) => ({ id: account(offset + each), ledger: 1, code: 2, flags })));
    await ledger.post(all.map((each) => [{ ...plain(SOURCE, offset + each), amount: 1_000_000_000n }]));
  }
}

const plain = (from: number, to: number): NewTransfer & { kind: 'post' } => ({
  id: makeId(),
  kind: 'post',
  debitAccountId: account(from),
  creditAccountId: account(to),
  amount: BigInt(1 + pick(100)),
  code: 1,
});

async function postOne(ledger: Ledger): Promise<number> {
  const { from, to } = pickParties();
  const outcome = (await ledger.post([[plain(from, to)]]))[0]![0]!;
  return outcome.outcome === 'posted' ? 1 : 0;
}

/** Half plain movements, a quarter payments against a limit (two linked), a quarter holds that are then taken or released. */
async function postMixed(ledger: Ledger): Promise<number> {
  const { from, to } = pickParties();
  const kind = pick(4);
  if (kind < 2) return postOne(ledger);
  if (kind === 2) {
    const chain = [plain(from, to), { ...plain(ALLOWANCES + from, USED), operationId: makeId() }];
    return (await ledger.post([chain]))[0]!.filter((each) => each.outcome === 'posted').length;
  }
  const held = {
    ...plain(from, to),
    kind: 'pending' as const,
    expiresAt: new Date(systemClock.now().getTime() + 600_000),
  };
  await ledger.post([[held]]);
  const end: NewTransfer = {
    id: makeId(),
    pendingId: held.id,
    code: 1,
    kind: pick(3) === 0 ? 'void_pending' : 'post_pending',
  };
  await ledger.post([[end]]);
  return 2;
}

const GROWING_CALLERS = 8_192;
const SAMPLE_MS = 2_500;

/** How many transfers are in the books. */
async function count(ledger: Ledger): Promise<number> {
  const outcome = (await ledger.post([[plain(SOURCE, 1)]]))[0]![0]!;
  if (outcome.outcome !== 'posted') throw new Error('the source of all money gave none');
  return Number(outcome.seq);
}

/** Posts as the measured load does until the books hold so many transfers or time is over; how fast it went on the way. */
async function grow(ledger: Ledger, upTo: number, forMs: number): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  const begun = performance.now();
  let [held, sampledAt, sampled] = [await count(ledger), begun, 0];
  sampled = held;
  const caller = async () => {
    while (held < upTo && performance.now() - begun < forMs) {
      // Not in one statement: the sum would be of what was held before the wait.
      const posted = await postOne(ledger);
      held += posted;
      const elapsedMs = performance.now() - sampledAt;
      if (elapsedMs < SAMPLE_MS) continue;
      points.push({ transfers: held, transfersPerSecond: Math.round(((held - sampled) * 1_000) / elapsedMs) });
      [sampledAt, sampled] = [performance.now(), held];
    }
  };
  await Promise.all(Array.from({ length: GROWING_CALLERS }, caller));
  return points;
}

function table(rows: readonly Row[], say: (line: string) => void): void {
  const rate = (design: string) =>
    Math.max(...rows.filter((row) => row.design === design).map((row) => row.transfersPerSecond));
  const [single, tpcb] = [
    rate('transaction-per-transfer'),
    Math.max(rate('tpcb-like'), rows.some((row) => row.design === 'pgbench') ? rate('pgbench') : 0),
  ];
  say(
    '\n| design | callers | transfers/s | p50 ms | p99 ms | CPU us each | of it server | x transaction-per-transfer | x TPC-B |',
  );
  say('|---|---|---|---|---|---|---|---|---|');
  const designs = [...new Set(rows.map((row) => row.design))];
  const place = (row: Row) => designs.indexOf(row.design);
  for (const row of rows.toSorted((a, b) => place(a) - place(b) || a.callers - b.callers)) {
    const per = row.transfersPerSecond;
    say(
      `| ${row.design} | ${row.callers} | ${per.toLocaleString('en')} | ${row.p50Ms} | ${Number.isNaN(row.p99Ms) ? '-' : row.p99Ms} | ${row.cpuMicrosPerTransfer ?? '-'} | ${row.serverCpuMicrosPerTransfer ?? '-'} | ${(per / single).toFixed(2)} | ${(per / tpcb).toFixed(2)} |`,
    );
  }
}

async function measureAll(
  server: EmbeddedPostgres,
  ledger: Ledger,
  { quick, say, rows, measureOne }: Run,
): Promise<GrowthPoint[]> {
  const { pool } = connectDatabase({ connectionString: server.connectionString, applicationRole: true, max: POOL });
  const pgbench = runPgbench(server.ownerConnectionString, quick ? 4 : 10);
  if (pgbench !== undefined) {
    const { transfersPerSecond, latencyMs } = pgbench;
    rows.push({
      design: 'pgbench',
      callers: 32,
      transfersPerSecond,
      p50Ms: latencyMs,
      p99Ms: Number.NaN,
      cpuMicrosPerTransfer: null,
      serverCpuMicrosPerTransfer: null,
    });
    say(`pgbench 32: ${transfersPerSecond}/s (mean latency ${latencyMs} ms)`);
  }
  for (const callers of quick ? [32] : [1, 32]) await measureOne('tpcb-like', callers, () => tpcbLike(pool));
  for (const callers of [1, 64, 512])
    await measureOne('transaction-per-transfer', callers, () => transactionPerTransfer(pool));
  for (const callers of [1, 64]) await measureOne('plpgsql-per-transfer', callers, () => plpgsqlPerTransfer(pool));
  await pool.end();
  // First of all, on new books, and then as they grow: what follows is measured on the grown ones.
  await measureOne('writer', GROWING_CALLERS, () => postOne(ledger));
  const growth = quick ? [] : await measureGrowth(ledger, { say, rows, measureOne });
  for (const callers of [1, 64, 512, 16_384]) await measureOne('writer', callers, () => postOne(ledger));
  for (const callers of [512, 8_192]) await measureOne('writer-mixed', callers, () => postMixed(ledger));
  return growth;
}

/** Growth stops at the latest after this time, and the rows say how far it came. */
const GROWTH_MS = 210_000;

async function measureGrowth(ledger: Ledger, { say, rows, measureOne }: Omit<Run, 'quick'>): Promise<GrowthPoint[]> {
  const begun = performance.now();
  const points: GrowthPoint[] = [];
  /** Of what was measured last, on books as they were in the middle of it. */
  const point = (from: number, to: number) =>
    points.push({ transfers: (from + to) / 2, transfersPerSecond: rows.at(-1)?.transfersPerSecond ?? 0 });
  point(0, await count(ledger));
  for (const millions of [1, 5]) {
    points.push(...(await grow(ledger, millions * 1_000_000, GROWTH_MS - (performance.now() - begun))));
    const held = await count(ledger);
    const inMillions = (held / 1e6).toFixed(1);
    say(
      `the books hold ${inMillions} million transfers after ${Math.round((performance.now() - begun) / 1_000)} s of growing`,
    );
    await measureOne(`writer-after-${inMillions}m`, GROWING_CALLERS, () => postOne(ledger));
    point(held, await count(ledger));
  }
  return points;
}

async function check(owner: string): Promise<string> {
  const client = new pg.Client({ connectionString: owner });
  await client.connect();
  try {
    const checked = await checkLedger(client);
    if (!checked.ok) throw new Error(checked.problem);
    return `checked afterwards: ${checked.transfers} transfers of ${checked.accounts} accounts agree`;
  } finally {
    await client.end();
  }
}

export async function run(words: readonly string[]): Promise<void> {
  const [quick, json] = [words.includes('--quick'), words.includes('--json')];
  const pace = quick ? { warmMs: 700, runMs: 2_000 } : { warmMs: 1_500, runMs: 5_000 };
  const say = (line: string) => {
    if (!json) console.log(line);
  };
  const folder = await mkdtemp(join(tmpdir(), 'purser-bench-'));
  const server = await startUsedPostgres(folder);
  try {
    await migrate(server.ownerConnectionString);
    await makeBaselineTables(server.ownerConnectionString);
    const postmaster = Number((await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    const ledger = await openLedger({
      connectionString: server.connectionString,
      clock: systemClock,
      onProblem: (error) => console.error(`problem: ${error.message}`),
    });
    await makeAccounts(ledger);
    const rows: Row[] = [];
    const measureOne: Run['measureOne'] = async (design, callers, work) => {
      const row = await measure({ design, callers, ...pace, postmaster, work });
      rows.push(row);
      say(
        `${design} ${callers}: ${row.transfersPerSecond}/s, p50 ${row.p50Ms} ms, p99 ${row.p99Ms} ms, ${row.cpuMicrosPerTransfer} us (server ${row.serverCpuMicrosPerTransfer})`,
      );
    };
    say(
      `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'} x ${availableParallelism()}, ${Math.round(totalmem() / 2 ** 30)} GiB, load before ${loadavg()[0]?.toFixed(1)}; embedded PostgreSQL, full durability`,
    );
    const growth = await measureAll(server, ledger, { quick, say, rows, measureOne });
    await ledger.close();
    if (!quick) await writePlots(IMAGES, rows, growth);
    const verdict = await check(server.ownerConnectionString);
    if (json) console.log(JSON.stringify(rows));
    else table(rows, say);
    say(`\n${verdict}`);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
