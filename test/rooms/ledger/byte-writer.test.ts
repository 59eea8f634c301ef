import { expect, test } from 'vitest';
import { ByteWriter } from '../../../src/ledger/byte-writer.ts';

test('a moment is written to the microsecond that PostgreSQL counts from 2000, before it, near and far', () => {
  const year2000 = Date.UTC(2000, 0, 1);
  const far = year2000 + 2 ** 43;
  for (const atMs of [year2000, year2000 - 1, year2000 + 1, -2e14, Date.UTC(2026, 10, 22), far - 1, far, 8.64e15]) {
    const writer = new ByteWriter(8);
    writer.timestamp(atMs);
    expect(writer.written().readBigInt64BE()).toBe((BigInt(atMs) - BigInt(year2000)) * 1000n);
  }
});
