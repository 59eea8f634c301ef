import { systemClock } from '../src/kernel/clock.ts';
import type { Uuid } from '../src/kernel/ids.ts';
import { systemRandom } from '../src/kernel/random.ts';

/** Chance for load: even and cheap, since what it costs is in every figure; not for secrets. */

let state = Buffer.from(systemRandom.bytes(4)).readUInt32LE() | 1;

function next(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

/** A whole number from 0 to `below` - 1. */
export const pick = (below: number): number => next() % below;

const hex = (digits: number) => (next() % 16 ** digits).toString(16).padStart(digits, '0');
const MIDDLES = Array.from({ length: 65_536 }, () => `-7${hex(3)}-8${hex(3)}-${hex(4)}`);
const ENDINGS = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));
let count = next();
let beginning = { atMs: 0, text: '' };

/** A UUIDv7 of this moment; its last digits are a count, so that no two are alike in them either. */
export function makeId(): Uuid {
  const atMs = systemClock.now().getTime();
  if (atMs !== beginning.atMs) {
    const time = atMs.toString(16).padStart(12, '0');
    beginning = { atMs, text: `${time.slice(0, 8)}-${time.slice(8)}` };
  }
  count = (count + 1) >>> 0;
  const low = count & 0xffff;
  // Of this form by its making: to check it would be one more cost of the load.
  return `${beginning.text}${MIDDLES[low]!}${ENDINGS[count >>> 16]!}${ENDINGS[low]!}` as Uuid;
}
