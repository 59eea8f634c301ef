import { describe, expect, test } from 'vitest';
import type { LedgerScene } from '../ledger-scene.ts';
import { hold, makeId, post, release, take } from '../transfers.ts';

const MOST = 8_192;

export function describeChains(scene: () => LedgerScene): void {
  describe('a chain', () => {
    test('succeeds or fails together, and others are not touched by its failure', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 10n);
      await scene().outcomes([held]);
      expect(
        await scene().outcomes(
          [take(held.id), hold(a, b, 20n), post(b, a, 5n), post(a, b, 500n), post(a, b, 1n)],
          [post(a, b, 90n)],
        ),
      ).toEqual([
        ['linked_event_failed', 'linked_event_failed', 'linked_event_failed', 'exceeds_credits', 'linked_event_failed'],
        ['posted'],
      ]);
      expect(await scene().account(a)).toMatchObject({ debitsPosted: 90n, debitsPending: 10n });
      expect(await scene().outcomes([take(held.id), post(b, a, 100n)])).toEqual([['posted', 'posted']]);
    });

    test('may build on itself: a hold made and taken in one', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 70n);
      expect(await scene().outcomes([held, take(held.id, 60n), post(b, a, 60n)])).toEqual([
        ['posted', 'posted', 'posted'],
      ]);
      expect(await scene().balances(a, b)).toEqual([100n, 0n]);
    });

    test('leaves nothing of a hold that it made and released when it fails', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 70n);
      expect(await scene().outcomes([held, release(held.id), post(a, b, 500n)], [take(held.id)], [held])).toEqual([
        ['linked_event_failed', 'linked_event_failed', 'exceeds_credits'],
        ['pending_transfer_not_found'],
        ['posted'],
      ]);
      expect(await scene().outcome(take(held.id, 7n))).toBe('posted');
      expect(await scene().account(a)).toMatchObject({ debitsPosted: 7n, debitsPending: 0n });
    });

    test('that is there answers exists for each; one that is there in part fails and says what is there', async () => {
      const [a, b] = await scene().makePair(100n);
      const chain = [post(a, b, 10n), post(a, b, 20n)];
      expect(await scene().outcomes(chain)).toEqual([['posted', 'posted']]);
      const mixed = [post(a, b, 1n), chain[1]!, post(a, b, 2n, { id: chain[0]!.id })];
      const expected = ['linked_event_failed', 'exists', 'exists_with_different_amount'];
      expect(await scene().outcomes(chain, mixed)).toEqual([['exists', 'exists'], expected]);
      await scene().reopen();
      expect(await scene().outcomes(mixed, chain)).toEqual([expected, ['exists', 'exists']]);
      expect(await scene().balance(a)).toBe(70n);
    });

    test('is the same chain in any other order, since every transfer of it is there', async () => {
      const [a, b] = await scene().makePair(100n);
      const chain = [post(a, b, 10n), post(a, b, 20n), post(a, b, 30n)];
      await scene().outcomes(chain);
      expect(await scene().outcomes(chain.toReversed(), chain.slice(1), [chain[0]!])).toEqual([
        ['exists', 'exists', 'exists'],
        ['exists', 'exists'],
        ['exists'],
      ]);
    });

    test('that fails leaves its ids free', async () => {
      const [a, b] = await scene().makePair(100n);
      const [good, bad] = [post(a, b, 10n), post(a, b, 500n)];
      expect(await scene().outcomes([good, bad])).toEqual([['linked_event_failed', 'exceeds_credits']]);
      expect(await scene().outcomes([bad], [good])).toEqual([['exceeds_credits'], ['posted']]);
    });

    test(`of ${MOST} transfers succeeds or fails together like any other`, async () => {
      const [a, b] = await scene().makePair(1n);
      const back = (at: number) => (at % 2 === 0 ? post(a, b, 1n) : post(b, a, 1n));
      const chain = Array.from({ length: MOST }, (_, at) => back(at));
      const broken = [...chain.slice(0, -1), post(b, a, 2n)];
      const [failed] = await scene().outcomes(broken);
      expect(new Set(failed!.slice(0, -1))).toEqual(new Set(['linked_event_failed']));
      expect(failed!.at(-1)).toBe('exceeds_credits');
      expect(await scene().account(a)).toMatchObject({ debitsPosted: 0n, creditsPosted: 1n });
      expect(new Set((await scene().outcomes(chain)).flat())).toEqual(new Set(['posted']));
      expect(await scene().account(a)).toMatchObject({ debitsPosted: BigInt(MOST / 2) });
      expect(new Set((await scene().outcomes(chain)).flat())).toEqual(new Set(['exists']));
    });

    test('spends against a limit that is a balance, exactly, however many ask at once', async () => {
      const [a, shop] = [await scene().makeCustomer(10_000n), await scene().makeAccount()];
      const [allowance, used] = await scene().makePair(1_000n);
      const pay = () => scene().outcomes([post(a, shop, 30n), post(allowance, used, 30n)]);
      const heard = (await Promise.all(Array.from({ length: 100 }, pay))).flat();
      expect(heard.filter(([, limit]) => limit === 'posted')).toHaveLength(33);
      expect(
        heard.filter(([first, limit]) => first === 'linked_event_failed' && limit === 'exceeds_credits'),
      ).toHaveLength(67);
      expect(await scene().balance(shop)).toBe(990n);
    });

    test('keeps limits of several periods at once, each its own balance, and a hold of a limit comes back', async () => {
      const [a, shop] = [await scene().makeCustomer(10_000n), await scene().makeAccount()];
      const [today, month, used] = [
        await scene().makeCustomer(100n),
        await scene().makeCustomer(150n),
        await scene().makeAccount(),
      ];
      const spend = (day: typeof today, amount: bigint) => [
        post(a, shop, amount),
        post(day, used, amount),
        post(month, used, amount),
      ];
      expect((await scene().outcomes(spend(today, 100n), spend(today, 1n))).map((each) => each[1])).toEqual([
        'posted',
        'exceeds_credits',
      ]);
      // The next day has an allowance of its own; the month's goes on.
      const tomorrow = await scene().makeCustomer(100n);
      const [reserved, reservedOfMonth] = [hold(tomorrow, used, 50n), hold(month, used, 50n)];
      expect(await scene().outcomes([hold(a, shop, 50n), reserved, reservedOfMonth], spend(tomorrow, 1n))).toEqual([
        ['posted', 'posted', 'posted'],
        ['linked_event_failed', 'linked_event_failed', 'exceeds_credits'],
      ]);
      expect(
        await scene().outcomes(
          [release(reserved.id), release(reservedOfMonth.id)],
          spend(tomorrow, 50n),
          spend(tomorrow, 1n),
        ),
      ).toEqual([
        ['posted', 'posted'],
        ['posted', 'posted', 'posted'],
        ['linked_event_failed', 'linked_event_failed', 'exceeds_credits'],
      ]);
    });

    test('without members has no outcomes', async () => {
      const [a, b] = await scene().makePair(1n);
      expect(await scene().outcomes([], [])).toEqual([[], []]);
      expect(await scene().ledger.post([])).toEqual([]);
      expect(await scene().outcomes([], [post(a, b, 1n)], [])).toEqual([[], ['posted'], []]);
      expect(await scene().outcomes([take(makeId())], [])).toEqual([['pending_transfer_not_found'], []]);
    });
  });
}
