import { describe, expect, test } from 'vitest';
import type { AccountId } from '../../../src/ledger/ledger.ts';
import type { LedgerScene } from '../ledger-scene.ts';
import { hold, post, release, take } from '../transfers.ts';

export function describeConcurrency(scene: () => LedgerScene): void {
  describe('many at once', () => {
    test('who ask for the same move money once, and all hear the same', async () => {
      const [a, b] = await scene().makePair(100n);
      const one = post(a, b, 10n);
      const heard = await Promise.all(Array.from({ length: 50 }, () => scene().one(one)));
      expect(heard.filter((each) => each.outcome === 'posted')).toHaveLength(1);
      expect(heard.filter((each) => each.outcome === 'exists')).toHaveLength(49);
      expect(new Set(heard.map((each) => 'seq' in each && each.seq)).size).toBe(1);
      expect(await scene().balance(a)).toBe(90n);
    });

    test('who are refused the same are all refused it, and it is decided afresh later', async () => {
      const [a, b] = await scene().makePair(0n);
      const c = await scene().makeCustomer(50n);
      const one = post(a, b, 10n);
      const heard = await Promise.all([
        scene().outcome(one),
        scene().outcome(post(c, a, 10n)),
        scene().outcome(one),
        scene().outcome({ ...one, amount: 9n }),
      ]);
      expect(heard).toEqual(['exceeds_credits', 'posted', 'exceeds_credits', 'id_already_failed_with_other_content']);
      expect(await scene().outcome(one)).toBe('posted');
    });

    test('who are refused share what a chain was refused for, and only for the one that failed', async () => {
      const [a, b] = await scene().makePair(10n);
      const [good, bad] = [post(a, b, 10n), post(a, b, 1n)];
      const heard = await Promise.all([
        scene().outcomes([good, bad]),
        scene().outcomes([bad], [good]),
        scene().outcomes([post(b, a, 5n), bad]),
      ]);
      expect(heard).toEqual([
        [['linked_event_failed', 'exceeds_credits']],
        [['exceeds_credits'], ['posted']],
        [['linked_event_failed', 'exceeds_credits']],
      ]);
      expect(await scene().outcome(bad)).toBe('exceeds_credits');
      expect(await scene().outcomes([post(b, a, 1n), bad])).toEqual([['posted', 'posted']]);
    });

    test('spend a balance to the last unit and no further', async () => {
      const [a, b] = await scene().makePair(100n);
      const heard = await Promise.all(
        Array.from({ length: 150 }, (_, at) => scene().outcome(at % 2 === 0 ? post(a, b, 1n) : hold(a, b, 1n))),
      );
      expect(heard.filter((each) => each === 'posted')).toHaveLength(100);
      expect(heard.slice(0, 100).every((each) => each === 'posted')).toBe(true);
      expect(await scene().account(a)).toMatchObject({ debitsPosted: 50n, debitsPending: 50n });
    });

    test('who end one hold end it once', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 60n);
      await scene().outcomes([held]);
      const heard = await Promise.all(
        Array.from({ length: 40 }, (_, at) =>
          scene().outcome(at % 2 === 0 ? take(held.id, BigInt(at + 1)) : release(held.id)),
        ),
      );
      expect(heard.filter((each) => each === 'posted')).toHaveLength(1);
      expect(heard[0]).toBe('posted');
      expect(await scene().account(a)).toMatchObject({ debitsPosted: 1n, debitsPending: 0n });
    });

    test('who move money in circles leave as much of it as there was', async () => {
      const accounts: AccountId[] = [];
      for (let index = 0; index < 8; index += 1) accounts.push(await scene().makeCustomer(50n));
      const walk = async (start: number) => {
        for (let step = 0; step < 25; step += 1) {
          const [from, to] = [accounts[(start + step) % 8]!, accounts[(start * 3 + step * 5 + 1) % 8]!];
          if (from !== to) await scene().outcome(post(from, to, BigInt(1 + ((start + step) % 40))));
        }
      };
      await Promise.all(Array.from({ length: 16 }, (_, start) => walk(start)));
      const balances = await scene().balances(...accounts);
      expect(balances.reduce((sum, each) => sum + each, 0n)).toBe(400n);
      expect(balances.every((each) => each >= 0n)).toBe(true);
    });

    test('where one comes too late, only that one does nothing', async () => {
      const [a, b] = await scene().makePair(100n);
      const late = { before: scene().clock.now() };
      const early = { before: scene().inMs(1) };
      const [one, two, three] = await Promise.allSettled([
        scene().ledger.post([[post(a, b, 1n)]], early),
        scene().ledger.post([[post(a, b, 10n)]], late),
        scene().ledger.post([[post(a, b, 2n)]]),
      ]);
      expect([one.status, two.status, three.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(two).toMatchObject({ reason: { name: 'LedgerTooLate' } });
      expect(await scene().balance(a)).toBe(97n);
    });
  });

  test('a ledger that is closed finishes what it took and takes nothing more', async () => {
    const [a, b] = await scene().makePair(100n);
    const taken = Array.from({ length: 10 }, () => scene().outcome(post(a, b, 1n)));
    const reopened = scene().reopen();
    expect(new Set(await Promise.all(taken))).toEqual(new Set(['posted']));
    await reopened;
    const { ledger } = scene();
    await scene().reopen();
    await expect(ledger.post([[post(a, b, 1n)]])).rejects.toMatchObject({ name: 'LedgerUnavailable' });
    expect(await scene().balance(a)).toBe(90n);
  });
}
