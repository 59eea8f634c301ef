import { HttpRefusal } from './http-refusal.ts';

const DEEPEST = 32;
const LONGEST_NUMBER = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);
/** Strings, numbers and structure of a text that is known to be JSON. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|[{}[\],]/g;

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
  inspectTokens(text);
  return value;
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new HttpRefusal(400, 'not UTF-8');
  }
}

/** Walks over the tokens; `names` holds the members seen so far of each object that is open, null for an array. */
function inspectTokens(text: string): void {
  const open: (Set<string> | null)[] = [];
  let expectsName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    switch (token) {
      case '{':
      case '[':
        open.push(token === '{' ? new Set() : null);
        if (open.length > DEEPEST) throw new HttpRefusal(400, 'too many levels');
        expectsName = token === '{';
        break;
      case '}':
      case ']':
        open.pop();
        expectsName = false;
        break;
      case ',':
        expectsName = open.at(-1) instanceof Set;
        break;
      default:
        if (token.startsWith('"')) inspectString(token, expectsName ? open.at(-1) : null);
        else if (token.length > LONGEST_NUMBER) throw new HttpRefusal(400, 'number too long');
        expectsName = false;
    }
  }
}

function inspectString(token: string, names: Set<string> | null | undefined): void {
  const text = JSON.parse(token) as string;
  if (!text.isWellFormed() || text.includes('\0')) throw new HttpRefusal(400, 'text that cannot be stored');
  if (!names) return;
  if (names.has(text)) throw new HttpRefusal(400, 'a member named twice');
  if (FORBIDDEN_NAMES.has(text)) throw new HttpRefusal(400, 'a forbidden name');
  names.add(text);
}
