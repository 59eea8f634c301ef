import { describe, expect, test } from 'vitest';
import type { Count } from '../../../src/ledger/ledger.ts';
import { SharedRefusals } from '../../../src/ledger/shared-refusals.ts';
import { hold, LedgerFixture, makeId, post, take } from './fixture.ts';

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

const upTo = (first?: bigint, second?: bigint): { counts: Count[] } => ({
  counts: [first, second].flatMap((most, counter) => (most === undefined ? [] : [{ counter, upTo: most } as Count])),
});
const [a, b] = [1n, 2n] as [never, never];

describe('a refusal for a counter', () => {
  const one = post(a, b, 10n, upTo(9n, 20n));
  const refusedFor = (reason: 'exceeds_counter' | 'exceeds_credits', transfer = one) => {
    const refusals = new SharedRefusals();
    refusals.remember(transfer, reason, 1, 1);
    return refusals;
  };
  const other = 'id_already_failed_with_other_content';

  test.each<[string, object, string | undefined, string]>([
    ['the very same', {}, 'exceeds_counter', 'exceeds_credits'],
    ['the same limits in another order', { counts: one.counts!.toReversed() }, 'exceeds_counter', 'exceeds_credits'],
    ['a farther limit', upTo(10n, 20n), undefined, 'exceeds_credits'],
    ['a nearer limit', upTo(8n, 20n), undefined, 'exceeds_credits'],
    ['a limit less', upTo(9n), undefined, 'exceeds_credits'],
    ['the limits exchanged', upTo(20n, 9n), undefined, 'exceeds_credits'],
    ['no limit', { counts: [] }, undefined, 'exceeds_credits'],
    ['nothing said of any', { counts: undefined }, undefined, 'exceeds_credits'],
    ['the same limits for another amount', { amount: 11n }, other, other],
    ['the same limits of another account', { debitAccountId: 3n }, undefined, other],
    ['another limit for another amount', { ...upTo(10n, 20n), amount: 11n }, undefined, other],
    ['a hold', { ...hold(a, b, 10n), id: one.id, counts: undefined }, undefined, other],
  ])('is told to who asks for %s as the counts say, and any other whatever they say', (_, more, counter, credits) => {
    const asked = { ...one, ...more };
    expect(refusedFor('exceeds_counter').reasonFor(asked, 2)).toBe(counter);
    expect(refusedFor('exceeds_credits').reasonFor(asked, 2)).toBe(credits);
  });

  test('of one counter is not that of another, nor of one more', () => {
    const single = post(a, b, 10n, upTo(9n));
    const refusals = refusedFor('exceeds_counter', single);
    for (const counts of [upTo(undefined, 9n), upTo(9n, 9n), upTo(9n, 20n)])
      expect(refusals.reasonFor({ ...single, ...counts }, 2)).toBe(undefined);
    expect(refusals.reasonFor(take(makeId(), 10n, { id: single.id }), 2)).toBe(undefined);
    expect(refusals.reasonFor(single, 2)).toBe('exceeds_counter');
  });

  test('stays what those hear who asked before it was heard, whatever others with that id were refused since', () => {
    const refusals = refusedFor('exceeds_counter');
    const farther = { ...one, ...upTo(50n, 50n) };
    refusals.remember(farther, 'exceeds_credits', 1, 2);
    expect(refusals.reasonFor(one, 3)).toBe('exceeds_counter');
    // Heard, while calls up to the ninth were waiting.
    refusals.answered(1, [one.id], 10);
    refusals.remember(farther, 'exceeds_credits', 2, 4);
    expect(refusals.reasonFor(one, 9)).toBe('exceeds_counter');
    expect(refusals.reasonFor(farther, 9)).toBe(undefined);
    expect(refusals.reasonFor(one, 10)).toBe(undefined);
    // Who asked later is the first of others.
    refusals.remember(farther, 'exceeds_credits', 3, 10);
    expect(refusals.reasonFor(one, 11)).toBe('exceeds_credits');
    refusals.forget(20);
    expect(refusals.reasonFor(farther, 11)).toBe('exceeds_credits');
    refusals.answered(3, [one.id], 12);
    expect(refusals.reasonFor(farther, 12)).toBe(undefined);
  });
});
