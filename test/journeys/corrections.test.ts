import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, bankClearingAccount, toReturnAccount, transferCodes } from '../../src/features/books/chart.ts';
import type { Person } from '../../src/features/people/person.ts';
import { listCases } from '../../src/features/review/cases.ts';
import { correctBooks } from '../../src/features/review/correct-books.ts';
import { propose } from '../../src/features/review/decisions.ts';
import { addOperator } from '../../src/features/review/operators.ts';
import type { OperationShape } from '../../src/contract/operations.ts';
import { deriveId, fromPublicId, uuid } from '../../src/kernel/ids.ts';
import { operationKey } from '../../src/operations/operation-key.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { type Api, yuan } from '../support/api.ts';
import { breakOf, decide } from '../support/breaks.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { ming, mingsCard } from '../support/samples.ts';
import { asOwner, expectBooksEqual, expectFailure } from '../support/told.ts';
import { until } from '../support/until.ts';
import { move, startWallet, type TestWallet, openFunded } from '../support/wallet.ts';

const last4 = mingsCard.number.slice(-4);

/** What was ended otherwise than its bank says is put right: once, whoever does it and however the wallet stands then. */

let wallet: TestWallet;
let me: Api;
let cardId: string;
let person: Person;

beforeAll(async () => {
  wallet = await startWallet();
  ({ api: me, cardId } = await openFunded(wallet, '100.00'));
  person = await personOf(wallet, ming.phone);
});
afterAll(async () => {
  await expectBooksEqual(wallet);
  await wallet.close();
});

async function standing(account: Parameters<Ledger['account']>[0]): Promise<bigint> {
  const found = await wallet.app.ground.ledger.account(account);
  return (found?.creditsPosted ?? 0n) - (found?.debitsPosted ?? 0n);
}
const inWallet = () => standing(accountId(person.balanceAccount));
const isBooked = (key: string) => async () => {
  const { rows } = await wallet.app.ground.database.pool.query(
    `select 1 from review_booking b join review_decision d on d.id = b.decision_id where d.operation_key = $1`,
    [key],
  );
  return rows.length > 0;
};
const aBreak = (kind: 'top_up' | 'withdraw', minor: bigint) =>
  breakOf(wallet, me, { personId: person.id, cardId, bankCode: mingsCard.bankCode, kind, minor });

test('two processes that correct the same, the wallet closed for one and open again for the other, do it once', async () => {
  const { ground } = wallet.app;
  const { ledger } = ground;
  const { key } = await aBreak('top_up', 900n);
  const before = await inWallet();
  await setAccountState(ground, person.id, { state: 'closed', cause: 'account.closed', reviewAt: null });
  // The wallet's own process stands still with the money on its way into suspense.
  const { post } = ledger;
  let goOn = (): void => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  ledger.post = async (chains, ...more) => {
    if (!chains.some((chain) => chain.some(({ operationId }) => operationId === key))) return post(chains, ...more);
    reach();
    await gate;
    return post(chains, ...more);
  };
  await decide(wallet, key, 'break', 'debited');
  await reached;
  await setAccountState({ ...ground, ledger: { ...ledger, post } }, person.id, { state: 'normal' });
  await correctBooks({ ...ground, ledger: { ...ledger, post } });
  goOn();
  ledger.post = post;
  await until(isBooked(key), 'a booking');
  expect([await inWallet(), await standing(toReturnAccount)]).toEqual([before + 900n, 0n]);
  await expectBooksEqual(wallet);
});

describe('what an older version set aside under another id', () => {
  /** As it posted it. */
  async function setAsideBefore(minor: bigint) {
    const { ground } = wallet.app;
    await setAccountState(ground, person.id, { state: 'normal' });
    const { id, key } = await aBreak('top_up', minor);
    await setAccountState(ground, person.id, { state: 'closed', cause: 'account.closed', reviewAt: null });
    const transferId = deriveId(key, 'correction set aside');
    const [[made] = []] = await ground.ledger.post([
      [
        {
          ...{ id: transferId, kind: 'post', code: transferCodes.toReturn, operationId: key, amount: minor },
          ...{ debitAccountId: bankClearingAccount(mingsCard.bankCode), creditAccountId: toReturnAccount },
        },
      ],
    ]);
    expect(made?.outcome).toBe('posted');
    return { id, key, transferId };
  }
  const isListed = async (key: string) =>
    (await listCases(wallet.app.ground.database)).some(
      ({ about, operationKey: its }) => about === 'left' && its === key,
    );

  test('is listed after the upgrade, told as kept, and paid to the card', async () => {
    const { ground } = wallet.app;
    const { id, key, transferId } = await setAsideBefore(1500n);
    for (const name of ['zhang', 'li']) await addOperator(ground, name);
    const found = await propose(ground, {
      ...{ operationKey: key, about: 'break', outcome: 'debited', because: 'statement, line 14', operator: 'zhang' },
    });
    // Confirmed and booked at once, so that this version has nothing left to do about it.
    await asOwner(wallet, async (client) => {
      await client.query('begin');
      await client.query(
        `insert into review_confirmation (decision_id, operation_key, about, because, operator, confirmed_at)
         values ($1, $2, 'break', 'told by telephone', 'li', now())`,
        [found, key],
      );
      await client.query(`insert into review_booking (decision_id, transfer_id, booked_at) values ($1, $2, now())`, [
        found,
        transferId,
      ]);
      await client.query('commit');
      await client.query(readFileSync('src/database/migrations/0045-set-aside-before.sql', 'utf8'));
    });
    expect(await isListed(key)).toBe(true);
    await expectFailure(me, id, { code: 'account.closed', side: 'account', retry: 'no', moneyMoved: 'held' });
    await decide(wallet, key, 'left', 'paid_out', { cardId: uuid(fromPublicId('card', cardId) ?? '') });
    // It is in the wallet again first, and no longer listed, while its bank is still at it.
    await until(async () => {
      const { operations } = await me.get<{ operations: OperationShape[] }>('/v1/operations?limit=1');
      return operations[0]?.kind === 'withdraw' && operations[0].state === 'succeeded';
    }, 'a payment');
    expect([await standing(toReturnAccount), await isListed(key)]).toEqual([0n, false]);
    await expectBooksEqual(wallet);
  });

  test('and did not come to write down is booked once', async () => {
    const { key } = await setAsideBefore(1600n);
    await decide(wallet, key, 'break', 'debited');
    await until(isBooked(key), 'a booking');
    expect([await standing(toReturnAccount), await isListed(key)]).toEqual([1600n, true]);
    await setAccountState(wallet.app.ground, person.id, { state: 'normal' });
    const before = await inWallet();
    await decide(wallet, key, 'left', 'given_back');
    await until(async () => (await standing(toReturnAccount)) === 0n, 'the money back');
    expect(await inWallet()).toBe(before + 1600n);
    await expectBooksEqual(wallet);
  });
});

describe('an operation that was corrected after its end says what became of it', () => {
  test('a top-up that the bank made after all: it arrived', async () => {
    const { id, key } = await aBreak('top_up', 700n);
    const before = await inWallet();
    expect(await me.operation(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
    await decide(wallet, key, 'break', 'debited');
    await until(isBooked(key), 'a booking');
    expect(await me.operation(id)).toMatchObject({
      ...{ state: 'succeeded', moneyMoved: 'yes', failure: null },
      result: { balanceBefore: fen(before), balanceAfter: fen(before + 700n) },
    });
    const { operations } = await me.get<{ operations: OperationShape[] }>('/v1/operations?limit=50');
    expect(operations.find((each) => each.id === id)).toMatchObject({ state: 'succeeded' });
    const { result, timeline } = await me.operation(id);
    expect(timeline.at(-1)).toMatchObject({ event: 'settled_by_people' });
    const told = await me.get<object>(`/v1/transactions/${(result as { transactionId: string }).transactionId}`);
    expect(told).toMatchObject({ transaction: { amount: fen(700n) } });
  });

  test('a withdrawal that the bank paid after all: it is on the card, and the house bears it', async () => {
    const { id, key } = await aBreak('withdraw', 300n);
    const before = await inWallet();
    await decide(wallet, key, 'break', 'credited');
    await until(isBooked(key), 'a booking');
    expect(await me.operation(id)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes', failure: null });
    expect(await inWallet()).toBe(before);
  });

  test('one whose wallet was closed: the money is kept for its owner', async () => {
    const { ground } = wallet.app;
    const { id, key } = await aBreak('top_up', 500n);
    await setAccountState(ground, person.id, { state: 'closed', cause: 'account.closed', reviewAt: null });
    await decide(wallet, key, 'break', 'debited');
    await until(isBooked(key), 'a booking');
    await expectFailure(me, id, { code: 'account.closed', side: 'account', retry: 'no', moneyMoved: 'held' });
    await setAccountState(ground, person.id, { state: 'normal' });
    await decide(wallet, key, 'left', 'given_back');
    await until(async () => (await me.operation(id)).state === 'succeeded', 'the money back');
    expect(await standing(toReturnAccount)).toBe(0n);
    expect(await me.operation(id)).toMatchObject({ moneyMoved: 'yes', failure: null });
    // In the book it comes from where it was set aside; for its owner it is the top-up that it was to be.
    const told = { kind: 'top_up', direction: 'in', amount: fen(500n), counterparty: expect.stringContaining(last4) };
    const { transactions } = await me.get<{ transactions: { id: string }[] }>('/v1/transactions?limit=1');
    expect(transactions).toMatchObject([told]);
    for (const of of [`transactions/${transactions[0]?.id}`, `operations/${id}`]) {
      const receipt = await me.get<object>(`/v1/${of}/receipt`);
      expect(receipt).toMatchObject({ told: { kind: 'top_up', direction: 'in' }, transfer: { amount: '500' } });
    }
  });

  test('one that is right as it is stays as it ended', async () => {
    const { id } = await move(me, 'top_up', { cardId, amount: yuan('2.00') });
    const key = operationKey(person.id, uuid(fromPublicId('op', id) ?? ''));
    await decide(wallet, key, 'break', 'debited');
    await until(isBooked(key), 'a booking');
    const { state, timeline } = await me.operation(id);
    expect([state, timeline.at(-1)?.event]).toEqual(['succeeded', 'booked']);
  });
});
const fen = (minor: bigint) => ({ minor: String(minor), currency: 'CNY' });
