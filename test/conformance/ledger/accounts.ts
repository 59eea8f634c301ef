import { describe, expect, test } from 'vitest';
import type { AccountId } from '../../../src/ledger/ledger.ts';
import type { LedgerScene } from '../ledger-scene.ts';
import { hold, post, release, take } from '../transfers.ts';

export function describeAccounts(scene: () => LedgerScene): void {
  describe('an account', () => {
    test('that is frozen gives nothing, takes what comes, and holds placed before still end', async () => {
      const [a, b] = [await scene().makeCustomer(100n), await scene().makeCustomer(100n)];
      const [one, two] = [hold(a, b, 10n), hold(a, b, 10n)];
      await scene().outcomes([one], [two]);
      await scene().ledger.setAccountState(a, { frozen: true });
      expect(
        await scene().outcomes(
          [post(a, b, 1n)],
          [hold(a, b, 1n)],
          [post(b, a, 1n)],
          [hold(b, a, 1n)],
          [take(one.id)],
          [release(two.id)],
        ),
      ).toEqual([['debit_account_frozen'], ['debit_account_frozen'], ['posted'], ['posted'], ['posted'], ['posted']]);
      expect(await scene().account(a)).toMatchObject({
        frozen: true,
        closed: false,
        flags: { debitsMustNotExceedCredits: true },
      });
      await scene().ledger.setAccountState(a, { frozen: false });
      expect(await scene().outcome(post(a, b, 1n))).toBe('posted');
    });

    test('that is closed is not touched by money; its holds can only be released', async () => {
      const [a, b] = [await scene().makeCustomer(100n), await scene().makeCustomer(100n)];
      const [out, into] = [hold(a, b, 10n), hold(b, a, 10n)];
      await scene().outcomes([out], [into]);
      await scene().ledger.setAccountState(a, { closed: true });
      expect(
        await scene().outcomes(
          [post(a, b, 1n)],
          [post(b, a, 1n)],
          [take(out.id)],
          [take(into.id)],
          [release(out.id)],
          [release(into.id)],
        ),
      ).toEqual([
        ['debit_account_closed'],
        ['credit_account_closed'],
        ['debit_account_closed'],
        ['credit_account_closed'],
        ['posted'],
        ['posted'],
      ]);
      expect(await scene().account(a)).toMatchObject({
        closed: true,
        frozen: false,
        debitsPending: 0n,
        creditsPending: 0n,
      });
    });

    test('keeps its state over a restart, and each half of it is set alone', async () => {
      const [a, b] = await scene().makePair(100n);
      await scene().ledger.setAccountState(a, { frozen: true });
      await scene().ledger.setAccountState(a, { closed: true });
      await scene().ledger.setAccountState(a, {});
      await scene().reopen();
      expect(await scene().account(a)).toMatchObject({ frozen: true, closed: true });
      expect(await scene().outcome(post(a, b, 1n))).toBe('debit_account_closed');
      await scene().ledger.setAccountState(a, { closed: false });
      expect(await scene().outcome(post(a, b, 1n))).toBe('debit_account_frozen');
      await scene().ledger.setAccountState(a, { frozen: false });
      await scene().reopen();
      expect(await scene().outcome(post(a, b, 1n))).toBe('posted');
    });

    test('that is frozen while many ask is frozen for all who ask later', async () => {
      const [a, b] = await scene().makePair(100n);
      const many = () => Array.from({ length: 20 }, () => scene().outcome(post(a, b, 1n)));
      const before = many();
      const frozen = scene().ledger.setAccountState(a, { frozen: true });
      const between = many();
      const thawed = scene().ledger.setAccountState(a, { frozen: false });
      const after = many();
      await Promise.all([frozen, thawed]);
      expect(new Set(await Promise.all(before))).toEqual(new Set(['posted']));
      expect(new Set(await Promise.all(between))).toEqual(new Set(['debit_account_frozen']));
      expect(new Set(await Promise.all(after))).toEqual(new Set(['posted']));
      expect(await scene().account(a)).toMatchObject({ frozen: false, debitsPosted: 40n });
    });

    test('is made once; the same again changes nothing, other content is an assertion', async () => {
      const id = 7_000_001n as AccountId;
      const flags = { debitsMustNotExceedCredits: true };
      await scene().ledger.createAccounts([{ id, ledger: 1, code: 3, flags }]);
      await scene().ledger.setAccountState(id, { frozen: true });
      await scene().ledger.createAccounts([{ id, ledger: 1, code: 3, flags }]);
      expect((await scene().account(id)).frozen).toBe(true);
      await expect(scene().ledger.createAccounts([{ id, ledger: 1, code: 3 }])).rejects.toThrow();
      await expect(scene().ledger.createAccounts([{ id, ledger: 2, code: 3, flags }])).rejects.toThrow();
      await expect(scene().ledger.createAccounts([{ id, ledger: 1, code: 4, flags }])).rejects.toThrow();
      await expect(scene().ledger.setAccountState(7_777_777n as AccountId, { frozen: true })).rejects.toThrow();
    });

    test('that was missed a moment ago is there as soon as it is made', async () => {
      const [a, id] = [await scene().makeCustomer(10n), 7_000_002n as AccountId];
      expect(await scene().outcome(post(a, id, 1n))).toBe('credit_account_not_found');
      await scene().ledger.createAccounts([{ id, ledger: 1, code: 3 }]);
      expect(await scene().outcome(post(a, id, 1n))).toBe('posted');
    });

    test('made by many at once is made once', async () => {
      const ids = Array.from({ length: 20 }, (_, at) => (7_000_100n + BigInt(at)) as AccountId);
      const make = (order: AccountId[]) =>
        scene().ledger.createAccounts(order.map((id) => ({ id, ledger: 3, code: 5 })));
      await Promise.all([make(ids), make(ids.toReversed()), make(ids), make(ids.toReversed())]);
      expect((await scene().ledger.accounts(ids)).size).toBe(20);
    });
  });
}
