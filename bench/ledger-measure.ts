import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

export type Row = {
  design: string;
  callers: number;
  transfersPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Of this process (load generator included) and of all server processes; `null` where it cannot be read. */
  cpuMicrosPerTransfer: number | null;
  /** The part of it that the server takes. */
  serverCpuMicrosPerTransfer: number | null;
};

const TICKS_PER_SECOND = 100;

/** Processor time of a server and all its processes, in microseconds, as Linux tells it. */
function serverCpuMicros(postmaster: number): number | null {
  try {
    let ticks = 0;
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = readStat(name);
      if (stat === undefined) continue;
      if (Number(name) === postmaster) ticks += stat.own + stat.ofDead;
      else if (stat.parent === postmaster) ticks += stat.own;
    }
    return (ticks / TICKS_PER_SECOND) * 1e6;
  } catch {
    return null;
  }
}

function readStat(pid: string): { parent: number; own: number; ofDead: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { parent: fields[1]!, own: fields[11]! + fields[12]!, ofDead: fields[13]! + fields[14]! };
  } catch {
    // It ended between the listing and the reading.
    return undefined;
  }
}

const quantile = (sorted: Float64Array, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Callers that each ask one after the other: first to warm up, then measured. `work` answers with how many transfers it did. */
export async function measure(input: {
  design: string;
  callers: number;
  warmMs: number;
  runMs: number;
  postmaster: number;
  work: (caller: number) => Promise<number>;
}): Promise<Row> {
  const latencies: number[] = [];
  let done = 0;
  let measuring = false;
  let stopped = false;
  const caller = async (index: number) => {
    while (!stopped) {
      const begun = performance.now();
      const transfers = await input.work(index);
      if (!measuring) continue;
      done += transfers;
      latencies.push(performance.now() - begun);
    }
  };
  const all = Promise.all(Array.from({ length: input.callers }, (_, index) => caller(index)));
  await Promise.race([all, pause(input.warmMs)]);
  const [cpu, server, begun] = [process.cpuUsage(), serverCpuMicros(input.postmaster), performance.now()];
  measuring = true;
  await Promise.race([all, pause(input.runMs)]);
  measuring = false;
  const seconds = (performance.now() - begun) / 1000;
  const own = process.cpuUsage(cpu);
  const serverAfter = serverCpuMicros(input.postmaster);
  stopped = true;
  await all;
  const sorted = Float64Array.from(latencies).sort();
  const serverMicros = server === null || serverAfter === null ? null : serverAfter - server;
  const perTransfer = (micros: number | null) => (micros === null || done === 0 ? null : round(micros / done, 1));
  return {
    design: input.design,
    callers: input.callers,
    transfersPerSecond: Math.round(done / seconds),
    p50Ms: round(quantile(sorted, 0.5), 2),
    p99Ms: round(quantile(sorted, 0.99), 2),
    cpuMicrosPerTransfer: perTransfer(serverMicros === null ? null : own.user + own.system + serverMicros),
    serverCpuMicrosPerTransfer: perTransfer(serverMicros),
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
