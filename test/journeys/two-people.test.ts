import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accountId, toReturnAccount } from '../../src/features/books/chart.ts';
import { giveBackId } from '../../src/features/books/set-aside.ts';
import type { Person } from '../../src/features/people/person.ts';
import { listCases } from '../../src/features/review/cases.ts';
import { readDecisions } from '../../src/features/review/decisions.ts';
import { fromPublicId, humanReference, uuid, type Uuid } from '../../src/kernel/ids.ts';
import type { AccountId } from '../../src/ledger/ledger.ts';
import { type Api, yuan } from '../support/api.ts';
import { breakOf, decide, untilCarriedOut } from '../support/breaks.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { sampleCard, samplePerson } from '../support/samples.ts';
import { expectBooksEqual } from '../support/told.ts';
import { until } from '../support/until.ts';
import { bindCard, move, openVerified, partnerTotal, startWallet, type TestWallet } from '../support/wallet.ts';

/** Two people decide: both about the same, both while they may, and never one of them with what was said before. */

let wallet: TestWallet;
let room: OperatorRoom;
let api: Api;
let cardId: string;
let person: Person;
const chen = samplePerson('陈志强');
const card = sampleCard(chen);
let operators: Operators;

beforeAll(async () => {
  wallet = await startWallet();
  room = await openOperatorRoom(wallet);
  operators = await openOperators(room, ['zhang', 'li', 'wang']);
  api = await openVerified(wallet, chen);
  cardId = await bindCard(wallet, api, card);
  person = await personOf(wallet, chen.phone);
});
afterEach(async () => {
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
  await untilCarriedOut(wallet);
  expect(await standing(toReturnAccount)).toBe(0n);
  await expectBooksEqual(wallet);
});
afterAll(async () => {
  await wallet.close();
  await room.close();
});

const run = (who: string | undefined, ...words: string[]) => operators.review(who, ...words);
async function standing(account: AccountId): Promise<bigint> {
  const found = await wallet.app.ground.ledger.account(account);
  return (found?.creditsPosted ?? 0n) - (found?.debitsPosted ?? 0n);
}
const inWallet = () => standing(accountId(person.balanceAccount));
const because = ['--because', 'told by its owner at the counter'];
const finding = ['--paid-out', '--card', card.number.slice(-4), ...because];
const left = async () => (await listCases(wallet.app.ground.database)).filter(({ about }) => about === 'left');
const close = () =>
  setAccountState(wallet.app.ground, person.id, { state: 'closed', cause: 'account.closed', reviewAt: null });
const reopen = () => setAccountState(wallet.app.ground, person.id, { state: 'normal' });
const refusedOnce = { mode: 'decline', code: 'CARD_LOCKED', only: 'credits', times: 1 } as const;
const cardKey = () => uuid(fromPublicId('card', cardId) ?? '');

async function closedWith(amount: string): Promise<string> {
  await reopen();
  expect(await move(api, 'top_up', { cardId, amount: yuan(amount) })).toMatchObject({ state: 'succeeded' });
  await close();
  await until(async () => (await left()).length === 1, 'a case');
  return humanReference(person.id);
}
async function setAside(minor: bigint): Promise<{ id: string; key: Uuid; reference: string }> {
  await reopen();
  const about = { personId: person.id, cardId, bankCode: card.bankCode, kind: 'top_up', minor } as const;
  const { id, key } = await breakOf(wallet, api, about);
  await close();
  await decide(wallet, key, 'break', 'debited');
  await until(async () => (await left()).some(({ operationKey }) => operationKey === key), 'a case');
  return { id, key, reference: humanReference(key) };
}
async function emptied(reference: string): Promise<void> {
  await until(async () => (await left()).some((each) => each.reference === reference), 'a case');
  await run('zhang', 'settle', reference, ...finding);
  expect(await run('li', 'confirm', reference, ...finding)).toContain('is paid');
  await until(async () => (await inWallet()) === 0n && (await left()).length === 0, 'an empty wallet');
}

test('what was found before the last payment is not confirmed after it', async () => {
  const reference = await closedWith('9.00');
  for (const who of ['zhang', 'li']) await run(who, 'settle', reference, ...finding);
  await run('li', 'confirm', reference, ...finding);
  await until(async () => (await inWallet()) === 0n, 'a payment');
  await closedWith('9.00');
  await expect(run('zhang', 'confirm', reference, ...finding)).rejects.toThrow(/Nobody has proposed/);
  expect(await run(undefined, 'list')).not.toContain('proposed');
  expect(await inWallet()).toBe(900n);
  await emptied(reference);
});

test('what was found before a denial is not confirmed after it', async () => {
  const reference = await closedWith('9.00');
  for (const who of ['zhang', 'li']) await run(who, 'settle', reference, ...finding);
  await wallet.sandbox.setBehaviour(card.bankCode, refusedOnce);
  expect(await run('li', 'confirm', reference, ...finding)).toContain('Not carried out');
  await until(async () => (await left()).length === 1, 'a case');
  await expect(run('zhang', 'confirm', reference, ...finding)).rejects.toThrow(/Nobody has proposed/);
  await emptied(reference);
});

test('what was found of another amount is found anew', async () => {
  const reference = await closedWith('9.00');
  await run('zhang', 'settle', reference, ...finding);
  await closedWith('70.00');
  await expect(run('li', 'confirm', reference, ...finding)).rejects.toThrow(/CNY 9\.00.*CNY 79\.00/);
  expect(await inWallet()).toBe(7900n);
  await emptied(reference);
});

test('whoever may decide no more is not one of the two', async () => {
  const reference = await closedWith('5.00');
  await run('wang', 'settle', reference, ...finding);
  await operators.remove('wang');
  await expect(run('li', 'confirm', reference, ...finding)).rejects.toThrow(/wang decides nothing any more/);
  const forged = wallet.app.ground.database.pool.query(
    `insert into review_confirmation (decision_id, operation_key, about, round, because, operator, confirmed_at)
     select id, operation_key, about, coalesce((to_jsonb(d) ->> 'round')::int, 9), because, 'li', now()
     from review_decision d where operator = 'wang'`,
  );
  await expect(forged).rejects.toMatchObject({ code: '23514' });
  await emptied(reference);
});

test('money that a bank did not take for a closed wallet is told as kept until it is paid', async () => {
  const { id, reference } = await setAside(1200n);
  expect(await api.operation(id)).toMatchObject({ moneyMoved: 'held' });
  await wallet.sandbox.setBehaviour(card.bankCode, refusedOnce);
  await run('zhang', 'settle', reference, ...finding);
  expect(await run('li', 'confirm', reference, ...finding)).toMatch(/kept in the closed wallet/);
  expect(await inWallet()).toBe(1200n);
  expect(await api.operation(id)).toMatchObject({ state: 'failed', moneyMoved: 'held' });
  await emptied(humanReference(person.id));
  expect(await api.operation(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
});

test('what is left without a card goes to its owner in a wallet that two people open again', async () => {
  const reference = await closedWith('6.00');
  await run('zhang', 'settle', reference, '--reopened', ...because);
  expect(await api.get('/v1/me')).toMatchObject({ accountState: 'closed' });
  expect(await run('li', 'confirm', reference, '--reopened', ...because)).toContain('is open again');
  expect(await api.get('/v1/me')).toMatchObject({ accountState: 'normal' });
  expect(await move(api, 'withdraw', { cardId, amount: yuan('6.00') })).toMatchObject({ state: 'succeeded' });
  expect(await left()).toEqual([]);
  const aside = await setAside(1300n);
  await run('zhang', 'settle', aside.reference, '--reopened', ...because);
  expect(await run('li', 'confirm', aside.reference, '--reopened', ...because)).toContain('is open again');
  await until(async () => (await inWallet()) === 1300n, 'the money');
  expect(await api.operation(aside.id)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes' });
  expect(await move(api, 'withdraw', { cardId, amount: yuan('13.00') })).toMatchObject({ state: 'succeeded' });
});

test('a decision opens a wallet once: who dies before the money is in it, and finds it closed again, opens nothing', async () => {
  const { key, reference } = await setAside(1700n);
  const { ledger } = wallet.app.ground;
  const { post } = ledger;
  let died = 0;
  ledger.post = async (chains) => {
    if (!chains.flat().some(({ id }) => id === giveBackId(key))) return post(chains);
    died += 1;
    throw new Error('the process dies here');
  };
  await decide(wallet, key, 'left', 'reopened');
  await until(() => died > 0, 'a wallet that is open, and a dying process');
  expect(await api.get('/v1/me')).toMatchObject({ accountState: 'normal' });
  await close();
  ledger.post = post;
  await until(async () => (await run(undefined, 'list')).includes('denied'), 'a denial');
  expect(await api.get('/v1/me')).toMatchObject({ accountState: 'closed' });
  expect(await standing(toReturnAccount)).toBe(1700n);
  await emptied(reference);
});

test('what was decided of a closed wallet is not done to one that is open', async () => {
  const owed = await partnerTotal(wallet.sandbox);
  const { key, reference } = await setAside(1400n);
  await reopen();
  await decide(wallet, key, 'left', 'paid_out', { cardId: cardKey() });
  await until(async () => (await run(undefined, 'list')).includes('the wallet is open'), 'a denial');
  expect(await standing(toReturnAccount)).toBe(1400n);
  await run('zhang', 'settle', reference, '--given-back', ...because);
  expect(await run('li', 'confirm', reference, '--given-back', ...because)).toContain('given back');
  expect(await inWallet()).toBe(1400n);
  expect(await partnerTotal(wallet.sandbox)).toBe(owed + 1400n);
  expect(await move(api, 'withdraw', { cardId, amount: yuan('14.00') })).toMatchObject({ state: 'succeeded' });
});

test('what cannot be given back is denied with the reason', async () => {
  const { key, reference } = await setAside(1500n);
  await decide(wallet, key, 'left', 'given_back');
  await until(async () => (await run(undefined, 'list')).includes('the wallet is closed'), 'a denial');
  // Opened for its owner, and not yet in the books.
  await reopen();
  await wallet.app.ground.ledger.setAccountState(accountId(person.balanceAccount), { closed: true });
  await decide(wallet, key, 'left', 'given_back');
  await until(async () => (await run(undefined, 'list')).includes('the ledger says'), 'a denial');
  await wallet.app.ground.ledger.setAccountState(accountId(person.balanceAccount), { closed: false });
  await run('zhang', 'settle', reference, '--given-back', ...because);
  await run('li', 'confirm', reference, '--given-back', ...because);
  expect(await move(api, 'withdraw', { cardId, amount: yuan('15.00') })).toMatchObject({ state: 'succeeded' });
});

test('what proved one return proves no other, whoever says so and however it is written', async () => {
  const { id, key } = await setAside(100n);
  const aside = await setAside(200n);
  await decide(wallet, key, 'unreturned', 'returned', { bankReference: 'Return 7' });
  const again = decide(wallet, aside.key, 'unreturned', 'returned', { bankReference: 'return 7' });
  await expect(again).rejects.toThrow('lapsed: reference');
  const forged = wallet.app.ground.database.pool.query(
    `insert into review_confirmation (decision_id, operation_key, about, round, because, operator, confirmed_at)
     select id, operation_key, about, round, because, 'li', now() from review_decision where bank_reference = 'return 7'`,
  );
  await expect(forged).rejects.toMatchObject({ code: '23514' });
  await reopen();
  for (const one of [key, aside.key]) await decide(wallet, one, 'left', 'given_back');
  await until(async () => (await inWallet()) === 300n, 'the money');
  expect(await api.operation(id)).toMatchObject({ moneyMoved: 'yes' });
  expect(await move(api, 'withdraw', { cardId, amount: yuan('3.00') })).toMatchObject({ state: 'succeeded' });
});

test('a wallet that is opened while its payment begins is paid nothing', async () => {
  const { ledger } = wallet.app.ground;
  const { account } = ledger;
  await closedWith('4.00');
  const owed = await partnerTotal(wallet.sandbox);
  let asked = 0;
  // Its payment asks how much there is; in that moment somebody opens it.
  ledger.account = async (id) => {
    asked += 1;
    if (asked === 1) await reopen();
    return account(id);
  };
  try {
    await decide(wallet, person.id, 'left', 'paid_out', { cardId: cardKey() });
    const because = async () => (await readDecisions(wallet.app.ground.database, person.id)).at(-1)?.denied?.because;
    await until(async () => (await because()) === 'the wallet is open again', 'a denial');
  } finally {
    ledger.account = account;
  }
  expect([await inWallet(), await partnerTotal(wallet.sandbox)]).toEqual([400n, owed]);
  const { operations } = await api.get<{ operations: { kind: string; state: string }[] }>('/v1/operations?limit=1');
  expect(operations).toMatchObject([{ kind: 'withdraw', state: 'cancelled', moneyMoved: 'no' }]);
  expect(await move(api, 'withdraw', { cardId, amount: yuan('4.00') })).toMatchObject({ state: 'succeeded' });
});
