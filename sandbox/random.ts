import { randomBytes, randomInt } from 'node:crypto';

/** The sandbox's one source of chance. */
export type Random = { hex: (bytes: number) => string; digits: (length: number) => string };

export const systemRandom: Random = {
  hex: (bytes) => randomBytes(bytes).toString('hex'),
  digits: (length) => Array.from({ length }, () => String(randomInt(10))).join(''),
};
