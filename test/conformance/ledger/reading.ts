import { describe, expect, test } from 'vitest';
import type { AccountId, HistoryEntry } from '../../../src/ledger/ledger.ts';
import type { LedgerScene } from '../ledger-scene.ts';
import { hold, makeId, post, release, take } from '../transfers.ts';

const UNKNOWN = 4_444_444n as AccountId;

export function describeReading(scene: () => LedgerScene): void {
  describe('reading', () => {
    test('a history goes back page by page with the balance after each movement', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = hold(a, b, 50n);
      await scene().outcomes([post(a, b, 10n)], [held], [post(b, a, 3n)], [take(held.id, 20n)], [hold(a, b, 1n)]);
      const first = await scene().ledger.history(a, { limit: 2 });
      expect(first.entries.map((each) => [each.side, each.amount, each.balanceAfter])).toEqual([
        ['debit', 20n, 73n],
        ['credit', 3n, 93n],
      ]);
      const second = await scene().ledger.history(a, { limit: 2, beforeSeq: first.nextBeforeSeq! });
      expect(second.entries.map((each) => [each.side, each.amount, each.balanceAfter])).toEqual([
        ['debit', 10n, 90n],
        ['credit', 100n, 100n],
      ]);
      expect(second.nextBeforeSeq).toBeUndefined();
      expect((await scene().ledger.history(a, { limit: 4 })).nextBeforeSeq).toBeUndefined();
      expect(await scene().ledger.history(UNKNOWN, { limit: 4 })).toEqual({ entries: [], nextBeforeSeq: undefined });
    });

    test('a history in pages of any size is one line of balances, also while more is posted', async () => {
      const [a, b] = await scene().makePair(1_000n);
      for (let round = 0; round < 12; round += 1) {
        const held = hold(a, b, 7n);
        const end = round % 3 === 0 ? release(held.id) : take(held.id, BigInt(1 + (round % 5)));
        await scene().outcomes([post(a, b, BigInt(round + 1))], [held], [post(b, a, 1n), post(a, b, 500_000n)], [end]);
      }
      const read = async (limit: number): Promise<HistoryEntry[]> => {
        const entries: HistoryEntry[] = [];
        let page = await scene().ledger.history(a, { limit });
        entries.push(...page.entries);
        while (page.nextBeforeSeq !== undefined) {
          await scene().outcomes([post(a, b, 1n)]);
          page = await scene().ledger.history(a, { limit, beforeSeq: page.nextBeforeSeq });
          entries.push(...page.entries);
        }
        return entries;
      };
      for (const limit of [1, 3, 7, 100]) {
        const entries = (await read(limit)).reverse();
        let balance = 0n;
        for (const [at, entry] of entries.entries()) {
          balance += entry.side === 'debit' ? -entry.amount : entry.amount;
          expect(entry.balanceAfter).toBe(balance);
          expect(entry.debitAccountId === a).toBe(entry.side === 'debit');
          if (at > 0) expect(entry.seq > entries[at - 1]!.seq && entry.at >= entries[at - 1]!.at).toBe(true);
        }
        expect(entries.length).toBeGreaterThanOrEqual(21);
      }
    });

    test('a transfer by its id, all of an operation in their order, many accounts', async () => {
      const [a, b] = await scene().makePair(100n);
      const operationId = makeId();
      const one = post(a, b, 10n, { operationId });
      const held = hold(a, b, 4n, { operationId });
      const taken = take(held.id, 3n, { operationId });
      await scene().outcomes([one, post(a, b, 5n, { operationId })], [post(a, b, 1n)], [held], [taken]);
      expect(await scene().ledger.transfer(one.id)).toMatchObject({ ...one, ledger: 1, pendingId: undefined });
      expect(await scene().ledger.transfer(taken.id)).toMatchObject({
        kind: 'post_pending',
        debitAccountId: a,
        creditAccountId: b,
        amount: 3n,
        pendingId: held.id,
        at: scene().clock.now(),
      });
      expect((await scene().ledger.transfersOf(operationId)).map((each) => each.amount)).toEqual([10n, 5n, 4n, 3n]);
      expect(await scene().ledger.transfersOf(makeId())).toEqual([]);
      expect(await scene().ledger.transfer(makeId())).toBeUndefined();
      expect(await scene().ledger.account(UNKNOWN)).toBeUndefined();
      expect([...(await scene().ledger.accounts([a, b, UNKNOWN])).keys()].sort()).toEqual([a, b].sort());
      expect((await scene().ledger.accounts([])).size).toBe(0);
    });

    test('what was answered is there to read, for everybody and at once', async () => {
      const [a, b] = await scene().makePair(100n);
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const one = post(a, b, 1n);
          const { outcome } = await scene().one(one);
          expect(outcome).toBe('posted');
          expect(await scene().ledger.transfer(one.id)).toBeDefined();
        }),
      );
    });

    test('a balance as of a moment is that of the last movement until then', async () => {
      const [a, b] = await scene().makePair(100n);
      const before = scene().inMs(-1);
      const moments: [Date, bigint][] = [];
      for (let round = 0; round < 9; round += 1) {
        scene().clock.advance(10);
        const held = hold(a, b, 5n);
        await scene().outcomes([post(a, b, BigInt(round))], [held], round % 2 === 0 ? [take(held.id, 2n)] : []);
        moments.push([scene().clock.now(), await scene().balance(a)]);
      }
      for (const [at, balance] of moments) {
        expect(await scene().ledger.balanceAt(a, at)).toMatchObject({ balance });
        expect(await scene().ledger.balanceAt(a, new Date(at.getTime() + 9))).toMatchObject({ balance });
      }
      expect(await scene().ledger.balanceAt(a, before)).toMatchObject({ balance: 0n });
      expect(await scene().ledger.balanceAt(UNKNOWN, before)).toBeUndefined();
    });
  });
}
