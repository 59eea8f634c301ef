import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { accountId, toReturnAccount, transferCodes } from '../../src/features/books/chart.ts';
import type { Person } from '../../src/features/people/person.ts';
import { fromPublicId, uuid } from '../../src/kernel/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerUnavailable } from '../../src/ledger/ledger-errors.ts';
import { createWallet } from '../../src/wallet.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { sampleCard, samplePerson } from '../support/samples.ts';
import { expectBooksEqual, letTimePass, untilSentToBank } from '../support/told.ts';
import { until } from '../support/until.ts';
import {
  bindCard,
  goodPin,
  move,
  openVerified,
  partnerTotal,
  startWallet,
  type TestWallet,
} from '../support/wallet.ts';

/**
 * The moment in which a bank has taken the money, nobody knows whether the wallet was given it, and the wallet is closed:
 * the money is in one place afterwards, in the wallet or on the card, and never in both.
 */

let wallet: TestWallet;
let api: Api;
let cardId: string;
let person: Person;
let owed: bigint;
const chen = samplePerson('陈志强');
const card = sampleCard(chen);

beforeAll(async () => {
  wallet = await startWallet();
  api = await openVerified(wallet, chen);
  cardId = await bindCard(wallet, api, card);
  await move(api, 'top_up', { cardId, amount: yuan('10.00') });
  person = await personOf(wallet, chen.phone);
});
beforeEach(async () => {
  owed = await partnerTotal(wallet.sandbox);
});
afterEach(async () => {
  await reopen();
  await expectBooksEqual(wallet);
  expect(await standing(toReturnAccount)).toBe(0n);
});
afterAll(() => wallet.close());

const close = () =>
  setAccountState(wallet.app.ground, person.id, { state: 'closed', cause: 'account.closed', reviewAt: null });
const reopen = () => setAccountState(wallet.app.ground, person.id, { state: 'normal' });

async function standing(account: Parameters<Ledger['account']>[0]): Promise<bigint> {
  const found = await wallet.app.ground.ledger.account(account);
  return (found?.creditsPosted ?? 0n) - (found?.debitsPosted ?? 0n);
}
const inWallet = () => standing(accountId(person.balanceAccount));

type Post = Ledger['post'];

/**
 * Confirms a top-up in a process of its own that goes the given way with its first posting of this code, and is back
 * when that says so. What the process then makes of its operation is nobody's matter any more.
 */
async function confirmIn(
  code: number,
  way: (post: () => ReturnType<Post>, reach: () => void) => ReturnType<Post>,
  tell: (id: string) => void = () => undefined,
): Promise<string> {
  const { ground } = wallet.app;
  const { operations } = wallet.app.wallet;
  const { driveDue } = operations;
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const post: Post = (chains, ...more) => {
    const isIt = chains.some((chain) => chain.some((transfer) => transfer.code === code));
    return isIt ? way(() => ground.ledger.post(chains, ...more), reach) : ground.ledger.post(chains, ...more);
  };
  const other = createWallet({ ...ground, ledger: { ...ground.ledger, post }, onFault: () => undefined });
  const id = newPublicId('op');
  await api.start('top_up', { cardId, amount: yuan('3.00') }, id);
  tell(id);
  const owner = { ownerId: person.id, id: uuid(fromPublicId('op', id) ?? '') };
  const actor = { personId: person.id, visitorId: person.id, sessionId: person.id, language: 'en', ip: '::1' } as const;
  // Between two steps the wallet's own worker would be as much in its right, on a slow machine.
  operations.driveDue = async () => 0;
  void other.operations.submit({ ...owner, step: 'confirm', input: { pin: goodPin }, actor }).catch(() => undefined);
  await reached;
  operations.driveDue = driveDue;
  return id;
}

/** The process is dead, and its lease is over. */
async function endedByAnother(id: string) {
  await letTimePass(wallet, id, 1);
  await until(async () => ['succeeded', 'failed'].includes((await api.operation(id)).state), 'an end');
  return api.operation(id);
}
const dead = () => new Promise<never>(() => undefined);
const answerLost = () => Promise.reject(new LedgerUnavailable('the answer is lost'));

test.each([
  ['the answer is lost', answerLost],
  ['the process dies', dead],
])('a credit that is in the books when the wallet closes, though %s, stays there', async (_how, end) => {
  const before = await inWallet();
  const id = await confirmIn(transferCodes.topUp, async (post, reach) => {
    await post();
    await close();
    reach();
    return end();
  });
  expect(await endedByAnother(id)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes' });
  expect(await inWallet()).toBe(before + 300n);
  expect(await partnerTotal(wallet.sandbox)).toBe(owed + 300n);
});

test.each([
  ['the answer is lost', answerLost],
  ['the process dies', dead],
])('a credit that comes to the books after the wallet has closed finds its money on the way back, though %s', async (_how, end) => {
  const before = await inWallet();
  let late: () => ReturnType<Post> = dead;
  const id = await confirmIn(transferCodes.topUp, async (post, reach) => {
    late = post;
    await close();
    reach();
    return end();
  });
  expect(await endedByAnother(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
  // Open again, so that nothing but the id of the transfer is in its way.
  await reopen();
  expect((await late())[0]?.[0]).toEqual({ outcome: 'refused', reason: 'exists_with_different_credit_account' });
  expect(await inWallet()).toBe(before);
  expect(await partnerTotal(wallet.sandbox)).toBe(owed);
});

test('money set aside by a process that dies then goes back to the card, though the wallet is open again', async () => {
  const before = await inWallet();
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'slow', delayMs: 5000, only: 'debits', times: 1 });
  const begun = Promise.withResolvers<string>();
  const confirming = confirmIn(
    transferCodes.toReturn,
    async (post, reach) => {
      await post();
      reach();
      return dead();
    },
    begun.resolve,
  );
  await untilSentToBank(wallet, await begun.promise);
  await close();
  const id = await confirming;
  await reopen();
  expect(await standing(toReturnAccount)).toBe(300n);
  expect(await endedByAnother(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
  expect(await inWallet()).toBe(before);
  expect(await partnerTotal(wallet.sandbox)).toBe(owed);
});
