import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LedgerReceipt } from '../../src/contract/receipt.ts';
import { accountId } from '../../src/features/books/chart.ts';
import { payoutTransferId, tellPayouts } from '../../src/features/payouts/tell-payouts.ts';
import type { Database } from '../../src/database/database.ts';
import { fromPublicId, uuid } from '../../src/kernel/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerUnavailable } from '../../src/ledger/ledger-errors.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { asOwner } from '../support/told.ts';
import { ming, wen } from '../support/samples.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { batchOf, codes, fen, openPayers, payout, payShop, type Batch } from '../support/payouts.ts';
import { goodPin, startWallet, type TestWallet } from '../support/wallet.ts';

/** Which words belong to a payout, and whom it went to, when the same id comes in several batches. */

let wallet: TestWallet;
let me: Api;
let her: Api;
let shop: Api;
let before: bigint;

const gained = async () => (await fen(her)) - before;

beforeAll(async () => {
  wallet = await startWallet();
  ({ me, her } = await openPayers(wallet));
  shop = new Api(wallet.url, wallet.shopKey);
  await payShop(me, shop, '500.00');
});
afterAll(() => wallet.close());
beforeEach(async () => {
  before = await fen(her);
});

const pay = (batch: object) => shop.post<Batch>('/v1/merchant/payouts', batch);
const receiptOf = (id: string) => shop.get<LedgerReceipt>(`/v1/merchant/payouts/${id}/receipt`);
type Told = { id: string; counterparty: string; note: string };
const hers = async (limit: number) =>
  (await her.get<{ transactions: Told[] }>(`/v1/transactions?limit=${limit}`)).transactions;

const idOf = async (number: string) => (await personOf(wallet, number)).id;
async function whileFrozen(number: string, work: () => Promise<void>): Promise<void> {
  const id = await idOf(number);
  await setAccountState(wallet.app.ground, id, {
    ...{ state: 'frozen', cause: 'account.frozen_security', reviewAt: null },
  });
  try {
    await work();
  } finally {
    await setAccountState(wallet.app.ground, id, { state: 'normal' });
  }
}
/** Somebody has another number while the work is done. */
async function whileRenumbered(number: string, other: string, work: () => Promise<void>): Promise<void> {
  const id = await idOf(number);
  const renumber = (to: string) =>
    asOwner(wallet, (client) =>
      client.query('update person set phone_digest = $2 where id = $1', [
        id,
        wallet.app.ground.digest('person.phone', to),
      ]),
    );
  await renumber(other);
  try {
    await work();
  } finally {
    await renumber(number);
  }
}
/** The next call of the ledger is never carried out, and nobody knows. */
function loseNext(): void {
  const { ledger } = wallet.app.ground;
  const original: Ledger['post'] = ledger.post;
  ledger.post = () => {
    ledger.post = original;
    return Promise.reject(new LedgerUnavailable('the connection is lost'));
  };
}
/** Looks like hers when it is masked, and nobody has it. */
const likeHers = `${wen.phone.slice(0, -5)}${(Number(wen.phone.at(-5)) + 1) % 10}${wen.phone.slice(-4)}`;

describe('words', () => {
  test('those of the batch that paid it are told, also beside a movement of another batch that lists it too', async () => {
    const shared = payout('1.00', { note: 'of the batch that died' });
    const other = payout('2.00', { note: 'the other one' });
    const died = batchOf(shared, other);
    loseNext();
    await shop.refused('POST', '/v1/merchant/payouts', died);
    expect(codes(await pay(batchOf({ ...shared, note: 'of the batch that paid' })))).toEqual(['paid']);
    expect(codes(await pay(died))).toEqual(['operation.conflict', 'paid']);
    expect((await hers(2)).map(({ note }) => note)).toEqual(['the other one', 'of the batch that paid']);
    // Whichever of the two batches is read first.
    const late = payout('1.00', { note: 'refused' });
    const first = batchOf(payout('400.00', { payeePhone: '13911112222' }), late);
    await whileFrozen(wen.phone, async () => {
      expect(codes(await pay(first))).toEqual(['third_party.payee_not_found', 'third_party.payee_cannot_receive']);
    });
    const [again] = [payout('3.00', { note: 'of both' })];
    expect(codes(await pay(batchOf({ ...late, note: 'paid' }, again)))).toEqual(['paid', 'paid']);
    expect(
      codes(await pay(batchOf({ ...late, note: 'refused' }, { ...again, note: 'never' }, payout('1.00')))),
    ).toEqual(['operation.conflict', 'operation.conflict', 'paid']);
    expect((await hers(3)).map(({ note }) => note)).toEqual(['wages', 'of both', 'paid']);
    expect(await gained()).toEqual(800n);
  });

  test('a batch from before its words were kept is finished with them, and its movements are told as all others', async () => {
    const one = payout('1.00', { note: 'begun long ago' });
    const batch = batchOf(one, payout('1.00', { payeePhone: '13911112222' }));
    await whileFrozen(wen.phone, async () => {
      expect(codes(await pay(batch))).toEqual(['third_party.payee_cannot_receive', 'third_party.payee_not_found']);
    });
    await asOwner(wallet, (client) =>
      client.query(`update merchant_payout_batch set payouts = '[]' where id = $1`, [fromPublicId('pb', batch.id)]),
    );
    const answer = await pay(batch);
    expect(codes(answer)).toEqual(['paid', 'third_party.payee_not_found']);
    expect((await pay(batch)).payouts[0]).toEqual(answer.payouts[0]);
    const changed = { ...batch, payouts: [{ ...one, note: 'another' }] };
    expect((await shop.refused('POST', '/v1/merchant/payouts', changed)).code).toBe('operation.conflict');
    const [told] = await hers(1);
    expect(told).toMatchObject({ counterparty: '知味书店', note: 'begun long ago' });
    const { reference } = await her.get<{ reference: string }>(`/v1/transactions/${told?.id}`);
    expect((await receiptOf(one.id)).told).toMatchObject({ reference });
    const { transactions } = await shop.get<{ transactions: object[] }>('/v1/merchant/transactions?limit=1');
    expect(transactions[0]).toMatchObject({ kind: 'payout', of: one.id });
    expect(await gained()).toEqual(100n);
  });

  test('one of a hundred is told without reading the others, whatever stands in the notes', async () => {
    const odd = payout('0.01', { note: 'a "note" with \\ and 😀' });
    const hundred = batchOf(odd, ...Array.from({ length: 99 }, () => payout('0.01')));
    expect(await pay(hundred)).toMatchObject({ paid: 100 });
    const { database, ledger } = wallet.app.ground;
    const key = await asOwner(wallet, (client) =>
      client.query('select id from merchant where name = $1', ['知味书店']),
    );
    const [merchant] = key.rows as { id: string }[];
    const transferId = payoutTransferId(uuid(merchant!.id), fromPublicId('po', odd.id)!);
    const movement = await ledger.transfer(transferId);
    let read = 0;
    const pool = {
      query: async (asked: { text: string; values: unknown[] }) => {
        const found = await database.pool.query<object>(asked);
        read += JSON.stringify(found.rows).length;
        return found;
      },
    };
    const told = await tellPayouts({ ...database, pool } as unknown as Database, [movement!]);
    expect(told.get(transferId)).toMatchObject({ id: fromPublicId('po', odd.id), note: odd.note });
    expect(read).toBeLessThan(1000);
    expect(new Set((await hers(100)).map(({ counterparty }) => counterparty))).toEqual(new Set(['知味书店']));
  });
});

test('pages of payouts among other movements are one list, on both sides, with a balance that runs on', async () => {
  const send = () =>
    me.send({ id: newPublicId('op'), payeePhone: wen.phone, amount: yuan('0.30'), note: 'lunch', pin: goodPin });
  await send();
  const batches = [1, 2, 3].map((n) => batchOf(...[1, 2].map((m) => payout('0.05', { note: `${n} ${m}` }))));
  for (const batch of batches) {
    expect(await pay(batch)).toMatchObject({ paid: 2 });
    await send();
  }
  type Line = { id: string; note?: string; direction: 'in' | 'out'; amount: Minor; balanceAfter: Minor };
  type Minor = { minor: string };
  const pagesOf = async (api: Api, path: string, limit: number) => {
    const lines: Line[] = [];
    for (let cursor: string | null = ''; cursor !== null && lines.length < 60; ) {
      const query = `${path}?limit=${limit}${cursor && `&cursor=${cursor}`}`;
      const page: { transactions: Line[]; nextCursor: string | null } = await api.get(query);
      lines.push(...page.transactions);
      cursor = page.nextCursor;
    }
    return lines;
  };
  for (const [api, path] of [
    [her, '/v1/transactions'],
    [shop, '/v1/merchant/transactions'],
  ] as const) {
    const lines = await pagesOf(api, path, 3);
    expect((await pagesOf(api, path, 100)).slice(0, lines.length)).toEqual(lines);
    for (const [index, line] of lines.slice(0, -1).entries()) {
      const signed = BigInt(line.amount.minor) * (line.direction === 'in' ? 1n : -1n);
      expect(BigInt(line.balanceAfter.minor) - signed).toBe(BigInt(lines[index + 1]!.balanceAfter.minor));
    }
  }
  const notes = (await hers(10)).map(({ note }) => note);
  expect(notes).toEqual(['lunch', '3 2', '3 1', 'lunch', '2 2', '2 1', 'lunch', '1 2', '1 1', 'lunch']);
});

test('what an earlier try did in the meantime is told, also of one that would be refused today', async () => {
  const batch = batchOf(payout('1.00'), payout('1.00', { payeePhone: ming.phone }));
  const { ledger } = wallet.app.ground;
  const original: Ledger['post'] = ledger.post;
  let late: () => ReturnType<Ledger['post']> = () => Promise.reject(new Error('not asked yet'));
  ledger.post = (...asked) => {
    late = () => original(...asked);
    ledger.post = async (...next) => {
      ledger.post = original;
      await late();
      return original(...next);
    };
    return Promise.reject(new LedgerUnavailable('the connection is lost'));
  };
  await shop.refused('POST', '/v1/merchant/payouts', batch);
  await whileFrozen(wen.phone, async () => {
    expect(codes(await pay(batch))).toEqual(['paid', 'paid']);
  });
  expect(await gained()).toEqual(100n);
});

describe('the same payout in another batch', () => {
  test('to a number that only looks alike it is another one, whether or not anybody has that number', async () => {
    const one = payout('1.00');
    expect(codes(await pay(batchOf(one)))).toEqual(['paid']);
    const toAnother = { ...one, payeePhone: likeHers };
    expect(codes(await pay(batchOf(toAnother)))).toEqual(['operation.conflict']);
    await whileRenumbered(ming.phone, likeHers, async () => {
      expect(codes(await pay(batchOf(toAnother)))).toEqual(['operation.conflict']);
    });
    expect(await gained()).toEqual(100n);
  });

  test('in another currency it is another one', async () => {
    const one = payout('1.00');
    expect(codes(await pay(batchOf(one)))).toEqual(['paid']);
    const inDollars = { ...one, amount: { ...one.amount, currency: 'USD' } };
    expect(codes(await pay(batchOf(inDollars)))).toEqual(['operation.conflict']);
  });

  test('is told as paid when its number belongs to nobody by now, or to somebody else', async () => {
    const one = payout('1.00');
    const first = await pay(batchOf(one));
    await whileRenumbered(wen.phone, likeHers, async () => {
      expect((await pay(batchOf(one))).payouts).toEqual(first.payouts);
      await whileRenumbered(ming.phone, wen.phone, async () => {
        expect((await pay(batchOf(one))).payouts).toEqual(first.payouts);
      });
    });
    expect(await gained()).toEqual(100n);
  });

  test('of a shop whose account is stopped, or to a wallet that was closed since, is told as paid and never made anew', async () => {
    const one = payout('1.00');
    const batch = batchOf(one, payout('1.00', { payeePhone: '13911112222' }));
    const first = await pay(batch);
    expect(codes(first)).toEqual(['paid', 'third_party.payee_not_found']);
    const { ledger } = wallet.app.ground;
    const { account } = await shop.get<{ account: string }>('/v1/merchant');
    const movement = await ledger.transfer(fromPublicId('tx', first.payouts[0]!.transactionId!)!);
    for (const [id, state] of [
      [accountId(BigInt(account)), 'frozen'],
      [accountId(BigInt(account)), 'closed'],
      [movement!.creditAccountId, 'closed'],
    ] as const) {
      await ledger.setAccountState(id, { [state]: true });
      try {
        expect((await pay(batch)).payouts[0]).toEqual(first.payouts[0]);
        expect((await pay(batchOf(one))).payouts).toEqual(first.payouts.slice(0, 1));
        const isShop = id !== movement!.creditAccountId;
        expect(codes(await pay(batchOf(payout('1.00'))))).toEqual([
          isShop ? 'account.closed' : 'third_party.payee_cannot_receive',
        ]);
      } finally {
        await ledger.setAccountState(id, { [state]: false });
      }
    }
    expect(await gained()).toEqual(100n);
  });

  test('at once, each is told why it cannot be paid, and not that the other is in its way', async () => {
    const shared = payout('900.00');
    const answers = await Promise.all(Array.from({ length: 6 }, () => pay(batchOf(shared))));
    expect(new Set(answers.flatMap(codes))).toEqual(new Set(['account.insufficient_balance']));
    expect(await gained()).toEqual(0n);
  });
});
