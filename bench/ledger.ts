import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { connectDatabase } from '../src/database/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/database/embedded.ts';
import { migrate } from '../src/database/migrate.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { newId, type Uuid } from '../src/kernel/ids.ts';
import { systemRandom } from '../src/kernel/random.ts';
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
import { measure, type Row } from './ledger-measure.ts';

/**
 * How fast the ledger posts, beside simpler designs on the same server in the same run. The load is made in the same
 * process as the writer, so its cost is in every figure. Options: --quick (under two minutes), --json.
 */

const POOL = 16;

type Run = {
  quick: boolean;
  say: (line: string) => void;
  rows: Row[];
  measureOne: (design: string, callers: number, work: () => Promise<number>) => Promise<void>;
};

const id = (): Uuid => newId(systemClock, systemRandom);
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
  id: id(),
  kind: 'post',
  debitAccountId: account(from),
  creditAccountId: account(to),
  amount: BigInt(1 + randomInt(100)),
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
  const kind = randomInt(4);
  if (kind < 2) return postOne(ledger);
  if (kind === 2) {
    const chain = [plain(from, to), { ...plain(ALLOWANCES + from, USED), operationId: id() }];
    return (await ledger.post([chain]))[0]!.filter((each) => each.outcome === 'posted').length;
  }
  const held = {
    ...plain(from, to),
    kind: 'pending' as const,
    expiresAt: new Date(systemClock.now().getTime() + 600_000),
  };
  await ledger.post([[held]]);
  const end: NewTransfer = {
    id: id(),
    pendingId: held.id,
    code: 1,
    kind: randomInt(3) === 0 ? 'void_pending' : 'post_pending',
  };
  await ledger.post([[end]]);
  return 2;
}

async function grow(ledger: Ledger, upTo: number): Promise<void> {
  for (;;) {
    const outcome = (await ledger.post([[plain(SOURCE, 1)]]))[0]![0]!;
    if (outcome.outcome === 'posted' && Number(outcome.seq) >= upTo) return;
    const missing = outcome.outcome === 'posted' ? upTo - Number(outcome.seq) : 8_192;
    const calls = Array.from({ length: Math.max(1, Math.min(16, Math.ceil(missing / 1_000))) }, () =>
      ledger.post(
        Array.from({ length: Math.min(1_000, missing) }, () => {
          const { from, to } = pickParties();
          return [plain(from, to)];
        }),
      ),
    );
    await Promise.all(calls);
  }
}

function table(rows: readonly Row[], say: (line: string) => void): void {
  const rate = (design: string) =>
    Math.max(...rows.filter((row) => row.design === design).map((row) => row.transfersPerSecond));
  const [single, tpcb] = [
    rate('transaction-per-transfer'),
    Math.max(rate('tpcb-like'), rows.some((row) => row.design === 'pgbench') ? rate('pgbench') : 0),
  ];
  say('\n| design | callers | transfers/s | p50 ms | p99 ms | CPU us each | x transaction-per-transfer | x TPC-B |');
  say('|---|---|---|---|---|---|---|---|');
  for (const row of rows) {
    const per = row.transfersPerSecond;
    say(
      `| ${row.design} | ${row.callers} | ${per.toLocaleString('en')} | ${row.p50Ms} | ${Number.isNaN(row.p99Ms) ? '-' : row.p99Ms} | ${row.cpuMicrosPerTransfer ?? '-'} | ${(per / single).toFixed(2)} | ${(per / tpcb).toFixed(2)} |`,
    );
  }
}

async function measureAll(
  server: EmbeddedPostgres,
  ledger: Ledger,
  { quick, say, rows, measureOne }: Run,
): Promise<void> {
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
    });
    say(`pgbench 32: ${transfersPerSecond}/s (mean latency ${latencyMs} ms)`);
  }
  for (const callers of quick ? [32] : [1, 32]) await measureOne('tpcb-like', callers, () => tpcbLike(pool));
  for (const callers of [1, 64, 512])
    await measureOne('transaction-per-transfer', callers, () => transactionPerTransfer(pool));
  for (const callers of [1, 64]) await measureOne('plpgsql-per-transfer', callers, () => plpgsqlPerTransfer(pool));
  await pool.end();
  for (const callers of [1, 64, 512, 8_192, 16_384]) await measureOne('writer', callers, () => postOne(ledger));
  for (const callers of [512, 8_192]) await measureOne('writer-mixed', callers, () => postMixed(ledger));
  if (quick) return;
  for (const millions of [1, 5]) {
    await grow(ledger, millions * 1_000_000);
    await measureOne(`writer-after-${millions}m`, 8_192, () => postOne(ledger));
  }
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
  const pace = quick ? { warmMs: 700, runMs: 2_000 } : { warmMs: 2_000, runMs: 6_000 };
  const say = (line: string) => {
    if (!json) console.log(line);
  };
  const folder = await mkdtemp(join(tmpdir(), 'purser-bench-'));
  const server = await startEmbeddedPostgres({ folder });
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
        `${design} ${callers}: ${row.transfersPerSecond}/s, p50 ${row.p50Ms} ms, p99 ${row.p99Ms} ms, ${row.cpuMicrosPerTransfer} us`,
      );
    };
    say(
      `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'} x ${availableParallelism()}, ${Math.round(totalmem() / 2 ** 30)} GiB, load before ${loadavg()[0]?.toFixed(1)}; embedded PostgreSQL, full durability`,
    );
    await measureAll(server, ledger, { quick, say, rows, measureOne });
    await ledger.close();
    const verdict = await check(server.ownerConnectionString);
    if (json) console.log(JSON.stringify(rows));
    else table(rows, say);
    say(`\n${verdict}`);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
