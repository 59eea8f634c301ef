import { systemClock } from '../src/kernel/clock.ts';
import { uuid, type Uuid } from '../src/kernel/ids.ts';
import { systemRandom } from '../src/kernel/random.ts';

/** Chance for load: even and cheap, since what it costs is in every figure; not for secrets. */

const HEX = Array.from({ length: 65_536 }, (_, index) => index.toString(16).padStart(4, '0'));
let state = Buffer.from(systemRandom.bytes(4)).readUInt32LE() | 1;

function next(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

/** A whole number from 0 to `below` - 1. */
export const pick = (below: number): number => next() % below;

/** A UUIDv7 of this moment. */
export function makeId(): Uuid {
  const time = systemClock.now().getTime().toString(16).padStart(12, '0');
  const [a, b, c] = [next(), next(), next()];
  const hex = (bits: number) => HEX[bits & 0xffff]!;
  return uuid(
    `${time.slice(0, 8)}-${time.slice(8)}-7${hex(a).slice(1)}-8${hex(a >>> 16).slice(1)}-${hex(b)}${hex(b >>> 16)}${hex(c)}`,
  );
}
