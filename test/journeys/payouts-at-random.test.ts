import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Problem } from '../../src/contract/problem.ts';
import type { LedgerReceipt } from '../../src/contract/receipt.ts';
import { LedgerUnavailable } from '../../src/ledger/ledger-errors.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { ming, wen } from '../support/samples.ts';
import { openPayers, payShop } from '../support/payouts.ts';
import { startWallet, type TestWallet } from '../support/wallet.ts';

/**
 * Batches of two processes at once that share payouts, with the same words and money and with others, and of which some
 * answers are lost before or after they were carried out: whatever came first, each payout is made once, told in one way to
 * everybody, and nobody is told that it was made with other words or money.
 */

type Asked = { id: string; payeePhone: string; amount: { minor: string; currency: string }; note: string };
type Answer = {
  id: string;
  state: 'paid' | 'refused';
  amount: object | null;
  transactionId: string | null;
  failure: Problem | null;
};
type Told = { id: string; note: string; counterparty: string; amount: { minor: string }; balanceAfter: object };

let wallet: TestWallet;
let beside: Awaited<ReturnType<TestWallet['startBeside']>>;
let payees: Record<string, Api>;
let shops: Api[];

let me: Api;

beforeAll(async () => {
  wallet = await startWallet();
  const opened = await openPayers(wallet);
  me = opened.me;
  payees = { [ming.phone]: me, [wen.phone]: opened.her };
  beside = await wallet.startBeside();
  shops = [wallet.url, beside.url].map((url) => new Api(url, wallet.shopKey));
});
afterAll(() => wallet.close());

const available = async () =>
  BigInt((await shops[0]!.get<{ available: { minor: string } }>('/v1/merchant')).available.minor);

/** Not enough for all. */
const fillShop = () => payShop(me, shops[0]!, '50.00');

/** The same numbers in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

/** Now and then nobody hears what became of a call, whether it was carried out or not. */
function loseSome(ledger: Ledger, random: (below: number) => number): () => void {
  const original = ledger.post;
  ledger.post = async (...asked) => {
    const fate = random(6);
    if (fate === 0) throw new LedgerUnavailable('lost on the way there');
    const outcomes = await original(...asked);
    if (fate === 1) throw new LedgerUnavailable('lost on the way back');
    return outcomes;
  };
  return () => {
    ledger.post = original;
  };
}

test.each([1, 2, 3])('seed %i', async (seed) => {
  await fillShop();
  const before = await available();
  const random = randomFrom(seed * 7919);
  const pick = <T>(of: readonly T[]): T => of[random(of.length)]!;
  const ids: string[] = Array.from({ length: 24 }, () => newPublicId('po'));
  const variant = (id: string): Asked => ({
    ...{ id, payeePhone: pick(Object.keys(payees)), note: pick(['wages', 'a gift']) },
    amount: yuan(pick(['1.00', '1.00', '30.00'])),
  });
  const choices = new Map(ids.map((id) => [id, [variant(id), variant(id)]]));
  const batches = Array.from({ length: 20 }, () => ({
    id: newPublicId('pb'),
    payouts: ids.filter(() => random(4) === 0).map((id) => pick(choices.get(id)!)),
  })).filter(({ payouts }) => payouts.length > 0);
  const requests = [...batches, ...batches, ...batches].map((batch) => ({ batch, shop: pick(shops) }));

  const paid = new Map<string, { asked: Asked; answer: Answer }>();
  const refusedAs = new Map<string, Set<string>>();
  const ask = async ({ batch, shop }: (typeof requests)[number]) => {
    const { status, body } = await shop.call<{ payouts: Answer[]; code: string }>(
      'POST',
      '/v1/merchant/payouts',
      batch,
    );
    if (status !== 200) return expect(body.code).toMatch(/^wallet\.(fault|overloaded)$/);
    for (const [index, answer] of body.payouts.entries()) {
      const asked = batch.payouts[index]!;
      if (answer.failure) {
        refusedAs.set(answer.failure.code, (refusedAs.get(answer.failure.code) ?? new Set()).add(answer.id));
        continue;
      }
      const known = paid.get(answer.id) ?? { asked, answer };
      paid.set(answer.id, known);
      expect({ asked, answer }).toEqual(known);
    }
  };
  const restore = [wallet.app, beside.app].map((app) => loseSome(app.ground.ledger, random));
  for (let from = 0; from < requests.length; from += 12) await Promise.all(requests.slice(from, from + 12).map(ask));
  for (const each of restore) each();
  for (const batch of batches) await ask({ batch, shop: shops[0]! });
  expect([...refusedAs.keys()].filter((code) => !/conflict|insufficient/.test(code))).toEqual([]);

  // Only one that was made is in the way of another.
  expect([...(refusedAs.get('operation.conflict') ?? [])].filter((id) => !paid.has(id))).toEqual([]);
  expect(paid.size).toBeGreaterThan(0);
  const { transactions: moved } = await shops[1]!.get<{ transactions: { id: string; of: string }[] }>(
    '/v1/merchant/transactions?limit=100',
  );
  const ours = moved.filter(({ of }) => ids.includes(of));
  expect(ours.map(({ of }) => of).toSorted()).toEqual([...paid.keys()].toSorted());
  const told = new Map<string, Told>();
  for (const [number, api] of Object.entries(payees)) {
    const { transactions } = await api.get<{ transactions: Told[] }>('/v1/transactions?limit=100');
    for (const each of transactions) told.set(`${number} ${each.id}`, each);
  }
  for (const { asked, answer } of paid.values()) {
    const line = told.get(`${asked.payeePhone} ${answer.transactionId}`);
    expect(line).toMatchObject({ note: asked.note, counterparty: '知味书店', amount: { minor: asked.amount.minor } });
  }
  const [one] = paid.values();
  const receipt = await shops[0]!.get<LedgerReceipt>(`/v1/merchant/payouts/${one!.answer.id}/receipt`);
  const detail = await payees[one!.asked.payeePhone]!.get<object>(`/v1/transactions/${one!.answer.transactionId}`);
  expect(detail).toMatchObject({ reference: receipt.told.reference });
  const sum = [...paid.values()].reduce((all, { asked }) => all + BigInt(asked.amount.minor), 0n);
  expect(await available()).toBe(before - sum);
});
