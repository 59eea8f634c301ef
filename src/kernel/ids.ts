import { hash } from 'node:crypto';
import { assert } from './assert.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** A UUID in its usual text form, lower case. */
export type Uuid = string & { readonly __uuid: true };

/** An id as the API shows it: a prefix, `_`, and 26 characters of base32 (the TypeID form of a UUID). */
export type PublicId<P extends string> = `${P}_${string}`;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** Ten bits as two characters. */
const PAIRS = [...ALPHABET].flatMap((first) => [...ALPHABET].map((second) => first + second));
/** The place of each character in an alphabet by its code; below zero for one that is not in it. */
const placesIn = (alphabet: string): Int8Array =>
  Int8Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));
const DIGITS = placesIn(ALPHABET);
const HEX_DIGITS = placesIn('0123456789abcdef');
/** What a character is to a UUID: 1 for a digit, 2 for a dash; and what stands at each of its places. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => (HEX_DIGITS[code]! >= 0 ? 1 : code === 0x2d ? 2 : 0));
const UUID_FORM = Uint8Array.from('00000000-0000-0000-0000-000000000000', (each) => KINDS[each.charCodeAt(0)]!);

const fromHex = (hex: string): Uuid =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid;

const hexOf = (id: Uuid): string =>
  id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24);

/** A new UUIDv7 (RFC 9562): ordered by time, so that indexes stay dense. */
export function newId(clock: Clock, random: Random): Uuid {
  const bytes = Buffer.from(random.bytes(16));
  bytes.writeUIntBE(clock.now().getTime(), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return fromHex(bytes.toString('hex'));
}

/**
 * The id that follows from another id and a name (UUIDv8): always the same for the same
 * input, so that what is done again after a crash meets itself. Keeps the time of `from`,
 * so that it stays beside it in an index.
 */
export function deriveId(from: Uuid, name: string): Uuid {
  const longest = ID_BYTES + 1 + 3 * name.length;
  if (scratch.length < longest) scratch = Buffer.alloc(2 * longest);
  scratch.write(hexOf(from), 0, 'hex');
  scratch[ID_BYTES] = 0;
  const end = ID_BYTES + 1 + scratch.write(name, ID_BYTES + 1);
  const digest = hash('sha256', scratch.subarray(0, end), 'hex');
  const variant = VARIANTS[readHex(digest, 16, 17) & 3]!;
  return `${from.slice(0, 13)}-8${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}` as Uuid;
}

const ID_BYTES = 16;
const VARIANTS = '89ab';
/** Used within one call, so that an id leaves no garbage but itself. */
let scratch = Buffer.alloc(256);

/** Reads a UUID that comes from our own tables; a wrong form is a bug. */
export function uuid(text: string): Uuid {
  // The words are made for a wrong one only: a transfer has some twenty right ones.
  if (!isUuid(text)) assert(false, `not a uuid: ${text}`);
  return text as Uuid;
}

/** Without a regular expression, which takes twice as long. */
function isUuid(text: string): boolean {
  if (text.length !== UUID_FORM.length) return false;
  for (let at = 0; at < text.length; at += 1) {
    if (KINDS[text.charCodeAt(at)] !== UUID_FORM[at]) return false;
  }
  return true;
}

/** Digits in hex as a number. */
function readHex(hex: string, at: number, end: number): number {
  let value = 0;
  for (let place = at; place < end; place += 1) value = (value << 4) | HEX_DIGITS[hex.charCodeAt(place)]!;
  return value;
}

const twenty = (hex: string, at: number): string => {
  const value = readHex(hex, at, at + 5);
  return PAIRS[value >> 10]! + PAIRS[value & 1023]!;
};

/** The API form of an id: `op_01h455vb4pex5vsknk084sn02q`. Eight bits, and then twenty by twenty. */
export function toPublicId<P extends string>(prefix: P, id: Uuid): PublicId<P> {
  const hex = hexOf(id);
  const rest = twenty(hex, 2) + twenty(hex, 7) + twenty(hex, 12) + twenty(hex, 17) + twenty(hex, 22) + twenty(hex, 27);
  return `${prefix}_${PAIRS[readHex(hex, 0, 2)]!}${rest}`;
}

/** Four characters as twenty bits; below zero when one of them is none of ours. */
function readTwenty(text: string, at: number): number {
  let value = 0;
  for (let place = at; place < at + 4; place += 1) value = (value << 5) | (DIGITS[text.charCodeAt(place)] ?? -1);
  return value;
}

/** Reads an id from the API; `undefined` when it is not one of this kind. */
export function fromPublicId(prefix: string, text: string): Uuid | undefined {
  const start = prefix.length + 1;
  if (text.length !== start + 26 || !text.startsWith(`${prefix}_`)) return undefined;
  const first = ((DIGITS[text.charCodeAt(start)] ?? -1) << 5) | (DIGITS[text.charCodeAt(start + 1)] ?? -1);
  if (first < 0 || first > 0xff) return undefined;
  let hex = (first + 0x100).toString(16).slice(1);
  for (let at = start + 2; at < text.length; at += 4) {
    const value = readTwenty(text, at);
    if (value < 0) return undefined;
    hex += (value + 0x100000).toString(16).slice(1);
  }
  return fromHex(hex);
}

/** The short reference that people read aloud: `P7K4-2M9X`. Not unique by itself; support looks it up with the person. */
export function humanReference(id: Uuid): string {
  const start = scratch.write('reference');
  const end = start + scratch.write(hexOf(id), start, 'hex');
  const digest = hash('sha256', scratch.subarray(0, end), 'hex');
  let text = 'P';
  // Five bits of each of seven bytes.
  for (let at = 0; at < 14; at += 2) text += ALPHABET[readHex(digest, at, at + 2) & 31]!;
  return `${text.slice(0, 4)}-${text.slice(4)}`.toUpperCase();
}
