import { HttpRefusal } from './http-refusal.ts';

const DEEPEST = 32;
const LONGEST_NUMBER = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);
/**
 * Reads a JSON body. Refused besides what is no JSON: other encodings than UTF-8, a member named twice (two readers
 * would take different ones), names that reach prototypes, more than 32 levels, numbers of more than 32 digits, NUL and
 * lone surrogates, which no database column and no UTF-8 text can hold.
 */
export function readJson(body: Uint8Array): unknown {
  const text = decode(body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, 'not JSON');
  }
  inspect(text);
  return value;
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new HttpRefusal(400, 'not UTF-8');
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const MINUS = 0x2d;
const [ZERO, NINE] = [0x30, 0x39];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Walks over a text that is JSON; `open` holds the members seen so far of each object that is open, null for a list. */
function inspect(text: string): void {
  const open: (Set<string> | null)[] = [];
  let expectsName = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      inspectString(text.slice(at, end), expectsName ? open.at(-1) : null);
      expectsName = false;
      at = end - 1;
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const end = endOfNumber(text, at);
      if (end - at > LONGEST_NUMBER) throw new HttpRefusal(400, 'number too long');
      at = end - 1;
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      expectsName = code === OPEN_OBJECT;
      open.push(expectsName ? new Set() : null);
      if (open.length > DEEPEST) throw new HttpRefusal(400, 'too many levels');
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      open.pop();
      expectsName = false;
    } else if (code === COMMA) {
      expectsName = open.at(-1) instanceof Set;
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
  }
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && '0123456789.eE+-'.includes(text.charAt(at))) at += 1;
  return at;
}

function inspectString(token: string, names: Set<string> | null | undefined): void {
  // What was read as UTF-8 has NUL and lone surrogates only where it writes them as an escape.
  const isPlain = !token.includes('\\');
  const text = isPlain ? token.slice(1, -1) : (JSON.parse(token) as string);
  if (!isPlain && (!text.isWellFormed() || text.includes('\0')))
    throw new HttpRefusal(400, 'text that cannot be stored');
  if (!names) return;
  if (names.has(text)) throw new HttpRefusal(400, 'a member named twice');
  if (FORBIDDEN_NAMES.has(text)) throw new HttpRefusal(400, 'a forbidden name');
  names.add(text);
}
