import { expect, test } from 'vitest';
import { gatherReads } from '../../../src/database/gather-reads.ts';

/** Loads that end when they are told to; each is known by its keys. */
function createLoads() {
  const loads: { keys: readonly number[]; answer: () => void; fail: () => void }[] = [];
  const begun: (() => void)[] = [];
  const read = gatherReads(
    (keys: readonly number[]) =>
      new Promise<readonly string[]>((resolve, reject) => {
        loads.push({
          keys,
          answer: () => resolve(keys.map((key) => `value ${key}`)),
          fail: () => reject(new Error('no database')),
        });
        for (const tell of begun.splice(0)) tell();
      }),
  );
  const nth = async (index: number) => {
    while (loads.length <= index) await new Promise<void>((resolve) => begun.push(resolve));
    const load = loads[index];
    if (!load) throw new Error('it has begun');
    return load;
  };
  return { read, nth, loads };
}

test('who asks in one moment is read together, and who asks meanwhile together with the next', async () => {
  const { read, nth, loads } = createLoads();
  const first = Promise.all([read(1), read(2)]);
  const one = await nth(0);
  const second = Promise.all([read(3), read(1), read(4)]);
  one.answer();
  expect(await first).toEqual(['value 1', 'value 2']);
  const two = await nth(1);
  two.answer();
  expect(await second).toEqual(['value 3', 'value 1', 'value 4']);
  expect(loads.map(({ keys }) => keys)).toEqual([
    [1, 2],
    [3, 1, 4],
  ]);
});

test('a load that hangs keeps nobody else waiting, but for a moment', async () => {
  const { read, nth } = createLoads();
  const hanging = read(1);
  const stuck = await nth(0);
  for (const key of [2, 3]) {
    const asked = read(key);
    (await nth(key - 1)).answer();
    expect(await asked).toBe(`value ${key}`);
  }
  stuck.answer();
  expect(await hanging).toBe('value 1');
});

test('a load that fails fails for those it was for, and the next is begun', async () => {
  const { read, nth } = createLoads();
  const [one, two] = [read(1), read(2)];
  const load = await nth(0);
  const later = read(3);
  load.fail();
  await expect(one).rejects.toThrow('no database');
  await expect(two).rejects.toThrow('no database');
  (await nth(1)).answer();
  expect(await later).toBe('value 3');
});
