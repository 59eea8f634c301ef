import { expect, test } from 'vitest';
import { systemRandom } from '../../../src/kernel/random.ts';

test('bytes are as many as were asked for, never twice the same, and changed by nobody else', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 2_000; i += 1) {
    const length = 16 + (i % 100);
    const bytes = systemRandom.bytes(length);
    expect(bytes).toHaveLength(length);
    seen.add(Buffer.from(bytes.subarray(0, 16)).toString('hex'));
    // Whoever wipes what they were given wipes nothing of what comes next.
    bytes.fill(0);
  }
  expect(seen.size).toBe(2_000);
  expect(seen).not.toContain('0'.repeat(32));
  const kept = systemRandom.bytes(32);
  const before = Buffer.from(kept).toString('hex');
  for (let i = 0; i < 1_000; i += 1) systemRandom.bytes(32);
  expect(Buffer.from(kept).toString('hex')).toBe(before);
});
