import { inspect } from 'node:util';

/**
 * A value that must not be shown by accident. Every way of turning it into text gives its mask;
 * only `reveal()` gives the value, so that each place that does it can be found.
 */
export class Masked<Kind extends string> {
  readonly #value: string;
  readonly #mask: string;
  declare readonly kind: Kind;

  constructor(value: string, mask: string) {
    this.#value = value;
    this.#mask = mask;
  }
  reveal(): string {
    return this.#value;
  }
  get mask(): string {
    return this.#mask;
  }
  toString(): string {
    return this.#mask;
  }
  toJSON(): string {
    return this.#mask;
  }
  [inspect.custom](): string {
    return this.#mask;
  }
}

export type Pan = Masked<'pan'>;
export type IdNumber = Masked<'id_number'>;
export type PersonName = Masked<'person_name'>;
export type Phone = Masked<'phone'>;
export type Otp = Masked<'otp'>;
export type Pin = Masked<'pin'>;
export type Secret = Masked<'secret'>;

/** A card number; shows first six and last four at most (PCI DSS 3.4.1). */
export const pan = (value: string): Pan => new Masked(value, `${value.slice(0, 6)}****${value.slice(-4)}`);
export const idNumber = (value: string): IdNumber => new Masked(value, `${value.slice(0, 4)}****${value.slice(-4)}`);
/** A name; shows the last character: `*明`. */
export const personName = (value: string): PersonName =>
  new Masked(value, `${'*'.repeat(Math.max(1, [...value].length - 1))}${[...value].at(-1) ?? ''}`);
/** A phone number in E.164; shows the first three national digits and the last four. */
export const phone = (value: string): Phone => {
  const national = value.replace(/^\+86/, '');
  return new Masked(value, `${national.slice(0, 3)}****${national.slice(-4)}`);
};
export const otp = (value: string): Otp => new Masked(value, '******');
export const pin = (value: string): Pin => new Masked(value, '******');
export const secret = (value: string): Secret => new Masked(value, '[secret]');
