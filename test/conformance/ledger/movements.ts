import { describe, expect, test } from 'vitest';
import { MAX_MINOR } from '../../../src/kernel/money.ts';
import type { AccountId, NewTransfer } from '../../../src/ledger/ledger.ts';
import type { LedgerScene } from '../ledger-scene.ts';
import { hold, isOfCaller, makeId, post, release, take } from '../transfers.ts';

export function describeMovements(scene: () => LedgerScene): void {
  describe('a movement', () => {
    test('changes both accounts by the same amount and gets the next place in the list', async () => {
      const [a, b] = await scene().makePair(500n);
      const first = await scene().one(post(a, b, 120n));
      const second = await scene().one(post(b, a, 20n));
      expect(first.outcome === 'posted' && second.outcome === 'posted' && second.seq - first.seq).toBe(1n);
      expect(await scene().balances(a, b)).toEqual([400n, 100n]);
    });

    test('cannot take more than is there, and can take all of it', async () => {
      const [a, b] = await scene().makePair(100n);
      expect(await scene().outcomes([post(a, b, 101n)], [post(a, b, 100n)], [post(a, b, 1n)])).toEqual([
        ['exceeds_credits'],
        ['posted'],
        ['exceeds_credits'],
      ]);
    });

    test('cannot give an account of debits more credit than it has debits', async () => {
      const asset = await scene().makeAccount({ flags: { creditsMustNotExceedDebits: true } });
      const other = await scene().makeAccount();
      expect(
        await scene().outcomes([post(asset, other, 50n)], [post(other, asset, 51n)], [post(other, asset, 50n)]),
      ).toEqual([['posted'], ['exceeds_debits'], ['posted']]);
    });

    test('cannot touch an account that must not lean to either side, except with as much of both', async () => {
      const both = await scene().makeAccount({
        flags: { debitsMustNotExceedCredits: true, creditsMustNotExceedDebits: true },
      });
      const other = await scene().makeAccount();
      expect(await scene().outcomes([post(both, other, 1n)], [post(other, both, 1n)])).toEqual([
        ['exceeds_credits'],
        ['exceeds_debits'],
      ]);
    });

    test('sees those before it in the same call, and a refused one disturbs nobody', async () => {
      const [b, a] = await scene().makePair(10n);
      expect(await scene().outcomes([post(a, b, 5n)], [post(b, a, 10n)], [post(a, b, 5n)], [post(b, a, 6n)])).toEqual([
        ['exceeds_credits'],
        ['posted'],
        ['posted'],
        ['exceeds_credits'],
      ]);
    });

    test('fills the totals of an account to the last unit that eight bytes hold, and no further', async () => {
      const [a, b] = [await scene().makeAccount(), await scene().makeAccount()];
      // 1,024 times 2^53 - 1 is 2^63 - 1,024.
      const filling = Array.from({ length: 1_024 }, () => [post(a, b, MAX_MINOR)]);
      expect(new Set((await scene().outcomes(...filling)).flat())).toEqual(new Set(['posted']));
      expect(
        await scene().outcomes(
          [post(a, b, 1_024n)],
          [hold(a, b, 1_024n)],
          [post(a, await scene().makeAccount(), 1_024n)],
          [post(await scene().makeAccount(), b, 1_024n)],
          [post(a, b, MAX_MINOR)],
        ),
      ).toEqual(Array.from({ length: 5 }, () => ['overflows_account']));
      const rest = hold(a, b, 1_000n);
      // What is held counts, so that its end always fits.
      const [c, d] = [await scene().makeAccount(), await scene().makeAccount()];
      expect(
        await scene().outcomes([rest], [post(a, b, 24n)], [post(a, c, 24n)], [post(d, b, 24n)], [hold(d, b, 24n)]),
      ).toEqual([['posted'], ...Array.from({ length: 4 }, () => ['overflows_account'])]);
      expect(await scene().outcomes([take(rest.id)], [post(a, b, 23n)], [hold(b, a, 5n)])).toEqual([
        ['posted'],
        ['posted'],
        ['posted'],
      ]);
      expect(await scene().account(a)).toMatchObject({ debitsPosted: 2n ** 63n - 1n, creditsPending: 5n });
      await scene().reopen();
      expect(await scene().outcome(post(a, b, 1n))).toBe('overflows_account');
      expect(await scene().balance(a)).toBe(1n - 2n ** 63n);
    });
  });

  describe('bad input has its own answer and nothing beside it is disturbed', () => {
    const unknown = 555_555n as AccountId;
    test.each<[string, (a: AccountId, b: AccountId, foreign: AccountId) => NewTransfer]>([
      ['amount_must_be_positive', (a, b) => post(a, b, 0n)],
      ['amount_must_be_positive', (a, b) => post(a, b, -5n)],
      ['amount_must_be_positive', (a, b) => post(a, b, -(2n ** 63n))],
      ['amount_must_be_positive', (a, b) => post(a, b, -(10n ** 30n))],
      ['amount_must_be_positive', () => take(makeId(), 0n)],
      ['amount_too_large', (a, b) => post(a, b, MAX_MINOR + 1n)],
      ['amount_too_large', (a, b) => post(a, b, 2n ** 63n)],
      ['amount_too_large', (a, b) => post(a, b, 2n ** 64n + 1n)],
      ['amount_too_large', (a, b) => hold(a, b, 10n ** 30n)],
      ['amount_too_large', () => take(makeId(), 10n ** 30n)],
      ['accounts_must_be_different', (a) => post(a, a, 1n)],
      ['debit_account_not_found', (_, b) => post(unknown, b, 1n)],
      ['debit_account_not_found', (_, b) => post(0n as AccountId, b, 1n)],
      ['debit_account_not_found', (_, b) => post(-1n as AccountId, b, 1n)],
      ['debit_account_not_found', (_, b) => post((2n ** 64n) as AccountId, b, 1n)],
      ['credit_account_not_found', (a) => post(a, unknown, 1n)],
      ['credit_account_not_found', (a) => post(a, (2n ** 63n) as AccountId, 1n)],
      ['accounts_must_have_the_same_ledger', (a, _, foreign) => post(a, foreign, 1n)],
      ['accounts_must_have_the_same_ledger', (a, _, foreign) => hold(foreign, a, 1n)],
      ['pending_transfer_not_found', () => take(makeId())],
      ['pending_transfer_not_found', () => release(makeId())],
      ['pending_transfer_not_found', () => selfEnding()],
    ])('%s', async (reason, make) => {
      const [a, b] = await scene().makePair(100n);
      const foreign = await scene().makeAccount({ ledger: 2 });
      const bad = make(a, b, foreign);
      expect(await scene().outcomes([post(a, b, 1n)], [bad], [post(a, b, 1n)])).toEqual([
        ['posted'],
        [reason],
        ['posted'],
      ]);
      expect(await scene().balances(a, foreign)).toEqual([98n, 0n]);
      expect(await scene().ledger.transfer(bad.id)).toBeUndefined();
    });

    test('a malformed id or code is a bug: the call is rejected and nothing of it is done', async () => {
      const [a, b] = await scene().makePair(100n);
      const bad: NewTransfer[] = [
        post(a, b, 1n, { id: 'nonsense' }),
        post(a, b, 1n, { id: makeId().toUpperCase() }),
        post(a, b, 1n, { code: -1 }),
        post(a, b, 1n, { code: 1.5 }),
        post(a, b, 1n, { code: 2 ** 31 }),
        post(a, b, 1n, { operationId: 'x' }),
        take('x' as never),
        take(makeId(), 5 as never),
        post(a, b, 5 as never),
        post(a, b, 1n, { kind: 'nonsense' }),
        hold(a, b, 1n, { kind: 'void_pending' }),
        hold(a, b, 1n, { expiresAt: new Date(Number.NaN) }),
        hold(a, b, 1n, { expiresAt: new Date(-8.64e15) }),
      ];
      for (const each of bad)
        await expect(scene().ledger.post([[post(a, b, 1n)], [each]])).rejects.toSatisfy(isOfCaller);
      const twice = post(a, b, 1n);
      await expect(scene().ledger.post([[twice, twice]])).rejects.toSatisfy(isOfCaller);
      expect(await scene().balance(a)).toBe(100n);
    });
  });
}

/** A transfer that would end itself. */
function selfEnding(): NewTransfer {
  const id = makeId();
  return take(id, undefined, { id });
}
