import type { Uuid } from '../kernel/ids.ts';

const HEX = new Uint8Array(128);
for (const [value, digit] of [...'0123456789abcdef'].entries()) HEX[digit.charCodeAt(0)] = value;

/** Never that of an empty place. */
const TAKEN = 1 << 30;

/**
 * Which ids were added, as 60 of their bits: an id that was added is always found, one that was not is taken for one that
 * was about once in 2^60. Lies in one piece of memory and keeps no id alive, which a set of texts does at the price of
 * half of what a transfer costs the writer.
 */
export class IdSketch {
  /** Two words for each place. */
  #places: Int32Array;
  #shift: number;
  #size = 0;
  #high = 0;
  #low = 0;

  /** Grows beyond `expected` where it must. */
  constructor(expected: number) {
    const bits = Math.max(4, Math.ceil(Math.log2(expected * 2)));
    this.#places = new Int32Array(2 * 2 ** bits);
    this.#shift = 32 - bits;
  }

  get size(): number {
    return this.#size;
  }

  has(id: Uuid): boolean {
    this.#read(id);
    return this.#places[this.#placeOf()] !== 0;
  }

  add(id: Uuid): void {
    this.#read(id);
    this.#put();
    if (this.#size * 3 > this.#places.length) this.#grow();
  }

  clear(): void {
    this.#places.fill(0);
    this.#size = 0;
  }

  /** The digits behind the version: chance in an id made of time, and all of it in one derived from another. */
  #read(id: Uuid): void {
    let high = 0;
    let low = 0;
    for (let at = 20; at < 28; at += 1) if (at !== 23) high = (high << 4) | HEX[id.charCodeAt(at)]!;
    for (let at = 28; at < 36; at += 1) low = (low << 4) | HEX[id.charCodeAt(at)]!;
    this.#high = high | TAKEN;
    this.#low = low;
  }

  /** Where the id that was read is, or where it belongs. */
  #placeOf(): number {
    const places = this.#places;
    const last = places.length - 2;
    const [high, low] = [this.#high, this.#low];
    const hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    let place = (hash >>> this.#shift) * 2;
    while (places[place] !== 0 && (places[place] !== high || places[place + 1] !== low)) {
      place = place === last ? 0 : place + 2;
    }
    return place;
  }

  #put(): void {
    const place = this.#placeOf();
    if (this.#places[place] !== 0) return;
    this.#places[place] = this.#high;
    this.#places[place + 1] = this.#low;
    this.#size += 1;
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Int32Array(before.length * 2);
    this.#shift -= 1;
    this.#size = 0;
    for (let place = 0; place < before.length; place += 2) {
      if (before[place] === 0) continue;
      [this.#high, this.#low] = [before[place]!, before[place + 1]!];
      this.#put();
    }
  }
}
