import { assert } from './assert.ts';

/** What JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

const DEEPEST = 64;

/**
 * One text for one JSON value: members sorted by UTF-16 code units, no white space, numbers as ECMAScript
 * writes them (RFC 8785). Fingerprints of requests are taken over it. Whatever JSON cannot carry without loss
 * (NaN, undefined, bigint, lone surrogates, objects with a class) is a bug of the caller.
 */
export function canonicalJson(value: JsonValue): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  assert(depth <= DEEPEST, 'JSON value too deep');
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      assert(Number.isFinite(value), 'not a JSON number');
      return JSON.stringify(value);
    case 'string':
      assert(value.isWellFormed(), 'lone surrogate in a JSON text');
      return JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : writeObject(value, depth);
    default:
      throw new Error(`assertion: no JSON value: ${typeof value}`);
  }
}

function writeObject(value: object, depth: number): string {
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item: unknown) => write(item, depth + 1)).join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  assert(prototype === Object.prototype || prototype === null, 'only plain objects have a canonical text');
  const plain = value as Readonly<Record<string, unknown>>;
  // Without a comparison of its own, `sort` goes by code units.
  let members = '';
  for (const name of Object.keys(plain).sort()) {
    members += `${members === '' ? '' : ','}${write(name, depth)}:${write(plain[name], depth + 1)}`;
  }
  return `{${members}}`;
}
