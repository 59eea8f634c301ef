import { expect, test } from 'vitest';
import { createDigest, createEnvelope, sameBytes } from '../../../src/kernel/envelope.ts';
import { systemRandom } from '../../../src/kernel/random.ts';

const key = () => systemRandom.bytes(32);
const old = { id: 'old', key: key() };
const fresh = { id: 'new', key: key() };
const CARD = '6222021234567890123';

test('a sealed text opens at its place and nowhere else', () => {
  const envelope = createEnvelope({ masterKeys: [old], random: systemRandom });
  const sealed = envelope.seal(CARD, 'card:1');
  expect(envelope.open(sealed, 'card:1')).toBe(CARD);
  expect(() => envelope.open(sealed, 'card:2')).toThrow();
  expect(sealed.includes(CARD)).toBe(false);
});

test('every single altered bit is noticed', () => {
  const envelope = createEnvelope({ masterKeys: [old], random: systemRandom });
  const sealed = envelope.seal(CARD, 'card:1');
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const altered = Buffer.from(sealed);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => envelope.open(altered, 'card:1')).toThrow();
  }
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => envelope.open(sealed.subarray(0, length), 'card:1')).toThrow();
  }
});

test('the same text twice has nothing in common', () => {
  const envelope = createEnvelope({ masterKeys: [old], random: systemRandom });
  const headerBytes = 2 + old.id.length;
  const [a, b] = [envelope.seal(CARD, 'x'), envelope.seal(CARD, 'x')];
  for (const [from, to] of [
    [0, 12],
    [12, 44],
    [60, 72],
    [72, 72 + CARD.length],
  ] as const) {
    const part = (sealed: Buffer) => sealed.subarray(headerBytes + from, headerBytes + to);
    expect(part(a).equals(part(b))).toBe(false);
  }
});

test('after a change of the master key old records open, are told apart, and are sealed anew', () => {
  const sealed = createEnvelope({ masterKeys: [old], random: systemRandom }).seal(CARD, 'card:1');
  const both = createEnvelope({ masterKeys: [fresh, old], random: systemRandom });
  expect(both.isCurrent(sealed)).toBe(false);
  const resealed = both.reseal(sealed, 'card:1');
  expect(both.isCurrent(resealed)).toBe(true);
  const after = createEnvelope({ masterKeys: [fresh], random: systemRandom });
  expect(after.open(resealed, 'card:1')).toBe(CARD);
  expect(() => after.open(sealed, 'card:1')).toThrow(/no master key/);
});

test('a digest depends on key, purpose and value, and on where the one ends and the other begins', () => {
  const digest = createDigest({ key: key() });
  expect(sameBytes(digest('a', 'b'), digest('a', 'b'))).toBe(true);
  expect(sameBytes(digest('a', 'b'), digest('b', 'b'))).toBe(false);
  expect(sameBytes(digest('ab', 'c'), digest('a', 'bc'))).toBe(false);
  expect(sameBytes(digest('a', 'b'), createDigest({ key: key() })('a', 'b'))).toBe(false);
  expect(() => digest('a\0', 'b')).toThrow();
});
