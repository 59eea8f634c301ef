import { now } from './clock.ts';
import { strongBytes } from './random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new UUIDv7 as the API writes it: `op_` and 26 characters of base32. */
function newPublicId<P extends string>(prefix: P): `${P}_${string}` {
  const bytes = strongBytes(16);
  let value = BigInt(now().getTime());
  for (let i = 5; i >= 0; i -= 1) {
    bytes[i] = Number(value & 255n);
    value >>= 8n;
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let rest = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = '';
  for (let i = 0; i < 26; i += 1) {
    text = `${ALPHABET[Number(rest & 31n)]}${text}`;
    rest >>= 5n;
  }
  return `${prefix}_${text}`;
}

/**
 * The id of something that is about to be asked for. Made before asking and kept until the answer is known: asking
 * again with the same id can never do the thing twice.
 */
export const newOperationId = (): `op_${string}` => newPublicId('op');
