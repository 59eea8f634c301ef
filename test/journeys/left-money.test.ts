import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accountId, toReturnAccount, transferCodes } from '../../src/features/books/chart.ts';
import { closeOwn } from '../../src/features/people/close-own.ts';
import type { Person } from '../../src/features/people/person.ts';
import { createClosing } from '../../src/features/people/change-account.ts';
import { listCases } from '../../src/features/review/cases.ts';
import { createLeftPayer } from '../../src/features/review/pay-out-left.ts';
import type { Problem } from '../../src/contract/problem.ts';
import { deriveId, fromPublicId, humanReference, uuid, type Uuid } from '../../src/kernel/ids.ts';
import { pin } from '../../src/kernel/masked.ts';
import type { AccountId, Ledger, NewTransfer } from '../../src/ledger/ledger.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { breakOf, decide, untilCarriedOut } from '../support/breaks.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { sampleCard, samplePerson, wen } from '../support/samples.ts';
import { reproduces } from '../support/reproduces.ts';
import { asOwner, expectBooksEqual, expectRefused } from '../support/told.ts';
import { until } from '../support/until.ts';
import {
  bindCard,
  goodPin,
  move,
  openVerified,
  openWallet,
  partnerTotal,
  startWallet,
  type TestWallet,
} from '../support/wallet.ts';

/** Money that is left in a wallet when it is closed, or comes to it afterwards, has a way out: to its owner's card. */

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
  operators = await openOperators(room, ['zhang', 'li']);
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
const because = ['--because', 'told by its owner at the counter'];
async function standing(account: Parameters<Ledger['account']>[0]): Promise<bigint> {
  const found = await wallet.app.ground.ledger.account(account);
  return (found?.creditsPosted ?? 0n) - (found?.debitsPosted ?? 0n);
}
const inWallet = () => standing(accountId(person.balanceAccount));
const close = () =>
  setAccountState(wallet.app.ground, person.id, { state: 'closed', cause: 'account.closed', reviewAt: null });
const reopen = () => setAccountState(wallet.app.ground, person.id, { state: 'normal' });
const isShut = async () => {
  const account = await wallet.app.ground.ledger.account(accountId(person.balanceAccount));
  return account?.closed === true && account.frozen && account.debitsPending === 0n;
};
const cases = async () => (await listCases(wallet.app.ground.database)).filter(({ about }) => about === 'left');
const cardKey = () => uuid(fromPublicId('card', cardId) ?? '');
const payOut = (subject: Uuid) => decide(wallet, subject, 'left', 'paid_out', { cardId: cardKey() });

/** A closed wallet with this much in it. */
async function closedWith(amount: string): Promise<void> {
  await reopen();
  expect(await move(api, 'top_up', { cardId, amount: yuan(amount) })).toMatchObject({ state: 'succeeded' });
  await close();
}

describe('a balance that is left in a closed wallet', () => {
  test('is listed and paid to the card of its owner by two people', async () => {
    const owed = await partnerTotal(wallet.sandbox);
    await closedWith('50.00');
    const reference = humanReference(person.id);
    const listed = await run(undefined, 'list');
    for (const words of [reference, 'CNY 50.00 in a closed wallet', `···${card.number.slice(-4)}`]) {
      expect(listed).toContain(words);
    }
    expect(await run(undefined, 'show', reference)).toContain(`--paid-out --card ${card.number.slice(-4)}`);
    const finding = ['--paid-out', '--card', card.number.slice(-4), ...because];
    await expect(run('zhang', 'settle', reference, '--paid-out', ...because)).rejects.toThrow(/--card/);
    await run('zhang', 'settle', reference, ...finding);
    expect(await inWallet()).toBe(5000n);
    await expect(run('zhang', 'confirm', reference, ...finding)).rejects.toThrow(/somebody else/);
    expect(await run('li', 'confirm', reference, ...finding)).toContain('is paid');
    expect(await inWallet()).toBe(0n);
    await until(isShut, 'a closed account');
    expect(await partnerTotal(wallet.sandbox)).toBe(owed);
    expect(await cases()).toEqual([]);
    const { operations } = await api.get<{ operations: { kind: string; state: string }[] }>('/v1/operations?limit=1');
    expect(operations).toMatchObject([{ kind: 'withdraw', state: 'succeeded', amount: yuan('50.00') }]);
  });

  test('is theirs again when the bank refuses, and is paid the next time', async () => {
    await closedWith('7.00');
    await wallet.sandbox.setBehaviour(card.bankCode, {
      mode: 'decline',
      code: 'CARD_LOCKED',
      only: 'credits',
      times: 1,
    });
    await payOut(person.id);
    await until(async () => (await run(undefined, 'list')).includes('denied'), 'a denial');
    expect([await inWallet(), await isShut()]).toEqual([700n, true]);
    await payOut(person.id);
    await until(async () => (await inWallet()) === 0n, 'a payment');
    await until(isShut, 'a closed account');
    expect(await cases()).toEqual([]);
  });

  test('is held and asked about while the bank does not say, and neither listed nor paid again', async () => {
    await closedWith('8.00');
    await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'lose_answer', only: ['credits', 'queries'] });
    await payOut(person.id);
    const state = async () => {
      const found = await asOwner(wallet, (client) =>
        client.query('select state from operation where owner_id = $1 order by created_at desc limit 1', [person.id]),
      );
      return (found.rows[0] as { state: string }).state;
    };
    await until(async () => (await state()) === 'asking', 'a question');
    expect([await cases(), await inWallet()]).toEqual([[], 800n]);
    await expect(payOut(person.id)).rejects.toThrow(/confirmed before/);
    await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
    await until(async () => (await state()) === 'succeeded', 'an answer');
    expect(await inWallet()).toBe(0n);
    await until(isShut, 'a closed account');
  });

  test('is paid once by two processes, though one dies with the account open', async () => {
    const owed = await partnerTotal(wallet.sandbox);
    const { ground, wallet: own } = wallet.app;
    await closedWith('9.00');
    const { setAccountState: set } = ground.ledger;
    let opened = 0;
    ground.ledger.setAccountState = async (id, state) => {
      await set(id, state);
      if (state.closed !== false) return;
      opened += 1;
      if (opened === 1) throw new Error('the process dies here');
    };
    await payOut(person.id);
    await Promise.all([
      createLeftPayer({ ...ground, operations: own.operations }).pay(),
      createLeftPayer({ ...ground, operations: own.operations }).pay(),
    ]);
    await until(async () => (await inWallet()) === 0n, 'a payment');
    ground.ledger.setAccountState = set;
    expect(opened).toBeGreaterThan(1);
    expect(await partnerTotal(wallet.sandbox)).toBe(owed);
    await until(isShut, 'a closed account');
    await until(async () => (await cases()).length === 0, 'an end');
  });
});

describe('a correction that finds its wallet closed', () => {
  async function setAside(minor: bigint): Promise<Uuid> {
    await reopen();
    const about = { personId: person.id, cardId, bankCode: card.bankCode, kind: 'top_up', minor } as const;
    const { key } = await breakOf(wallet, api, about);
    await close();
    await decide(wallet, key, 'break', 'debited');
    await until(async () => (await cases()).length === 1, 'a case');
    expect(await standing(toReturnAccount)).toBe(minor);
    return key;
  }

  test('is set aside, listed, and paid to the card', async () => {
    const owed = await partnerTotal(wallet.sandbox);
    const key = await setAside(1100n);
    expect(await cases()).toMatchObject([{ operationKey: key, amount: { minor: 1100n } }]);
    await payOut(key);
    await until(async () => (await cases()).length === 0 && (await standing(toReturnAccount)) === 0n, 'a payment');
    await until(async () => (await inWallet()) === 0n && (await isShut()), 'an empty wallet');
    expect(await partnerTotal(wallet.sandbox)).toBe(owed);
  });

  test('whose payment the bank refuses is what is left in the wallet from then on', async () => {
    const key = await setAside(1200n);
    await wallet.sandbox.setBehaviour(card.bankCode, {
      mode: 'decline',
      code: 'CARD_LOCKED',
      only: 'credits',
      times: 1,
    });
    await payOut(key);
    await until(async () => (await cases())[0]?.kind === 'wallet', 'a case of the wallet');
    expect(await cases()).toMatchObject([{ operationKey: person.id, amount: { minor: 1200n } }]);
    await payOut(person.id);
    await until(async () => (await inWallet()) === 0n, 'a payment');
    await until(isShut, 'a closed account');
  });

  test('is given back to the wallet once it is open again', async () => {
    const key = await setAside(1300n);
    await decide(wallet, key, 'left', 'given_back');
    await until(async () => (await run(undefined, 'list')).includes('denied'), 'a denial');
    await reopen();
    await decide(wallet, key, 'left', 'given_back');
    await until(async () => (await inWallet()) === 1300n, 'the money');
    expect(await move(api, 'withdraw', { cardId, amount: yuan('13.00') })).toMatchObject({ state: 'succeeded' });
    expect(await cases()).toEqual([]);
  });
});

describe('an owner who closes the wallet', () => {
  const zhao = samplePerson('赵敏');
  const theirs = sampleCard(zhao);
  let owner: Api;
  let hers: string;
  const closeBy = (by: Api, pin = goodPin) => by.call<Problem>('POST', '/v1/me/close', { pin });

  beforeAll(async () => {
    owner = await openVerified(wallet, zhao);
    hers = await bindCard(wallet, owner, theirs);
    await move(owner, 'top_up', { cardId: hers, amount: yuan('5.00') });
  });

  test('is asked to empty it first, and to wait for what is on its way', async () => {
    await expectRefused(owner, (by) => by.refused('POST', '/v1/me/close', { pin: goodPin }), {
      ...{ code: reproduces('account.balance_left'), side: 'you', retry: 'after_fix', says: /5\.00/ },
    });
    await wallet.sandbox.setBehaviour(theirs.bankCode, { mode: 'lose_answer', only: ['credits', 'queries'] });
    const id = newPublicId('op');
    await owner.start('withdraw', { cardId: hers, amount: yuan('5.00') }, id);
    await owner.step(id, 'confirm', { pin: goodPin });
    expect((await closeBy(owner)).body).toMatchObject({ code: 'operation.previous_unsettled', operation: id });
    await wallet.sandbox.setBehaviour(theirs.bankCode, { mode: 'normal' });
    await until(async () => (await owner.operation(id)).state === 'succeeded', 'an end');
    expect((await closeBy(owner, '918273')).body).toMatchObject({ code: 'security.pin_wrong' });
    expect(await owner.get('/v1/me')).toMatchObject({ accountState: 'normal' });
  });

  test('has it closed for good, from two devices at once too, and nothing comes to it any more', async () => {
    const answers = await Promise.all([closeBy(owner), closeBy(owner)]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204]);
    expect(await owner.get('/v1/me')).toMatchObject({ accountState: 'closed', accountCause: 'account.closed' });
    expect((await closeBy(owner)).status).toBe(204);
    await reopen();
    const given = { payeePhone: zhao.phone, amount: yuan('1.00') };
    expect(await api.refusedStart('transfer', given)).toMatchObject({ code: 'third_party.payee_cannot_receive' });
    expect(await owner.refusedStart('top_up', { cardId: hers, amount: yuan('1.00') })).toMatchObject({
      code: 'account.closed',
    });
  });

  test('while money comes to it finds that money listed, and not lost', async () => {
    const { ground } = wallet.app;
    await openVerified(wallet, samplePerson('李思远'));
    const li = await personOf(wallet, samplePerson('李思远').phone);
    await reopen();
    await move(api, 'top_up', { cardId, amount: yuan('4.00') });
    const coming: typeof ground = {
      ...ground,
      ledger: {
        ...ground.ledger,
        // The balance was read as empty; in the next moment something is sent to it.
        setAccountState: async (id, state) => {
          if (state.frozen && !state.closed)
            await ground.ledger.post([[giveOf(li.id, accountId(person.balanceAccount), accountId(li.balanceAccount))]]);
          return ground.ledger.setAccountState(id, state);
        },
      },
    };
    await closeOwn({ ...coming, security: wallet.app.wallet.security }, li.id, { pin: pin(goodPin) });
    expect(await cases()).toMatchObject([{ operationKey: li.id, kind: 'wallet', amount: { minor: 400n } }]);
    await decide(wallet, li.id, 'left', 'reopened');
    await untilCarriedOut(wallet);
    await ground.ledger.post([
      [giveOf(deriveId(li.id, 'back'), accountId(li.balanceAccount), accountId(person.balanceAccount))],
    ]);
    await move(api, 'withdraw', { cardId, amount: yuan('4.00') });
  });
});
const giveOf = (id: Uuid, debitAccountId: AccountId, creditAccountId: AccountId): NewTransfer => ({
  ...{ id, kind: 'post', code: transferCodes.transfer, debitAccountId, creditAccountId, amount: 400n },
});

test('accounts that a bank keeps from being closed keep none of the others waiting', async () => {
  const { ground } = wallet.app;
  await openWallet(wallet, '+8613911118801');
  const other = await personOf(wallet, '+8613911118801');
  await openWallet(wallet, wen.phone);
  const waiting = await personOf(wallet, wen.phone);
  const [first, second] = [waiting, other].sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids: bigint[] = [];
  const ledger: Ledger = {
    ...ground.ledger,
    // The first of them has something on its way for as long as this lasts.
    account: async (id) => {
      const found = await ground.ledger.account(id);
      ids.push(id);
      return found && id === accountId(first!.balanceAccount) ? { ...found, debitsPending: 1n } : found;
    },
  };
  await asOwner(wallet, (client) =>
    client.query(
      `insert into account_stop (id, person_id, state, cause, set_by)
       select gen_random_uuid(), id, 'closed', 'account.closed', 'wallet' from unnest($1::uuid[]) id`,
      [[first!.id, second!.id]],
    ),
  );
  const closing = createClosing({ ...ground, ledger });
  for (let i = 0; i < 2; i += 1) await closing.finish(1);
  expect(ids).toContain(accountId(second!.balanceAccount));
});
