import { expect, test } from 'vitest';
import { deriveId } from '../../../src/kernel/ids.ts';
import { IdSketch } from '../../../src/ledger/id-sketch.ts';
import { makeId } from './fixture.ts';

test('every id that was added is found, also when there are many more than expected', () => {
  const sketch = new IdSketch(10);
  const ids = Array.from({ length: 20_000 }, makeId);
  for (const id of ids) {
    sketch.add(id);
    expect(sketch.has(id)).toBe(true);
  }
  expect(ids.every((id) => sketch.has(id))).toBe(true);
  expect(sketch.size).toBe(20_000);
  expect(Array.from({ length: 20_000 }, makeId).some((id) => sketch.has(id))).toBe(false);
});

test('an id added twice is there once, one derived from another is another, and clearing forgets all', () => {
  const sketch = new IdSketch(100);
  const id = makeId();
  sketch.add(id);
  sketch.add(id);
  expect(sketch.size).toBe(1);
  expect(sketch.has(deriveId(id, 'expired'))).toBe(false);
  sketch.clear();
  expect([sketch.size, sketch.has(id)]).toEqual([0, false]);
});
