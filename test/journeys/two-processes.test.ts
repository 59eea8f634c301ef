import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Balance } from '../../src/contract/wallet.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerUnavailable } from '../../src/ledger/ledger-errors.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { ming, mingsCard, wen } from '../support/samples.ts';
import { asOwner } from '../support/told.ts';
import {
  bindCard,
  goodPin,
  move,
  openVerified,
  partnerTotal,
  startWallet,
  type TestWallet,
} from '../support/wallet.ts';

/** One wallet in two server processes on one database: a person may ask either, and need not know. */

let wallet: TestWallet;
let other: Awaited<ReturnType<TestWallet['startBeside']>>;
/** The same two people at either process. */
let me: [Api, Api];
let her: [Api, Api];

beforeAll(async () => {
  wallet = await startWallet();
  const [mine, hers] = [await openVerified(wallet, ming), await openVerified(wallet, wen)];
  other = await wallet.startBeside();
  me = [mine, new Api(other.url, mine.token)];
  her = [hers, new Api(other.url, hers.token)];
});
afterAll(() => wallet.close());

const available = async (api: Api) => BigInt((await api.get<Balance>('/v1/balance')).available.minor);
const send = (amount: string) => ({ payeePhone: wen.phone, amount: yuan(amount) });
const movements = async (api: Api) =>
  (await api.get<{ transactions: { id: string }[] }>('/v1/transactions')).transactions.map(({ id }) => id);

test('a card bound at one process is charged at the other', async () => {
  const cardId = await bindCard(wallet, me[0], mingsCard);
  const topped = await move(me[1], 'top_up', { cardId, amount: yuan('1000.00') });
  expect(topped.state).toBe('succeeded');
  expect(await Promise.all(me.map(available))).toEqual([100_000n, 100_000n]);
  expect(await partnerTotal(wallet.sandbox)).toBe(100_000n);
});

test('a transfer made at one process is shown by both', async () => {
  const sent = await move(me[1], 'transfer', send('30.00'));
  expect(sent.state).toBe('succeeded');
  expect(await Promise.all(me.map(available))).toEqual([97_000n, 97_000n]);
  expect(await Promise.all(her.map(available))).toEqual([3_000n, 3_000n]);
  const shown = await Promise.all(me.map((api) => api.get(`/v1/operations/${sent.id}`)));
  expect(shown[0]).toEqual(shown[1]);
  const [here, there] = await Promise.all(her.map(movements));
  expect(here).toEqual(there);
  expect(here).toHaveLength(1);
});

test('in one request and one commit too, with what is recorded beside it', async () => {
  const body = { id: newPublicId('op'), payeePhone: wen.phone, amount: yuan('5.00'), note: 'tea', pin: goodPin };
  const before = await available(me[0]);
  const sent = await me[1].send(body);
  expect(sent).toMatchObject({ state: 'succeeded', result: { balanceAfter: { minor: String(before - 500n) } } });
  expect(await me[0].send(body)).toEqual(sent);
  expect(await available(me[0])).toBe(before - 500n);
  await move(her[0], 'transfer', { payeePhone: ming.phone, amount: yuan('5.00') });
});

test('begun at one process and confirmed at the other, or at both at once, it is made once', async () => {
  const begun = await me[0].start('transfer', send('10.00'));
  await Promise.all(me.map((api) => api.call('POST', `/v1/operations/${begun.id}/steps/confirm`, { pin: goodPin })));
  expect((await me[1].settled(begun.id)).state).toBe('succeeded');
  expect(await available(her[0])).toBe(4_000n);
});

/** The next transfer that comes to the books at the first process is cut off: what it was, to come late or never. */
function cutOff(): { late: () => ReturnType<Ledger['post']> } {
  const { ledger } = wallet.app.ground;
  const { post } = ledger;
  const cut = { late: (): ReturnType<Ledger['post']> => Promise.reject(new Error('nothing was asked')) };
  ledger.post = async (...asked) => {
    ledger.post = post;
    cut.late = () => post(...asked);
    throw new LedgerUnavailable('the connection is lost');
  };
  return cut;
}
const ask = (amount: string) => ({ id: newPublicId('op'), ...send(amount), pin: goodPin });

test('one that nobody hears of at one process is certain at both: an equal one is made, and it never comes late', async () => {
  const before = await available(me[0]);
  const cut = cutOff();
  const first = ask('2.00');
  expect(await me[0].refused('POST', '/v1/transfers', first)).toMatchObject({
    ...{ code: 'wallet.overloaded', moneyMoved: 'no' },
  });
  expect(await me[1].send(ask('2.00'))).toMatchObject({ state: 'succeeded' });
  await expect(cut.late()).rejects.toThrow(/riders|rows that ride/);
  expect(await available(me[0])).toBe(before - 200n);
  // Its owner wants it after all: the same id, at whichever process, makes it once.
  expect(await me[1].send(first)).toMatchObject({ id: first.id, state: 'succeeded' });
  expect(await me[0].send(first)).toMatchObject({ state: 'succeeded' });
  expect(await available(me[0])).toBe(before - 400n);
});

test('one of which the database can say nothing either stays unknown: an equal one waits, the same one is made once', async () => {
  const before = await available(me[0]);
  const { database } = wallet.app.ground;
  const { transaction } = database;
  const cut = cutOff();
  database.transaction = () => Promise.reject(new Error('the database is gone'));
  const first = ask('2.50');
  expect(await me[0].refused('POST', '/v1/transfers', first)).toMatchObject({
    ...{ code: 'wallet.fault', operation: first.id, moneyMoved: 'unknown' },
  });
  database.transaction = transaction;
  expect(await me[0].refused('POST', '/v1/transfers', ask('2.50'))).toMatchObject({
    ...{ code: 'operation.previous_unsettled', operation: first.id },
  });
  await cut.late();
  expect(await me[1].send(first)).toMatchObject({ state: 'succeeded' });
  expect(await available(me[0])).toBe(before - 250n);
});

test('one that was made, though nobody heard of it, is the answer', async () => {
  const before = await available(me[0]);
  const { ledger } = other.app.ground;
  const { post } = ledger;
  ledger.post = async (...asked) => {
    ledger.post = post;
    await post(...asked);
    throw new LedgerUnavailable('the answer is lost');
  };
  const body = ask('3.00');
  expect(await me[1].send(body)).toMatchObject({ id: body.id, state: 'succeeded' });
  expect(await me[0].send(body)).toMatchObject({ state: 'succeeded' });
  expect(await available(me[0])).toBe(before - 300n);
});

/** Resolves with the next call of the books at this process. */
function nextPost({ app }: Pick<typeof other, 'app'>): Promise<void> {
  const { ledger } = app.ground;
  const { post } = ledger;
  return new Promise((resolve) => {
    ledger.post = (...asked) => {
      ledger.post = post;
      const posted = post(...asked);
      resolve();
      return posted;
    };
  });
}

test('an equal one at the other process, while the first is at the books, is another one: both are made, each once', async () => {
  const [before, hers] = [await available(me[0]), await available(her[0])];
  const bodies = [ask('4.00'), ask('4.00')] as const;
  // Which transfers are at the books is known to the process alone that brought them there.
  const asked = await asOwner(wallet, async (client) => {
    await client.query('begin');
    await client.query('select * from ledger_head for update');
    const [atFirst, atOther] = [nextPost(wallet), nextPost(other)];
    const first = me[0].call<{ state: string }>('POST', '/v1/transfers', bodies[0]);
    await atFirst;
    const second = me[1].call<{ state: string }>('POST', '/v1/transfers', bodies[1]);
    await atOther;
    // Here it is refused, at the process that has the first.
    expect(await me[0].refused('POST', '/v1/transfers', ask('4.00'))).toMatchObject({
      ...{ code: 'operation.in_progress', operation: bodies[0].id },
    });
    await client.query('commit');
    return Promise.all([first, second]);
  });
  // On a slow machine its time may have been over: then it was not made, and is by being asked again.
  for (const { status } of asked) expect([200, 503]).toContain(status);
  for (const [i, body] of bodies.entries()) {
    expect(await me[1 - i]!.send(body)).toMatchObject({ id: body.id, state: 'succeeded' });
  }
  expect([await available(me[1]), await available(her[1])]).toEqual([before - 800n, hers + 800n]);
});

test('what is spent at both at once cannot exceed what is there', async () => {
  const before = await available(me[0]);
  // Each of another amount: the same one again would be taken for a second try.
  const sends = [0n, 1n, 2n, 3n].map(async (more) => {
    const minor = before / 3n - more;
    const sent = await move(me[Number(more % 2n)]!, 'transfer', {
      ...send('0.01'),
      amount: { minor: String(minor), currency: 'CNY' },
    });
    return sent.state === 'succeeded' ? minor : 0n;
  });
  const made = await Promise.all(sends);
  expect(made.filter((minor) => minor > 0n)).toHaveLength(3);
  expect(await available(me[1])).toBe(before - made.reduce((sum, minor) => sum + minor));
});

test('the process that writes stops, and the other one goes on', async () => {
  await move(her[1], 'transfer', { payeePhone: ming.phone, amount: yuan('50.00') });
  const before = await available(her[1]);
  const sends = ['1.00', '1.01', '1.02', '1.03'].map((amount) =>
    move(her[1], 'transfer', { payeePhone: ming.phone, amount: yuan(amount) }),
  );
  await wallet.app.close();
  expect((await Promise.all(sends)).map(({ state }) => state)).toEqual(Array(4).fill('succeeded'));
  expect(await available(her[1])).toBe(before - 406n);
  expect(wallet.said.filter((sentence) => !/duplicate key/.test(sentence))).toEqual([]);
});
