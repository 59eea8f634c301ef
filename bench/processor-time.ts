import { readdirSync, readFileSync } from 'node:fs';

const MICROS_PER_TICK = 10_000;

/** Processor time that a process and its direct children have used, in microseconds, as Linux tells it; `null` elsewhere. */
export function processorMicros(pid: number): number | null {
  const own = readTicks(String(pid));
  if (own === undefined) return null;
  let ticks = own.ticks + own.ofDead;
  for (const name of readdirSync('/proc')) {
    const other = /^\d+$/.test(name) ? readTicks(name) : undefined;
    if (other?.parent === pid) ticks += other.ticks;
  }
  return ticks * MICROS_PER_TICK;
}

function readTicks(pid: string): { parent: number; ticks: number; ofDead: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (index: number) => fields[index] ?? 0;
    return { parent: at(1), ticks: at(11) + at(12), ofDead: at(13) + at(14) };
  } catch {
    // It ended between the listing and the reading, or this is not Linux.
    return undefined;
  }
}
