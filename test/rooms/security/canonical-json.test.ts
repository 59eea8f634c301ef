import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, type JsonValue } from '../../../src/kernel/canonical-json.ts';
import { pan } from '../../../src/kernel/masked.ts';

test('members are sorted by code units and nothing is added', () => {
  expect(canonicalJson({ b: 1, a: [true, null, 'ä"\n'], é: 1e21, Z: -0 })).toBe(
    '{"Z":0,"a":[true,null,"ä\\"\\n"],"b":1,"é":1e+21}',
  );
});

test('the order of members does not matter and the value comes back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' })), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      const text = canonicalJson(value as JsonValue);
      expect(canonicalJson(turned as JsonValue)).toBe(text);
      expect(canonicalJson(JSON.parse(text) as JsonValue)).toBe(text);
    }),
  );
});

test('what JSON cannot carry is a bug', () => {
  const circle: unknown[] = [];
  circle.push(circle);
  for (const value of [NaN, Infinity, undefined, 1n, '\ud800', { '\udc00': 1 }, new Map(), pan('6222021'), circle]) {
    expect(() => canonicalJson(value as JsonValue)).toThrow();
    expect(() => canonicalJson({ a: value } as JsonValue)).toThrow();
  }
});
