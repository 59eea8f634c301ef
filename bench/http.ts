import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { migrate } from '../src/database/migrate.ts';
import { readSecrets } from '../src/secrets.ts';
import type { LoadResult, Plan } from './http-load.ts';
import { makePeople } from './http-people.ts';
import { freePort } from '../src/database/free-port.ts';
import { root } from './ports.ts';
import { startWallet } from './start-wallet.ts';
import { processorMicros } from './processor-time.ts';
import { startUsedPostgres } from './used-postgres.ts';

/**
 * Transfers between wallets over HTTP, as many people's devices make them: signed in, with limits, rates and
 * idempotency on, on a PostgreSQL with full durability. The load is a process of its own on the same machine, and its
 * share of the processor is told apart. Options: --quick (under two minutes), --json, --only=<job>, --callers=<number>,
 * --processes=<number> of wallets on the one database, among which the callers are divided.
 */

type Row = {
  design: string;
  callers: number;
  transfersPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuMicrosPerTransfer: { wallet: number | null; postgres: number | null; load: number };
  failures: Record<string, number>;
};

type Job = { design: string; job: Plan['job']; callers: number };

const jobs: readonly Job[] = [
  { design: 'http-transfer-two-requests-with-pin', job: 'two-requests', callers: 16 },
  { design: 'http-transfer-two-requests-with-pin', job: 'two-requests', callers: 128 },
  { design: 'http-transfer-now-with-pin', job: 'send-now-with-pin', callers: 128 },
  { design: 'http-transfer-now', job: 'send-now', callers: 64 },
  { design: 'http-transfer-now', job: 'send-now', callers: 256 },
  { design: 'http-transfer-now', job: 'send-now', callers: 512 },
  { design: 'http-payouts-in-hundreds', job: 'pay-out', callers: 16 },
];

type Stage = { ports: readonly number[]; wallets: readonly number[]; postgres: number };

const sumOf = (each: readonly (number | null)[]): number | null =>
  each.reduce<number | null>((sum, micros) => (sum === null || micros === null ? null : sum + micros), 0);

async function measureJob(stage: Stage, plan: Plan, design: string): Promise<Row> {
  const load = fork(join(root, 'bench/http-load.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ofWallets = () => sumOf(stage.wallets.map(processorMicros));
  const used = () => [ofWallets(), processorMicros(stage.postgres)] as const;
  let [before, after] = [used(), used()];
  load.send(plan);
  const result = await new Promise<LoadResult>((resolve, reject) => {
    load.on('message', (message: 'measuring' | 'measured' | LoadResult) => {
      if (message === 'measuring') before = used();
      else if (message === 'measured') after = used();
      else resolve(message);
    });
    load.once('exit', (code) => reject(new Error(`the load ended with ${code}`)));
  });
  const per = (micros: number) => Number((micros / Math.max(1, result.transfers)).toFixed(1));
  const between = (index: 0 | 1) => {
    const [from, to] = [before[index], after[index]];
    return from === null || to === null ? null : per(to - from);
  };
  return {
    design,
    callers: plan.people.length,
    transfersPerSecond: Math.round(result.transfers / result.seconds),
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpuMicrosPerTransfer: { wallet: between(0), postgres: between(1), load: per(result.loadMicros) },
    failures: result.failures,
  };
}

async function startReadyWallet(environment: Record<string, string>): Promise<ChildProcess> {
  const child = await startWallet(environment);
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${environment['PURSER_PORT']}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return child;
    if (child.exitCode !== null) throw new Error('the wallet did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function table(rows: readonly Row[], say: (line: string) => void): void {
  say('\n| design | callers | transfers/s | p50 ms | p99 ms | CPU us each: wallet | PostgreSQL | load |');
  say('|---|---|---|---|---|---|---|---|');
  for (const row of rows) {
    const { wallet, postgres, load } = row.cpuMicrosPerTransfer;
    say(
      `| ${row.design} | ${row.callers} | ${row.transfersPerSecond.toLocaleString('en')} | ${row.p50Ms} | ${row.p99Ms} | ${wallet ?? '-'} | ${postgres ?? '-'} | ${load} |`,
    );
  }
}

export async function run(words: readonly string[]): Promise<void> {
  const [quick, json] = [words.includes('--quick'), words.includes('--json')];
  const pace = quick ? { warmMs: 1_500, runMs: 4_000 } : { warmMs: 4_000, runMs: 15_000 };
  const given = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const [only, callers] = [given('only'), given('callers')];
  const ofJob = jobs.filter(({ job }) => (only ?? job) === job);
  const chosen =
    callers === undefined
      ? ofJob
      : [...new Map(ofJob.map((each) => [each.job, { ...each, callers: Number(callers) }])).values()];
  const say = (line: string) => {
    if (!json) console.log(line);
  };
  const folder = await mkdtemp(join(tmpdir(), 'purser-bench-'));
  const server = await startUsedPostgres(join(folder, 'database'));
  const wallets: ChildProcess[] = [];
  try {
    await migrate(server.ownerConnectionString);
    const makeEnvironment = async () => ({
      PURSER_PORT: String(await freePort()),
      PURSER_SANDBOX_PORT: String(await freePort()),
      PURSER_SHOP_PORT: String(await freePort()),
      PURSER_DATA: join(folder, 'wallet'),
      PURSER_DATABASE_URL: server.connectionString,
      PURSER_DATABASE_OWNER_URL: server.ownerConnectionString,
    });
    const secrets = await readSecrets(readConfig(await makeEnvironment()), () => undefined);
    const count = Math.max(...chosen.map((each) => each.callers));
    const people = await makePeople({ connectionString: server.connectionString, secrets }, count);
    say(
      `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'} x ${availableParallelism()}, ${Math.round(totalmem() / 2 ** 30)} GiB, load before ${loadavg()[0]?.toFixed(1)}; ${people.length} people; embedded PostgreSQL, full durability`,
    );
    const ports: number[] = [];
    while (wallets.length < Number(given('processes') ?? 1)) {
      const environment = await makeEnvironment();
      wallets.push(await startReadyWallet(environment));
      ports.push(Number(environment.PURSER_PORT));
    }
    const pidFile = await readFile(join(folder, 'database', 'postgres', 'postmaster.pid'), 'utf8');
    const stage = {
      ports,
      wallets: wallets.map((wallet) => wallet.pid ?? 0),
      postgres: Number(pidFile.split('\n')[0]),
    };
    const rows: Row[] = [];
    for (const { design, job, callers } of chosen) {
      const plan = { ports, job, people: people.slice(0, callers), ...pace };
      const row = await measureJob(stage, plan, design);
      rows.push(row);
      say(JSON.stringify(row));
    }
    if (json) console.log(JSON.stringify(rows));
    else table(rows, say);
  } finally {
    for (const wallet of wallets.filter(({ exitCode }) => exitCode === null)) {
      wallet.kill('SIGTERM');
      await once(wallet, 'exit');
    }
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
