import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LedgerReceipt } from '../../src/contract/receipt.ts';
import { accountId, transferCodes } from '../../src/features/books/chart.ts';
import { payoutTransferId } from '../../src/features/payouts/tell-payouts.ts';
import { operationKey } from '../../src/operations/operation-key.ts';
import { saveMerchant } from '../../src/features/merchants/merchant.ts';
import { fromPublicId, humanReference, newId, toPublicId, type Uuid } from '../../src/kernel/ids.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { secret } from '../../src/kernel/masked.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerBusy, LedgerTooLate, LedgerUnavailable } from '../../src/ledger/ledger-errors.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { asOwner } from '../support/told.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, wen } from '../support/samples.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { batchOf, codes, fen, openPayers, payout, payShop, type Batch } from '../support/payouts.ts';
import { startWallet, type TestWallet } from '../support/wallet.ts';

/** A merchant pays many wallets in one request; each payout stands or falls by itself. */

let wallet: TestWallet;
let me: Api;
let her: Api;
let shop: Api;

beforeAll(async () => {
  wallet = await startWallet();
  ({ me, her } = await openPayers(wallet));
  shop = new Api(wallet.url, wallet.shopKey);
  await payShop(me, shop, '500.00');
});
afterAll(() => wallet.close());

let before: bigint[];
beforeEach(async () => {
  before = [await fen(me), await fen(her)];
});
const gained = async () => [(await fen(me)) - before[0]!, (await fen(her)) - before[1]!];

const pay = (batch: object) => shop.post<Batch>('/v1/merchant/payouts', batch);
const idOf = async (number: string) => (await personOf(wallet, number)).id;

test('each payout has its own outcome, and the payees see whom it is from', async () => {
  const batch = batchOf(
    payout('1.00'),
    payout('2.00', { payeePhone: ming.phone }),
    payout('1.00', { payeePhone: '13911112222' }),
    payout('1.00', { payeePhone: '12' }),
    payout('0'),
    payout('50000.01'),
    payout('3.00'),
  );
  const answer = await pay(batch);
  expect(codes(answer)).toEqual([
    'paid',
    'paid',
    'third_party.payee_not_found',
    'contact.phone_invalid',
    'input.amount_invalid',
    'limit.single',
    'paid',
  ]);
  expect(answer).toMatchObject({ id: batch.id, paid: 3, refused: 4 });
  for (const { failure } of answer.payouts) if (failure) expect(failure).toMatchObject({ moneyMoved: 'no' });
  expect(await gained()).toEqual([200n, 400n]);
  const { transactions } = await her.get<{ transactions: object[] }>('/v1/transactions');
  expect(transactions[0]).toMatchObject({
    id: answer.payouts[6]?.transactionId,
    kind: 'transfer_in',
    counterparty: '知味书店',
    note: 'wages',
    direction: 'in',
  });
  expect(await shop.get(`/v1/merchant/payouts/${answer.payouts[0]?.id}`)).toEqual(answer.payouts[0]);
  expect((await shop.refused('GET', `/v1/merchant/payouts/${answer.payouts[2]?.id}`)).code).toBe('operation.not_found');
});

test('asked again it pays nobody twice, and what was refused is tried again', async () => {
  const herId = await idOf(wen.phone);
  const frozen = { state: 'frozen', cause: 'account.frozen_security', reviewAt: null } as const;
  await setAccountState(wallet.app.ground, herId, frozen);
  const batch = batchOf(payout('1.00', { payeePhone: ming.phone }), payout('2.00'));
  const first = await pay(batch);
  expect(codes(first)).toEqual(['paid', 'third_party.payee_cannot_receive']);
  expect(codes(await pay(batch))).toEqual(['paid', 'third_party.payee_cannot_receive']);
  await setAccountState(wallet.app.ground, herId, { state: 'normal' });
  const second = await pay(batch);
  expect(codes(second)).toEqual(['paid', 'paid']);
  expect(second.payouts[0]).toEqual(first.payouts[0]);
  expect(await pay(batch)).toEqual(second);
  expect(await gained()).toEqual([100n, 200n]);
});

test('the id of a batch or of a payout with other content is refused, and nothing of it is done', async () => {
  const one = payout('1.00');
  const batch = batchOf(one);
  await pay(batch);
  const other = await shop.call('POST', '/v1/merchant/payouts', { ...batch, payouts: [one, payout('1.00')] });
  expect(other).toMatchObject({ status: 422, body: { code: 'operation.conflict' } });
  // A payout is known by its own id in whatever batch it comes.
  expect(codes(await pay(batchOf(one, payout('1.00'))))).toEqual(['paid', 'paid']);
  expect(codes(await pay(batchOf({ ...one, amount: yuan('2.00') }, { ...one, id: newPublicId('po') })))).toEqual([
    'operation.conflict',
    'paid',
  ]);
  expect((await shop.refused('POST', '/v1/merchant/payouts', batchOf(one, one))).code).toBe('app.request_invalid');
  expect(await gained()).toEqual([0n, 300n]);
});

test('made in another batch it is the same one with the same words and money, and otherwise refused', async () => {
  const one = payout('1.00');
  const first = await pay(batchOf(one));
  const others = [{ note: 'a gift' }, { payeePhone: ming.phone }, { payeePhone: '12' }, { amount: yuan('0') }];
  for (const other of others) expect(codes(await pay(batchOf({ ...one, ...other })))).toEqual(['operation.conflict']);
  // What would refuse it today does not undo it.
  const herId = await idOf(wen.phone);
  await setAccountState(wallet.app.ground, herId, {
    ...{ state: 'frozen', cause: 'account.frozen_security', reviewAt: null },
  });
  try {
    expect((await pay(batchOf(one))).payouts).toEqual(first.payouts);
    expect(codes(await pay(batchOf({ ...one, note: 'a gift' })))).toEqual(['operation.conflict']);
  } finally {
    await setAccountState(wallet.app.ground, herId, { state: 'normal' });
  }
  expect(await gained()).toEqual([0n, 100n]);
});

test('one from before, when payouts were operations of their own, is told and proven as it was, and not paid again', async () => {
  const one = payout('1.00', { note: 'an old one' });
  const id = fromPublicId('po', one.id)!;
  const { ledger } = wallet.app.ground;
  const herId = await idOf(wen.phone);
  const { rows } = await asOwner(wallet, (client) =>
    client.query('select * from merchant where name = $1', ['知味书店']),
  );
  const [merchant] = rows as { id: Uuid; balance_account: bigint }[];
  const found = await asOwner(wallet, (client) =>
    client.query('select balance_account, phone_masked from person where id = $1', [herId]),
  );
  const [payee] = found.rows as { balance_account: string; phone_masked: string }[];
  const key = operationKey(merchant!.id, id);
  const transferId = payoutTransferId(merchant!.id, id);
  await ledger.post([
    [
      {
        ...{ id: transferId, kind: 'post', code: transferCodes.payout, operationId: key, amount: 100n },
        debitAccountId: accountId(BigInt(merchant!.balance_account)),
        creditAccountId: accountId(BigInt(payee!.balance_account)),
      },
    ],
  ]);
  const data = {
    payerNameMasked: '知味书店',
    payeeId: herId,
    payeePhoneMasked: payee!.phone_masked,
    note: one.note,
  };
  await asOwner(wallet, async (client) => {
    await client.query('alter table merchant_payout_batch drop column payouts');
    await client.query('alter table operation drop constraint operation_ended_as_it_began');
    await client.query(
      `insert into operation (key, owner_id, id, kind, state, step, fingerprint, data, result, money_moved, currency,
         amount_minor, policy_version, created_at, updated_at, ended_at)
       values ($1, $2, $3, 'payout', 'succeeded', 'succeeded', $4, $5, $6, 'yes', 'CNY', 100, 'cn', now(), now(), now())`,
      [key, merchant!.id, id, Buffer.alloc(32), data, { transactionId: transferId }],
    );
    await client.query(readFileSync('src/database/migrations/0060-what-is-its-own-record.sql', 'utf8'));
  });
  const reference = humanReference(key);
  const hers = await her.get<object>(`/v1/transactions/${toPublicId('tx', transferId)}`);
  expect(hers).toMatchObject({ transaction: { counterparty: '知味书店', note: 'an old one' }, reference });
  const receipt = await shop.get<LedgerReceipt>(`/v1/merchant/payouts/${one.id}/receipt`);
  expect(receipt.told).toMatchObject({ counterparty: data.payeePhoneMasked, reference });
  const { transactions: movements } = await shop.get<{ transactions: object[] }>('/v1/merchant/transactions?limit=1');
  expect(movements[0]).toMatchObject({ kind: 'payout', of: one.id });
  const again = await pay(batchOf(one));
  expect(again.payouts[0]).toMatchObject({ state: 'paid', transactionId: toPublicId('tx', transferId) });
  expect(codes(await pay(batchOf({ ...one, note: 'another' })))).toEqual(['operation.conflict']);
  expect(await gained()).toEqual([0n, 100n]);
});

test('the same at once, in one batch and in several, is paid once', async () => {
  const shared = payout('1.00');
  const batch = batchOf(shared, payout('1.00'));
  const answers = await Promise.all([
    ...Array.from({ length: 4 }, () => pay(batch)),
    ...Array.from({ length: 4 }, () => pay(batchOf(shared))),
  ]);
  for (const answer of answers) for (const code of codes(answer)) expect(code).toBe('paid');
  for (const { payouts } of answers)
    expect(payouts[0]).toMatchObject({ transactionId: answers[0]?.payouts[0]?.transactionId });
  expect(await gained()).toEqual([0n, 200n]);
  // Two with other content under one id at once: one is made.
  const id = newPublicId('po');
  const both = await Promise.all(['1.00', '2.00'].map((amount) => pay(batchOf(payout(amount, { id })))));
  expect(both.flatMap(codes).toSorted()).toEqual(['operation.conflict', 'paid']);
});

test('money that is too little goes to the first, and each of the others is told what there is', async () => {
  const answer = await pay(batchOf(payout('100.00'), payout('900.00'), payout('1.00'), payout('400.00')));
  expect(codes(answer)).toEqual(['paid', 'account.insufficient_balance', 'paid', 'account.insufficient_balance']);
  expect(answer.payouts[1]?.failure).toMatchObject({ moneyMoved: 'no', side: 'you' });
  expect(await gained()).toEqual([0n, 10_100n]);
});

test('a hundred in one request; more, none, and somebody else’s key are refused', async () => {
  const hundred = batchOf(...Array.from({ length: 100 }, () => payout('0.01')));
  expect(await pay(hundred)).toMatchObject({ paid: 100, refused: 0 });
  expect(await pay(hundred)).toMatchObject({ paid: 100, refused: 0 });
  expect(await gained()).toEqual([0n, 100n]);
  for (const payouts of [[], [...hundred.payouts, payout('0.01')]]) {
    const problem = await shop.refused('POST', '/v1/merchant/payouts', { id: newPublicId('pb'), payouts });
    expect(problem.code).toBe('app.request_invalid');
  }
  expect((await me.refused('POST', '/v1/merchant/payouts', batchOf(payout('0.01')))).code).toBe(
    reproduces('security.api_key_unknown'),
  );
  // The same ids of another merchant are others: this one has nothing to pay with.
  const key = `purser_sandbox_${'x'.repeat(32)}`;
  await saveMerchant(wallet.app.ground, {
    id: newId(systemClock, systemRandom),
    name: '另一家',
    apiKey: secret(key),
    webhookUrl: 'http://127.0.0.1:1/',
    webhookSecret: secret('whsec_c2VjcmV0'),
  });
  const another = new Api(wallet.url, key);
  const answer = await another.post<Batch>('/v1/merchant/payouts', {
    ...hundred,
    payouts: hundred.payouts.slice(0, 2),
  });
  expect(codes(answer)).toEqual(['account.insufficient_balance', 'account.insufficient_balance']);
  expect((await another.refused('GET', `/v1/merchant/payouts/${answer.payouts[0]?.id}`)).code).toBe(
    'operation.not_found',
  );
});

test('a merchant cannot find out which numbers have wallets by payouts that are not paid', async () => {
  const key = `purser_sandbox_${'y'.repeat(32)}`;
  await saveMerchant(wallet.app.ground, {
    id: newId(systemClock, systemRandom),
    name: '第三家',
    apiKey: secret(key),
    webhookUrl: 'http://127.0.0.1:1/',
    webhookSecret: secret('whsec_c2VjcmV0'),
  });
  const curious = new Api(wallet.url, key);
  const ask = async (...payouts: object[]) =>
    codes(await curious.post<Batch>('/v1/merchant/payouts', batchOf(...payouts)));
  // A wrong amount is told before anything of the payee.
  expect(await ask(payout('0'), payout('0', { payeePhone: '13911112222' }))).toEqual(
    Array.from({ length: 2 }, () => 'input.amount_invalid'),
  );
  expect(await ask(payout('1.00'))).toEqual(['account.insufficient_balance']);
  const numbers = Array.from({ length: 500 }, (_, i) => `1390000${String(i).padStart(4, '0')}`);
  for (let first = 0; first < 500; first += 100) {
    await ask(...numbers.slice(first, first + 100).map((payeePhone) => payout('1.00', { payeePhone })));
  }
  expect(await ask(payout('1.00', { payeePhone: ming.phone }), payout('1.00', { payeePhone: '13911112222' }))).toEqual([
    'limit.tries',
    'limit.tries',
  ]);
  // What was asked before is known to it, and other merchants are not kept from paying.
  expect(await ask(payout('1.00'))).toEqual(['account.insufficient_balance']);
  expect(codes(await pay(batchOf(payout('0.01'))))).toEqual(['paid']);
});

describe('books that cannot be reached', () => {
  /** The next call of the ledger goes this way, the others as always. */
  function next(way: (post: () => ReturnType<Ledger['post']>) => ReturnType<Ledger['post']>) {
    const { ledger } = wallet.app.ground;
    const original = ledger.post;
    ledger.post = (...asked) => {
      ledger.post = original;
      return way(() => original(...asked));
    };
  }
  const refusedBatch = (batch: object) => shop.refused('POST', '/v1/merchant/payouts', batch);

  test.each([
    ['too much waits', () => new LedgerBusy(9)],
    ['its time is over', () => new LedgerTooLate()],
  ])('where %s, nothing was done, and it is made when it is asked for again', async (_why, error) => {
    const batch = batchOf(payout('1.00'), payout('2.00'));
    next(() => Promise.reject(error()));
    expect(await refusedBatch(batch)).toMatchObject({ code: reproduces('wallet.overloaded'), moneyMoved: 'no' });
    expect(await gained()).toEqual([0n, 0n]);
    expect(await pay(batch)).toMatchObject({ paid: 2, refused: 0 });
    expect(await gained()).toEqual([0n, 300n]);
  });

  test('and whose answer is lost: it is not known, also not when the next try comes too late, and is made once', async () => {
    const batch = batchOf(payout('1.00'), payout('2.00'));
    let late: () => ReturnType<Ledger['post']> = () => Promise.reject(new Error('not asked yet'));
    next((posting) => {
      late = posting;
      return Promise.reject(new LedgerUnavailable('the connection is lost'));
    });
    expect(await refusedBatch(batch)).toMatchObject({ code: 'wallet.fault', moneyMoved: 'unknown' });
    for (const error of [new LedgerBusy(9), new LedgerTooLate()]) {
      next(() => Promise.reject(error));
      expect(await refusedBatch(batch)).toMatchObject({ code: 'wallet.fault', moneyMoved: 'unknown' });
    }
    await late();
    expect(await pay(batch)).toMatchObject({ paid: 2, refused: 0 });
    expect(await gained()).toEqual([0n, 300n]);
  });
});
