import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../src/database/free-port.ts';
import { startWallet } from './start-wallet.ts';

const RUNS = 3;

type Started = { child: ChildProcess; readyMs: number };

async function start(dataFolder: string, port: number): Promise<Started> {
  const began = performance.now();
  const child = await startWallet({
    PURSER_PORT: String(port),
    PURSER_SANDBOX_PORT: String(await freePort()),
    PURSER_SHOP_PORT: String(await freePort()),
    PURSER_DATA: dataFolder,
  });
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return { child, readyMs: performance.now() - began };
    if (child.exitCode !== null) throw new Error('it did not start');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Memory of the process and everything it started, in MiB (proportional set size, so that what is shared counts once). */
async function memoryMiB(pid: number): Promise<number> {
  let total = 0;
  const read = (path: string) => readFile(path, 'utf8').catch(() => '');
  for (const entry of [String(pid), ...(await childrenOf(pid))]) {
    const pss = /^Pss:\s+(\d+) kB/m.exec(await read(`/proc/${entry}/smaps_rollup`))?.[1];
    total += Number(pss ?? 0);
  }
  return total / 1024;
}

async function childrenOf(pid: number): Promise<string[]> {
  const found: string[] = [];
  const parents = new Map<string, string>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent) parents.set(entry, parent);
  }
  const walk = (id: string) => {
    for (const [child, parent] of parents) {
      if (parent !== id) continue;
      found.push(child);
      walk(child);
    }
  };
  walk(String(pid));
  return found;
}

async function stop({ child }: Started): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** From an installed clone with the app built to the first 200 of /health/ready; then again on the same data. */
export async function run(words: readonly string[]): Promise<void> {
  const first: number[] = [];
  const again: number[] = [];
  const memory: number[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    const dataFolder = await mkdtemp(join(tmpdir(), 'purser-bench-'));
    const port = await freePort();
    try {
      const one = await start(dataFolder, port);
      first.push(one.readyMs);
      await stop(one);
      const two = await start(dataFolder, port);
      again.push(two.readyMs);
      await new Promise((resolve) => setTimeout(resolve, 5000));
      memory.push(await memoryMiB(two.child.pid ?? 0));
      await stop(two);
    } finally {
      await rm(dataFolder, { recursive: true, force: true });
    }
  }
  const result = {
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    firstStartSeconds: median(first) / 1000,
    laterStartSeconds: median(again) / 1000,
    memoryAtRestMiB: Math.round(median(memory)),
  };
  if (words.includes('--json')) console.log(JSON.stringify(result));
  else {
    console.log(`${result.cores} cores, ${result.memoryGiB} GiB, Node ${result.node}; medians of ${RUNS}`);
    console.log(`first start, the app already built  ${result.firstStartSeconds.toFixed(2)} s   (goal 10)`);
    console.log(`every later start                   ${result.laterStartSeconds.toFixed(2)} s   (goal 3)`);
    console.log(`memory at rest, everything it runs  ${result.memoryAtRestMiB} MiB`);
  }
}
