import { systemClock } from '../src/kernel/clock.ts';
import { uuid, type Uuid } from '../src/kernel/ids.ts';
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
const ENDINGS = Array.from({ length: 65_536 }, () => `-7${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`);
let ending = 0;
let beginning = { atMs: 0, text: '' };

/** A UUIDv7 of this moment: an ending comes again after so many others, when the moment is another. */
export function makeId(): Uuid {
  const atMs = systemClock.now().getTime();
  if (atMs !== beginning.atMs) {
    const time = atMs.toString(16).padStart(12, '0');
    beginning = { atMs, text: `${time.slice(0, 8)}-${time.slice(8)}` };
  }
  ending = (ending + 1) % ENDINGS.length;
  return uuid(`${beginning.text}${ENDINGS[ending]!}`);
}
