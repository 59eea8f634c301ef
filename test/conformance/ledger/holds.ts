import { beforeEach, describe, expect, test } from 'vitest';
import type { LedgerScene } from '../ledger-scene.ts';
import { hold, makeId, post, release, take } from '../transfers.ts';

export function describeHolds(scene: () => LedgerScene): void {
  describe('a hold', () => {
    test('reserves, and each of its ends happens once', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 80n);
      expect(await scene().outcomes([held], [post(a, b, 21n)])).toEqual([['posted'], ['exceeds_credits']]);
      expect(await scene().account(a)).toMatchObject({ debitsPending: 80n, debitsPosted: 0n });
      expect(await scene().outcome(take(held.id, 81n))).toBe('exceeds_pending_transfer_amount');
      expect(await scene().outcome(take(held.id, 0n))).toBe('amount_must_be_positive');
      expect(await scene().outcomes([take(held.id, 30n)], [take(held.id, 10n)], [release(held.id)])).toEqual([
        ['posted'],
        ['pending_transfer_already_posted'],
        ['pending_transfer_already_posted'],
      ]);
      expect(await scene().account(a)).toMatchObject({ debitsPending: 0n, debitsPosted: 30n });
      expect(await scene().account(b)).toMatchObject({ creditsPending: 0n, creditsPosted: 30n });
    });

    test('is no money of the other side until it is taken', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 80n);
      expect(await scene().outcomes([held], [post(b, a, 1n)], [take(held.id)], [post(b, a, 80n)])).toEqual([
        ['posted'],
        ['exceeds_credits'],
        ['posted'],
        ['posted'],
      ]);
    });

    test('that is released gives all of it back', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 80n);
      expect(
        await scene().outcomes([held], [release(held.id)], [release(held.id)], [take(held.id)], [post(a, b, 100n)]),
      ).toEqual([
        ['posted'],
        ['posted'],
        ['pending_transfer_already_voided'],
        ['pending_transfer_already_voided'],
        ['posted'],
      ]);
    });

    test('that is taken by two chains of one call is taken by the first that succeeds', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 80n);
      await scene().outcomes([held]);
      expect(
        await scene().outcomes(
          [take(held.id, 10n), post(a, b, 500n)],
          [release(held.id), take(held.id)],
          [take(held.id, 30n), post(b, a, 30n)],
          [take(held.id, 30n), post(b, a, 1n)],
          [release(held.id)],
        ),
      ).toEqual([
        ['linked_event_failed', 'exceeds_credits'],
        ['linked_event_failed', 'pending_transfer_already_voided'],
        ['posted', 'posted'],
        ['pending_transfer_already_posted', 'linked_event_failed'],
        ['pending_transfer_already_posted'],
      ]);
      expect(await scene().account(a)).toMatchObject({ debitsPending: 0n, debitsPosted: 30n, creditsPosted: 130n });
    });

    test('made by one call can be ended by the next one asked at the same moment', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 80n);
      const heard = await Promise.all([
        scene().outcome(take(held.id)),
        scene().outcome(held),
        scene().outcome(take(held.id, 5n)),
      ]);
      expect(heard).toEqual(['pending_transfer_not_found', 'posted', 'posted']);
    });

    test('cannot be made of a movement that is no hold, nor of the end of one', async () => {
      const [a, b] = await scene().makePair(100n);
      const [plain, held] = [post(a, b, 10n), hold(a, b, 10n)];
      const taken = take(held.id);
      const expected = ['pending_transfer_not_pending', 'pending_transfer_not_pending', 'pending_transfer_not_pending'];
      const tries = () => [[take(plain.id)], [release(plain.id)], [take(taken.id)]];
      expect((await scene().outcomes([plain], [held], [taken], ...tries())).flat().slice(3)).toEqual(expected);
      await scene().reopen();
      expect((await scene().outcomes(...tries())).flat()).toEqual(expected);
    });

    test('is ended after a restart as before it', async () => {
      const [a, b] = await scene().makePair(100n);
      const [one, two, three] = [hold(a, b, 10n), hold(a, b, 20n), hold(a, b, 30n)];
      await scene().outcomes([one], [two], [three], [take(one.id, 5n)]);
      await scene().reopen();
      expect(
        await scene().outcomes([take(one.id)], [release(two.id)], [take(three.id, 31n)], [take(three.id, 29n)]),
      ).toEqual([['pending_transfer_already_posted'], ['posted'], ['exceeds_pending_transfer_amount'], ['posted']]);
      expect(await scene().account(a)).toMatchObject({ debitsPending: 0n, debitsPosted: 34n });
    });
  });

  describe('the time of a hold', () => {
    // What other tests left open is not counted with these.
    beforeEach(async () => {
      scene().clock.advance(60_000);
      await scene().ledger.expireHolds(10_000);
    });

    test('releases it by itself when it is over', async () => {
      const [a, b] = await scene().makePair(100n);
      const operationId = makeId();
      const held = hold(a, b, 80n, { expiresAt: scene().inMs(1_000), operationId });
      const lasting = hold(a, b, 5n);
      await scene().outcomes([held], [lasting]);
      expect(await scene().ledger.expireHolds(10)).toBe(0);
      scene().clock.advance(1_000);
      expect(await scene().outcomes([take(held.id)], [release(held.id)])).toEqual([
        ['pending_transfer_expired'],
        ['pending_transfer_expired'],
      ]);
      expect(await scene().account(a)).toMatchObject({ debitsPending: 85n });
      // So that all of them look before the first has released it.
      const times = [1, 2, 3, 4];
      await Promise.all(times.map(() => scene().account(a)));
      const released = await Promise.all(times.map(() => scene().ledger.expireHolds(10)));
      expect(released.sort()).toEqual([0, 0, 0, 1]);
      expect(await scene().ledger.expireHolds(10)).toBe(0);
      expect(await scene().account(a)).toMatchObject({ debitsPending: 5n, debitsPosted: 0n });
      expect(await scene().outcome(take(held.id))).toBe('pending_transfer_expired');
      const [begun, ended] = await scene().ledger.transfersOf(operationId);
      expect([begun?.kind, ended?.kind, ended?.pendingId]).toEqual(['pending', 'void_pending', held.id]);
    });

    test('is over at its very moment, and not a millisecond before', async () => {
      const [a, b] = await scene().makePair(100n);
      const [one, two] = [1, 2].map(() => hold(a, b, 10n, { expiresAt: scene().inMs(50) }));
      await scene().outcomes([one!], [two!]);
      scene().clock.advance(49);
      expect(await scene().ledger.expireHolds(10)).toBe(0);
      expect(await scene().outcome(take(one!.id))).toBe('posted');
      scene().clock.advance(1);
      expect(await scene().outcome(take(two!.id))).toBe('pending_transfer_expired');
      expect(await scene().ledger.expireHolds(10)).toBe(1);
      expect(await scene().account(a)).toMatchObject({ debitsPosted: 10n, debitsPending: 0n });
    });

    test('that was over before it began makes a hold that can only run out', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 10n, { expiresAt: scene().inMs(-1) });
      expect(await scene().outcomes([held], [take(held.id)])).toEqual([['posted'], ['pending_transfer_expired']]);
      expect(await scene().ledger.expireHolds(10)).toBe(1);
      expect(await scene().account(a)).toMatchObject({ debitsPending: 0n });
    });

    test('does not come back with a clock that goes back', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 10n, { expiresAt: scene().inMs(1_000) });
      await scene().outcomes([held]);
      scene().clock.advance(1_500);
      await scene().outcomes([post(a, b, 1n)]);
      scene().clock.advance(-1_500);
      expect(await scene().outcome(take(held.id))).toBe('pending_transfer_expired');
      await scene().reopen();
      expect(await scene().outcome(take(held.id))).toBe('pending_transfer_expired');
      scene().clock.advance(1_500);
      expect(await scene().ledger.expireHolds(10)).toBe(1);
    });

    test('is taken with thousands of others at one moment, each with all that a transfer can say', async () => {
      const [a, b] = await scene().makePair(8_192n);
      const holds = Array.from({ length: 8_192 }, () => hold(a, b, 1n));
      await scene().outcomes(holds);
      // What the largest batch needed until now is forgotten: this is the first of whoever writes it.
      await scene().reopen();
      const taken = holds.map(({ id }) => take(id, 1n, { operationId: makeId() }));
      expect(new Set((await scene().outcomes(taken)).flat())).toEqual(new Set(['posted']));
      expect(await scene().account(a)).toMatchObject({ debitsPosted: 8_192n, debitsPending: 0n });
    });

    test('runs out for as many as are asked for, the oldest first', async () => {
      const [a, b] = await scene().makePair(100n);
      const holds = [30, 10, 20].map((ms) => hold(a, b, BigInt(ms), { expiresAt: scene().inMs(ms) }));
      await scene().outcomes(...holds.map((each) => [each]));
      scene().clock.advance(100);
      expect(await scene().ledger.expireHolds(2)).toBe(2);
      expect(await scene().account(a)).toMatchObject({ debitsPending: 30n });
      expect(await scene().ledger.expireHolds(0)).toBe(0);
      expect(await scene().ledger.expireHolds(2)).toBe(1);
    });

    test('runs out on frozen and on closed accounts too', async () => {
      const [a, b] = await scene().makePair(100n);
      await scene().outcomes([hold(a, b, 10n, { expiresAt: scene().inMs(5) })]);
      await scene().ledger.setAccountState(a, { closed: true, frozen: true });
      await scene().ledger.setAccountState(b, { closed: true });
      scene().clock.advance(5);
      expect(await scene().ledger.expireHolds(10)).toBe(1);
      expect(await scene().account(a)).toMatchObject({ debitsPending: 0n });
    });
  });
}
