import { describe, expect, test } from 'vitest';
import { newId } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import type { LedgerScene } from '../ledger-scene.ts';
import { hold, makeId, post, release, take, word } from '../transfers.ts';

export function describeIds(scene: () => LedgerScene): void {
  describe('an id', () => {
    test('seen before answers exists, with the place and time of the first', async () => {
      const [a, b] = await scene().makePair(100n);
      const first = post(a, b, 10n, { operationId: makeId() });
      const posted = await scene().one(first);
      scene().clock.advance(1_000);
      expect(await scene().one(first)).toEqual({ ...posted, outcome: 'exists' });
      await scene().reopen();
      expect(await scene().one(first)).toEqual({ ...posted, outcome: 'exists' });
      expect(await scene().balance(a)).toBe(90n);
    });

    test('of a hold is the same whenever the hold ends', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 10n, { expiresAt: scene().inMs(5_000) });
      expect(await scene().outcomes([held])).toEqual([['posted']]);
      expect(await scene().outcome({ ...held, expiresAt: scene().inMs(9_000) })).toBe('exists');
      const { expiresAt: _, ...lasting } = held;
      expect(await scene().outcome(lasting)).toBe('exists');
    });

    test('of the end of a hold is compared with the hold too', async () => {
      const [a, b] = await scene().makePair(100n);
      const [one, two] = [hold(a, b, 30n), hold(a, b, 40n)];
      await scene().outcomes([one], [two]);
      const taken = take(one.id);
      expect(await scene().outcomes([taken], [taken])).toEqual([['posted'], ['exists']]);
      expect(await scene().outcome(take(one.id, 30n, { id: taken.id }))).toBe('exists');
      expect(await scene().outcome(take(one.id, 29n, { id: taken.id }))).toBe('exists_with_different_amount');
      expect(await scene().outcome(take(two.id, 30n, { id: taken.id }))).toBe('exists_with_different_pending_id');
      expect(await scene().outcome(release(one.id, { id: taken.id }))).toBe('exists_with_different_kind');
      // Without an amount it asks for all that was held, of which a part was taken.
      const part = take(two.id, 15n);
      const whole = take(two.id, undefined, { id: part.id });
      expect(await scene().outcomes([part], [whole])).toEqual([['posted'], ['exists_with_different_amount']]);
      await scene().reopen();
      expect(await scene().outcomes([whole], [part])).toEqual([['exists_with_different_amount'], ['exists']]);
    });

    test('used again for another kind of transfer is another kind, in each direction', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 30n);
      const ended = take(held.id, 10n);
      const voided = hold(a, b, 5n);
      const voiding = release(voided.id);
      const plain = post(a, b, 1n);
      await scene().outcomes([held], [ended], [voided], [voiding], [plain]);
      const all = [held, ended, voided, voiding, plain];
      for (const { id, kind } of all) {
        const others = [
          post(a, b, 1n, { id }),
          hold(a, b, 1n, { id }),
          take(held.id, 10n, { id }),
          release(voided.id, { id }),
        ];
        const answers = await scene().outcomes(...others.map((each) => [each]));
        const same = others.findIndex((each) => each.kind === kind);
        for (const [at, [answer]] of answers.entries()) {
          if (at !== same) expect(answer).toBe('exists_with_different_kind');
        }
      }
      expect(await scene().balance(a)).toBe(89n);
    });

    test('is known after a restart, also where the rules would refuse it now', async () => {
      const [a, b] = await scene().makePair(100n);
      const all = post(a, b, 100n);
      const held = hold(b, a, 60n);
      const taken = take(held.id, 50n);
      expect(await scene().outcomes([all], [held], [taken])).toEqual([['posted'], ['posted'], ['posted']]);
      await scene().reopen();
      expect(await scene().outcomes([all], [taken], [held], [post(a, b, 51n)])).toEqual([
        ['exists'],
        ['exists'],
        ['exists'],
        ['exceeds_credits'],
      ]);
      await scene().ledger.setAccountState(a, { closed: true });
      await scene().ledger.setAccountState(b, { closed: true });
      await scene().reopen();
      expect(await scene().outcomes([all], [taken], [held])).toEqual([['exists'], ['exists'], ['exists']]);
      expect(await scene().outcome(post(a, b, 99n, { id: all.id }))).toBe('exists_with_different_amount');
    });

    test('made long ago by its text, or in the future, is found all the same', async () => {
      const [a, b] = await scene().makePair(100n);
      const ids = [
        '00000000-0000-7000-8000-000000000001',
        'ffffffff-ffff-7fff-8fff-fffffffffff1',
        '00000000-0000-0000-0000-000000000000',
        'ffffffff-ffff-ffff-ffff-ffffffffffff',
      ];
      const transfers = ids.map((id) => post(a, b, 10n, { id }));
      expect(new Set((await scene().outcomes(...transfers.map((each) => [each]))).flat())).toEqual(new Set(['posted']));
      await scene().reopen();
      expect(new Set((await scene().outcomes(...transfers.map((each) => [each]))).flat())).toEqual(new Set(['exists']));
      expect(await scene().outcome(post(a, b, 1n))).toBe('posted');
      expect(await scene().balance(b)).toBe(41n);
    });

    test('is found however the clock went back meanwhile', async () => {
      const [a, b] = await scene().makePair(100n);
      const idNow = () => newId(scene().clock, systemRandom);
      const [part, all] = [post(a, b, 10n, { id: idNow() }), post(a, b, 90n, { id: idNow() })];
      await scene().outcomes([part], [all], [post(b, a, 50n)]);
      scene().clock.advance(-2_000);
      await scene().reopen();
      expect(await scene().outcomes([all], [post(b, a, 1n)])).toEqual([['exists'], ['posted']]);
      expect(await scene().outcomes([post(b, a, 1n)], [part], [post(b, a, 100n)])).toEqual([
        ['posted'],
        ['exists'],
        ['exceeds_credits'],
      ]);
      // In a chain with something new, and with something that is refused anyway.
      expect(await scene().outcomes([post(b, a, 1n), part], [post(b, a, 500n), all])).toEqual([
        ['linked_event_failed', 'exists'],
        ['linked_event_failed', 'exists'],
      ]);
      scene().clock.advance(2_000);
      expect(await scene().balances(a, b)).toEqual([52n, 48n]);
    });

    test('that comes twice in one call moves money once, with the same or other content', async () => {
      const [a, b] = await scene().makePair(100n);
      const one = post(a, b, 10n);
      const heard = await scene().ledger.post([[one], [one], [{ ...one, amount: 11n }], [one]]);
      expect(heard.flat().map(word)).toEqual(['posted', 'exists', 'exists_with_different_amount', 'exists']);
      expect(heard[1]).toEqual([{ ...heard[0]![0], outcome: 'exists' }]);
      expect(await scene().balance(a)).toBe(90n);
    });

    test('that was refused is not remembered: it is decided afresh, with any content', async () => {
      const [a, b] = await scene().makePair(10n);
      const one = post(a, b, 11n);
      expect(await scene().outcome(one)).toBe('exceeds_credits');
      expect(await scene().ledger.transfer(one.id)).toBeUndefined();
      expect(await scene().outcome({ ...one, amount: 10n })).toBe('posted');
      expect(await scene().outcome(one)).toBe('exists_with_different_amount');
    });
  });
}
