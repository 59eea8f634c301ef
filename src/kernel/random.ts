import { randomBytes, randomInt } from 'node:crypto';

/** The only source of chance; cryptographically strong outside tests. */
export type Random = {
  bytes(length: number): Uint8Array;
  /** `length` decimal digits, each equally likely. */
  digits(length: number): string;
};

/** Asking the system costs more than what it gives, so small requests share one answer. */
const POOL = 4096;
const LARGEST_SHARE = 64;
let pool = Buffer.alloc(0);
let used = 0;

function takeBytes(length: number): Uint8Array {
  if (length > LARGEST_SHARE) return randomBytes(length);
  if (used + length > pool.length) {
    pool = randomBytes(POOL);
    used = 0;
  }
  const share = pool.subarray(used, used + length);
  used += length;
  const taken = Buffer.from(share);
  // What became a key or a token is nowhere else.
  share.fill(0);
  return taken;
}

export const systemRandom: Random = {
  bytes: takeBytes,
  digits: (length) => {
    let text = '';
    for (let i = 0; i < length; i += 1) text += String(randomInt(10));
    return text;
  },
};
