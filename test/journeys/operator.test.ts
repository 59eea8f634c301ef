import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperationShape } from '../../src/contract/operations.ts';
import type { Balance } from '../../src/contract/wallet.ts';
import { openCardToken } from '../../src/features/cards/card.ts';
import { differencesAccount, toReturnAccount } from '../../src/features/books/chart.ts';
import { findPersonByPhone } from '../../src/features/people/person.ts';
import { addMs, hourMs, systemClock, type Clock } from '../../src/kernel/clock.ts';
import { CNY } from '../../src/kernel/currencies.ts';
import { money } from '../../src/kernel/money.ts';
import { deriveId, fromPublicId, toPublicId, uuid, type Uuid } from '../../src/kernel/ids.ts';
import { phone } from '../../src/kernel/masked.ts';
import { setAccountState } from '../support/people.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { reproduces } from '../support/reproduces.ts';
import { sampleCard, samplePerson } from '../support/samples.ts';
import { decide } from '../support/breaks.ts';
import { asOwner, expectBooksEqual, expectFailure, letTimePass, untilSentToBank } from '../support/told.ts';
import { until } from '../support/until.ts';
import { bindCard, goodPin, move, openVerified, startWallet, type TestWallet, openFunded } from '../support/wallet.ts';

/** The operator's hand: what a bank leaves open is ended by two people, and the books say where its money is meanwhile. */

let wallet: TestWallet;
let room: OperatorRoom;
let me: Api;
let cardId: string;
let aheadMs = 0;
// The commands go by the time of the machine.
const clock: Clock = { now: () => addMs(systemClock.now(), aheadMs), sleep: systemClock.sleep };
let operators: Operators;

beforeAll(async () => {
  wallet = await startWallet({ clock });
  room = await openOperatorRoom(wallet);
  operators = await openOperators(room, ['zhang', 'li']);
  ({ api: me, cardId } = await openFunded(wallet, '100.00'));
});
afterAll(async () => {
  await expectBooksEqual(wallet);
  await wallet.close();
  await room.close();
});

const run = (who: string | undefined, ...words: string[]) => operators.review(who, ...words);
const because = ['--because', 'statement of the bank, line 14'];
const fen = async (api: Api) => BigInt((await api.get<Balance>('/v1/balance')).available.minor);
const held = async (account: Parameters<TestWallet['app']['ground']['ledger']['account']>[0]) => {
  const found = await wallet.app.ground.ledger.account(account);
  return (found?.creditsPosted ?? 0n) - (found?.debitsPosted ?? 0n);
};
async function untilItIs(api: Api, id: string, state: OperationShape['state']): Promise<OperationShape> {
  await until(async () => (await api.operation(id)).state === state, state);
  return api.operation(id);
}

/** A movement whose bank neither answers nor can be asked, up to where people look into it. */
async function leftOpen(kind: 'top_up' | 'withdraw', amount: string, carriedOut: boolean): Promise<OperationShape> {
  const only = kind === 'top_up' ? 'debits' : 'credits';
  await wallet.sandbox.setBehaviour('ICBC', { mode: carriedOut ? 'lose_answer' : 'fault_500', only, times: 1 });
  const id = newPublicId('op');
  await me.start(kind, { cardId, amount: yuan(amount) }, id);
  await wallet.sandbox.setBehaviour('ICBC', { mode: carriedOut ? 'lose_answer' : 'fault_500' });
  await me.step(id, 'confirm', { pin: goodPin });
  await untilItIs(me, id, 'asking');
  await letTimePass(wallet, id, 11);
  return untilItIs(me, id, 'in_review');
}
const bankIsBack = () => wallet.sandbox.setBehaviour('ICBC', { mode: 'normal' });

test('a top-up that the bank made: one person finds it, another confirms it, the money is in the wallet once', async () => {
  const before = await fen(me);
  const { reference, id } = await leftOpen('top_up', '7.00', true);
  const listed = await run(undefined, 'list');
  for (const words of [reference, 'CNY 7.00', 'no money is booked', '**远', 'promised', 'bank.no_answer']) {
    expect(listed).toContain(words);
  }
  const shown = await run(undefined, 'show', reference);
  for (const words of ['--debited', '--not-debited', toPublicId('tu', await keyOf(id)), '95588']) {
    expect(shown).toContain(words);
  }
  const figures = await (await fetch(`${wallet.url}/metrics`)).text();
  expect(figures).toContain('purser_reviews{state="waiting"} 1');
  await expect(run('zhang', 'settle', reference, '--debited')).rejects.toThrow(/how you know/);
  await expect(run(undefined, 'settle', reference, '--debited', ...because)).rejects.toThrow(/PURSER_OPERATOR_TOKEN/);
  await expect(run('zhang', 'settle', reference, '--credited', ...because)).rejects.toThrow(/one of --debited/);
  await run('zhang', 'settle', reference, '--debited', ...because);
  expect(await run(undefined, 'list')).toContain('proposed   --debited by zhang');
  await expect(run('zhang', 'confirm', reference, '--debited', ...because)).rejects.toThrow(/somebody else/);
  await expect(run('li', 'confirm', reference, '--not-debited', ...because)).rejects.toThrow(/Nobody has proposed/);
  expect(await fen(me)).toBe(before);
  expect(await run('li', 'confirm', reference, '--debited', ...because)).toContain('is succeeded');
  expect(await me.operation(id)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes', failure: null });
  expect(await fen(me)).toBe(before + 700n);
  await expect(run('li', 'confirm', reference, '--debited', ...because)).rejects.toThrow(/No open case/);
  await bankIsBack();
  await expectBooksEqual(wallet);
});

test('one that it did not make ends with its cause, and what was reserved of the limit is free again', async () => {
  const before = await fen(me);
  const { reference, id } = await leftOpen('top_up', '8.00', false);
  await run('zhang', 'settle', reference, '--not-debited', ...because);
  expect(await run('li', 'confirm', reference, '--not-debited', ...because)).toContain('is failed');
  await expectFailure(me, id, { code: reproduces('operation.checked_not_done'), side: 'bank', retry: 'after_fix' });
  await bankIsBack();
  expect(await fen(me)).toBe(before);
  expect(await move(me, 'top_up', { cardId, amount: yuan('8.00') })).toMatchObject({ state: 'succeeded' });
});

test('a withdrawal is held until it is found out, and then paid or given back', async () => {
  const before = await fen(me);
  const paid = await leftOpen('withdraw', '3.00', true);
  expect(await run(undefined, 'list')).toContain('held on the balance');
  await run('li', 'settle', paid.reference, '--credited', ...because);
  await run('zhang', 'confirm', paid.reference, '--credited', ...because);
  expect(await me.operation(paid.id)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes' });
  await bankIsBack();
  const unpaid = await leftOpen('withdraw', '4.00', false);
  await run('li', 'settle', unpaid.reference, '--not-credited', ...because);
  await run('zhang', 'confirm', unpaid.reference, '--not-credited', ...because);
  expect(await me.operation(unpaid.id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
  await bankIsBack();
  expect(await fen(me)).toBe(before - 300n);
});

test('who waits longer than promised is told so with a new term, and stands first in the list', async () => {
  const { id, reference } = await leftOpen('top_up', '2.00', false);
  await letTimePass(wallet, id, 25 * 60);
  await until(async () => (await me.operation(id)).failure?.code !== 'operation.reconciling', 'its end of patience');
  const overdue = await expectFailure(me, id, {
    ...{ code: reproduces('operation.review_overdue'), side: 'wallet', retry: 'later', moneyMoved: 'unknown' },
  });
  expect(new Date(overdue.deadlineAt ?? '').getTime()).toBeGreaterThan(clock.now().getTime() + 23 * hourMs);
  await run('li', 'settle', reference, '--not-debited', ...because);
  await run('zhang', 'confirm', reference, '--not-debited', ...because);
  await bankIsBack();
});

test('money that a bank does not take back stands in suspense until it has, by its word or by two people', async () => {
  const wang = samplePerson('赵敏');
  const api = await openVerified(wallet, wang);
  const card = sampleCard(wang);
  const theirs = await bindCard(wallet, api, card);
  const elsewhere = await returnOfOther(theirs, card.bankCode);
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'slow', delayMs: 5000, only: 'debits', times: 1 });
  const id = newPublicId('op');
  await api.start('top_up', { cardId: theirs, amount: yuan('20.00') }, id);
  const confirming = api.stepOnce(id, 'confirm', { pin: goodPin });
  await untilSentToBank(wallet, id);
  const { database, digest, ledger, rail } = wallet.app.ground;
  const person = await findPersonByPhone(database.kysely, digest, phone(wang.phone));
  const closed = { state: 'closed', cause: 'account.closed', reviewAt: null } as const;
  await setAccountState({ database, ledger }, person!.id, closed);
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'down', only: 'reversals' });
  await confirming;
  await untilItIs(api, id, 'asking');
  await letTimePass(wallet, id, 31);
  const { reference } = await untilItIs(api, id, 'in_review');
  expect(await held(toReturnAccount)).toBe(2000n);
  await expectBooksEqual(wallet);
  expect(await run(undefined, 'list')).toContain('in suspense');
  const key = await keyOf(id);
  const original = toPublicId('tu', key);
  await noticesHandled();
  // What the bank knows nothing of is not claimed, whoever says it, and the case is open again.
  await run('zhang', 'settle', reference, '--returned', ...because);
  expect(await run('li', 'confirm', reference, '--returned', ...because)).toMatch(
    /Not carried out, .* not found of tu_/,
  );
  expect(await run(undefined, 'list')).toMatch(/in suspense[\s\S]*denied .* not found of tu_/);
  // Nor is what it did for any other request of ours, such as the binding of the card, which it approved.
  const bound = await bindingOf(person!.id);
  expect(await rail.query({ reference: bound, bankCode: card.bankCode })).toMatchObject({ outcome: 'approved' });
  for (const other of [original, bound, `${toPublicId('tu', deriveId(key, 'another case'))}_r`]) {
    const named = ['--returned', '--reference', other, ...because];
    await expect(run('li', 'settle', reference, ...named)).rejects.toThrow(/is a reference of ours/);
    await decide(wallet, key, 'unreturned', 'returned', { bankReference: other });
    await denied(other);
  }
  const long = ['--returned', '--reference', 'x'.repeat(101), ...because];
  await expect(run('li', 'settle', reference, ...long)).rejects.toThrow(/100 letters/);
  expect(await held(toReturnAccount)).toBe(2000n);
  // Nor is a return of something else, under a reference of the bank's own.
  await decide(wallet, key, 'unreturned', 'returned', { bankReference: elsewhere });
  await denied(elsewhere, 'something else');
  expect(await held(toReturnAccount)).toBe(2000n);
  // Somebody has the bank give it back by telephone, under a reference of its own.
  const byHand = { reference: 'by_hand', bankCode: card.bankCode, originalReference: original };
  await systemClock.sleep(2000);
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
  expect(await rail.reverse(byHand)).toMatchObject({ outcome: 'approved' });
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'fault_500' });
  await decide(wallet, key, 'unreturned', 'returned', { bankReference: 'by_hand' });
  // While it says nothing, nothing is known: neither ended nor denied.
  await systemClock.sleep(3000);
  expect(await api.operation(id)).toMatchObject({ state: 'in_review', moneyMoved: 'held' });
  expect(await run(undefined, 'list')).toMatch(/in suspense[\s\S]*decided {4}by two people/);
  expect(await held(toReturnAccount)).toBe(2000n);
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
  await letTimePass(wallet, id, 61);
  expect(await untilItIs(api, id, 'failed')).toMatchObject({ failure: { code: 'account.closed' } });
  expect(await held(toReturnAccount)).toBe(0n);
  await expectBooksEqual(wallet);
});

async function bindingOf(personId: Uuid): Promise<string> {
  const text = `select key from operation where kind = 'bind_card' and owner_id = $1`;
  const { rows } = await asOwner(wallet, (client) => client.query<{ key: string }>(text, [personId]));
  return toPublicId('bc', uuid(rows[0]?.key ?? ''));
}
/** The bank pays something to a card and takes it back again. */
async function returnOfOther(cardId: string, bankCode: string): Promise<string> {
  const { rail, database, envelope } = wallet.app.ground;
  const cardToken = (await openCardToken(database.kysely, envelope, uuid(fromPublicId('card', cardId) ?? ''))) ?? '';
  const [amount, validUntil] = [money(2000n, CNY), addMs(clock.now(), hourMs)];
  const paid = await rail.credit({ reference: 'other', bankCode, cardToken, amount, validUntil });
  const back = await rail.reverse({ reference: 'other_back', bankCode, originalReference: 'other' });
  expect([paid, back]).toMatchObject([{ outcome: 'approved' }, { outcome: 'approved' }]);
  return 'other_back';
}
async function denied(reference: string, word = 'declined'): Promise<void> {
  await until(async () => (await run(undefined, 'list')).includes(`${word} of ${reference}`), 'a denial');
}

/** Whatever a bank has called about is followed up, so that nothing wakes an operation by itself. */
async function noticesHandled(): Promise<void> {
  await until(async () => {
    const { rows } = await asOwner(wallet, (client) =>
      client.query('select 1 from bank_notice where handled_at is null and ask_at <= now() limit 1'),
    );
    return rows.length === 0;
  }, 'the end of all notices');
}

test('a wrong finding is found by asking the bank once more, and the books are put right', async () => {
  const before = await fen(me);
  const { reference, id } = await leftOpen('top_up', '9.00', true);
  await run('zhang', 'settle', reference, '--not-debited', ...because);
  await run('li', 'confirm', reference, '--not-debited', ...because);
  expect(await me.operation(id)).toMatchObject({ state: 'failed' });
  await bankIsBack();
  aheadMs += hourMs / 2;
  await until(async () => (await run(undefined, 'list')).includes(reference), 'a break');
  expect(await run(undefined, 'show', reference)).toContain('ended here as failed, and the bank now says approved');
  await run('li', 'settle', reference, '--debited', ...because);
  await run('zhang', 'confirm', reference, '--debited', ...because);
  expect(await fen(me)).toBe(before + 900n);
  expect(await held(differencesAccount)).toBe(0n);
  await expectBooksEqual(wallet);
  expect(await run(undefined, 'list')).toBe('Nothing waits for people.');
});

test('what was decided can be neither changed nor removed, nor confirmed by the one who found it', async () => {
  const { pool } = wallet.app.ground.database;
  await expect(pool.query(`update review_decision set outcome = 'debited'`)).rejects.toMatchObject({ code: '42501' });
  await expect(pool.query('delete from review_confirmation')).rejects.toMatchObject({ code: '42501' });
  const forged = pool.query(
    `with d as (select * from review_decision limit 1), forged as (
       insert into review_decision select $1, operation_key, 'unreturned', 'returned', because, operator, decided_at from d
       returning *)
     select 1 from forged`,
    ['0193a000-0000-7000-8000-00000000abcd'],
  );
  await forged;
  await expect(
    pool.query(
      `insert into review_confirmation select id, operation_key, about, because, operator, now()
       from review_decision where id = $1`,
      ['0193a000-0000-7000-8000-00000000abcd'],
    ),
  ).rejects.toMatchObject({ code: '23514' });
  await operators.remove('li');
  await expect(run('li', 'settle', 'x', '--debited', ...because)).rejects.toThrow(/nobody’s/);
});

async function keyOf(id: string) {
  const publicId = fromPublicId('op', id);
  const found = await asOwner(wallet, (client) => client.query(`select key from operation where id = $1`, [publicId]));
  return uuid((found.rows[0] as { key: string }).key);
}
