import type { Uuid } from '../kernel/ids.ts';

const TWO_TO_32 = 2 ** 32;
const HEX = new Uint8Array(128);
for (const [digit, character] of [...'0123456789abcdef'].entries()) HEX[character.charCodeAt(0)] = digit;
/** Where the pairs of hexadecimal digits stand in a UUID's text. */
const UUID_PAIRS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;
/** Milliseconds from 1970 to 2000, where PostgreSQL's time begins. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
/** Whose microseconds are still a whole number below 2^53. */
const MAX_EXACT_MS = 2 ** 43;

/** Writes PostgreSQL's binary forms into one growing buffer that is used again and again. */
export class ByteWriter {
  #bytes: Buffer;
  #view: DataView;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, capacity);
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** What was written; valid until the next `clear`. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer, larger.byteOffset, larger.length);
  }

  byte(value: number): void {
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  int2(value: number): void {
    this.#view.setInt16(this.#length, value);
    this.#length += 2;
  }

  int4(value: number): void {
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  setInt4(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  int8(value: bigint): void {
    this.#view.setBigInt64(this.#length, value);
    this.#length += 8;
  }

  /** A whole number from 0 to 2^53. */
  int8FromNumber(value: number): void {
    this.#view.setUint32(this.#length, Math.floor(value / TWO_TO_32));
    this.#view.setUint32(this.#length + 4, value >>> 0);
    this.#length += 8;
  }

  timestamp(atMs: number): void {
    const sinceMs = atMs - POSTGRES_EPOCH_MS;
    if (sinceMs >= 0 && sinceMs < MAX_EXACT_MS) this.int8FromNumber(sinceMs * 1000);
    else this.int8(BigInt(sinceMs) * 1000n);
  }

  uuid(id: Uuid): void {
    const bytes = this.#bytes;
    let at = this.#length;
    for (const pair of UUID_PAIRS) {
      bytes[at] = (HEX[id.charCodeAt(pair)]! << 4) | HEX[id.charCodeAt(pair + 1)]!;
      at += 1;
    }
    this.#length = at;
  }

  /** A text without an end mark; makes its own room. */
  utf8(value: string): void {
    this.reserve(value.length * 3);
    this.#length += this.#bytes.write(value, this.#length, 'utf8');
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  text(value: string): void {
    this.#length += this.#bytes.write(value, this.#length, 'utf8');
    this.byte(0);
  }
}
