import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId } from '../../src/features/books/chart.ts';
import type { Person } from '../../src/features/people/person.ts';
import { listCases } from '../../src/features/review/cases.ts';
import { addMs, dayMs, systemClock, type Clock } from '../../src/kernel/clock.ts';
import { humanReference } from '../../src/kernel/ids.ts';
import { type Api, yuan } from '../support/api.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { sampleCard, samplePerson } from '../support/samples.ts';
import { testClock } from '../support/test-clock.ts';
import { expectBooksEqual } from '../support/told.ts';
import { until } from '../support/until.ts';
import { bindCard, move, openVerified, partnerTotal, startWallet, type TestWallet } from '../support/wallet.ts';

/** More is left in a closed wallet than a bank takes at once: it is paid in parts, each decided by two people. */

let wallet: TestWallet;
let room: OperatorRoom;
let operators: Operators;
let api: Api;
let person: Person;
let aheadMs = 0;
const clock: Clock = { now: () => addMs(testClock.now(), aheadMs), sleep: systemClock.sleep };
const chen = samplePerson('陈志强');
const card = sampleCard(chen);

beforeAll(async () => {
  wallet = await startWallet({ clock });
  room = await openOperatorRoom(wallet);
  operators = await openOperators(room, ['zhang', 'li']);
  api = await openVerified(wallet, chen);
  const cardId = await bindCard(wallet, api, card);
  person = await personOf(wallet, chen.phone);
  await wallet.sandbox.setCard(card.number, { balance: '20000000' });
  // No more may come in on one day.
  for (const amount of ['20000.00', '20000.00', '11000.01']) {
    expect(await move(api, 'top_up', { cardId, amount: yuan(amount) })).toMatchObject({ state: 'succeeded' });
    aheadMs += dayMs;
  }
  await setAccountState(wallet.app.ground, person.id, { state: 'closed', cause: 'account.closed', reviewAt: null });
});
afterAll(async () => {
  await expectBooksEqual(wallet);
  await wallet.close();
  await room.close();
});

const left = async () => (await listCases(wallet.app.ground.database)).filter(({ about }) => about === 'left');
const inBooks = async () => {
  const found = await wallet.app.ground.ledger.account(accountId(person.balanceAccount));
  if (!found) throw new Error('no account');
  return { closed: found.closed, standing: found.creditsPosted - found.debitsPosted, held: found.debitsPending };
};
const finding = ['--paid-out', '--card', card.number.slice(-4), '--because', 'told by its owner at the counter'];
const reference = () => humanReference(person.id);
const isPaid = (minor: bigint) => async () => {
  const { closed, standing, held } = await inBooks();
  return closed && standing === minor && held === 0n;
};

test('the first part is what a bank takes at once; the rest stays, is listed, and is not paid by the same finding', async () => {
  const owed = await partnerTotal(wallet.sandbox);
  await until(async () => (await left()).length === 1, 'a case');
  expect(await left()).toMatchObject([{ amount: { minor: 5_100_001n } }]);
  for (const who of ['zhang', 'li']) await operators.review(who, 'settle', reference(), ...finding);
  await operators.review('li', 'confirm', reference(), ...finding);
  await until(isPaid(100_001n), 'the first part');
  expect(await partnerTotal(wallet.sandbox)).toBe(owed - 5_000_000n);
  await until(async () => (await left())[0]?.amount?.minor === 100_001n, 'a case of the rest');
  // What was found before the first part was paid is over with it.
  await expect(operators.review('zhang', 'confirm', reference(), ...finding)).rejects.toThrow(/Nobody has proposed/);
});

test('the rest is found anew and paid, and nothing is left', async () => {
  const owed = await partnerTotal(wallet.sandbox);
  await operators.review('zhang', 'settle', reference(), ...finding);
  await operators.review('li', 'confirm', reference(), ...finding);
  await until(isPaid(0n), 'the rest');
  expect(await partnerTotal(wallet.sandbox)).toBe(owed - 100_001n);
  await until(async () => (await left()).length === 0, 'an end');
  const { operations } = await api.get<{ operations: object[] }>('/v1/operations?limit=2');
  expect(operations).toMatchObject([
    { kind: 'withdraw', state: 'succeeded', amount: yuan('1000.01') },
    { kind: 'withdraw', state: 'succeeded', amount: yuan('50000.00') },
  ]);
});
