import { randomBytes, randomInt } from 'node:crypto';

/** The only source of chance; cryptographically strong outside tests. */
export type Random = {
  bytes(length: number): Uint8Array;
  /** `length` decimal digits, each equally likely. */
  digits(length: number): string;
};

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  digits: (length) => {
    let text = '';
    for (let i = 0; i < length; i += 1) text += String(randomInt(10));
    return text;
  },
};
