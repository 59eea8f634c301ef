import { expect, test } from 'vitest';
import { LedgerFixture, post } from './fixture.ts';

test('who heard a refusal and mends its cause is decided afresh, while others who asked before still wait for theirs', async () => {
  // One call at a time, so that answers come one after the other.
  const books = await LedgerFixture.create({ maxBatch: 1, secondLineFrom: 1 });
  const [a, b] = await books.makePair(0n);
  const rich = await books.makeAccount();
  const bad = post(a, b, 10n);
  const filling = () => Array.from({ length: 10 }, () => books.outcome(post(rich, b, 1n)));
  const first = books.outcome(bad);
  const between = filling();
  const second = books.outcome(bad);
  const after = filling();
  expect(await first).toBe('exceeds_credits');
  const mended = [books.outcome(post(rich, a, 10n)), books.outcome(bad)];
  expect(await second).toBe('exceeds_credits');
  expect(await Promise.all(mended)).toEqual(['posted', 'posted']);
  await Promise.all([...between, ...after]);
  await books.close();
});
