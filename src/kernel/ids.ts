import { createHash } from 'node:crypto';
import { assert } from './assert.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** A UUID in its usual text form, lower case. */
export type Uuid = string & { readonly __uuid: true };

/** An id as the API shows it: a prefix, `_`, and 26 characters of base32 (the TypeID form of a UUID). */
export type PublicId<P extends string> = `${P}_${string}`;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const UUID_FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const fromBytes = (bytes: Uint8Array): Uuid => {
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid;
};

const toBytes = (id: Uuid): Uint8Array => Buffer.from(id.replaceAll('-', ''), 'hex');

/** A new UUIDv7 (RFC 9562): ordered by time, so that indexes stay dense. */
export function newId(clock: Clock, random: Random): Uuid {
  const bytes = Buffer.from(random.bytes(16));
  bytes.writeUIntBE(clock.now().getTime(), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return fromBytes(bytes);
}

/**
 * The id that follows from another id and a name (UUIDv8): always the same for the same
 * input, so that what is done again after a crash meets itself. Keeps the time of `from`,
 * so that it stays beside it in an index.
 */
export function deriveId(from: Uuid, name: string): Uuid {
  const source = toBytes(from);
  const bytes = createHash('sha256').update(source).update('\0').update(name).digest().subarray(0, 16);
  bytes.set(source.subarray(0, 6), 0);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return fromBytes(bytes);
}

/** Reads a UUID that comes from our own tables; a wrong form is a bug. */
export function uuid(text: string): Uuid {
  assert(UUID_FORM.test(text), `not a uuid: ${text}`);
  return text as Uuid;
}

/** The API form of an id: `op_01h455vb4pex5vsknk084sn02q`. */
export function toPublicId<P extends string>(prefix: P, id: Uuid): PublicId<P> {
  let value = BigInt(`0x${id.replaceAll('-', '')}`);
  let text = '';
  for (let i = 0; i < 26; i += 1) {
    text = ALPHABET[Number(value & 31n)]! + text;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}

/** Reads an id from the API; `undefined` when it is not one of this kind. */
export function fromPublicId(prefix: string, text: string): Uuid | undefined {
  if (text.length !== prefix.length + 27 || !text.startsWith(`${prefix}_`)) return undefined;
  let value = 0n;
  for (const character of text.slice(prefix.length + 1)) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    value = (value << 5n) | BigInt(digit);
  }
  if (value >> 128n) return undefined;
  return fromBytes(Buffer.from(value.toString(16).padStart(32, '0'), 'hex'));
}

/** The short reference that people read aloud: `P7K4-2M9X`. Not unique by itself; support looks it up with the person. */
export function humanReference(id: Uuid): string {
  const bytes = createHash('sha256').update('reference').update(toBytes(id)).digest();
  let text = 'P';
  for (let i = 0; i < 7; i += 1) text += ALPHABET[bytes[i]! & 31]!.toUpperCase();
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}
