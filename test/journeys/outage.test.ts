import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationShape } from '../../src/contract/operations.ts';
import type { Problem } from '../../src/contract/problem.ts';
import type { Balance } from '../../src/contract/wallet.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { wen } from '../support/samples.ts';
import type { NetworkFault } from '../support/tcp-proxy.ts';
import {
  expectBooksEqual,
  expectFailure,
  expectRefused,
  letTimePass,
  type Told,
  untilSentToBank,
} from '../support/told.ts';
import { until } from '../support/until.ts';
import {
  type BreakableNetwork,
  goodPin,
  move,
  openVerified,
  startWallet,
  type TestWallet,
  openFunded,
} from '../support/wallet.ts';

/** The network breaks, between the wallet and its database and between the wallet and the banks. */

let wallet: TestWallet;
let network: BreakableNetwork;
let me: Api;
let cardId: string;
beforeAll(async () => {
  wallet = await startWallet({ network: true });
  if (!wallet.network) throw new Error('started without a network to break');
  network = wallet.network;
  ({ api: me, cardId } = await openFunded(wallet, '100.00'));
  await openVerified(wallet, wen);
});
afterAll(async () => {
  await expectBooksEqual(wallet);
  await wallet.close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const balance = async () => BigInt((await me.get<Balance>('/v1/balance')).available.minor);
const input = (amount: string) => ({ cardId, amount: yuan(amount) });

async function ended(id: string): Promise<OperationShape> {
  const look = () => me.call<OperationShape>('GET', `/v1/operations/${id}`);
  await until(async () => {
    const { status, body } = await look();
    return status === 200 && ['succeeded', 'failed'].includes(body.state);
  }, 'an end');
  return (await look()).body;
}

async function whileDatabaseIsGone<T>(work: () => Promise<T>): Promise<T> {
  network.database.setFault({ resetOnConnect: true });
  network.database.resetAll();
  try {
    return await work();
  } finally {
    network.database.setFault({});
  }
}
const untilReady = () => until(async () => (await me.call('GET', '/health/ready')).status === 200, 'readiness');

describe('the database is gone for some seconds', () => {
  test('everything says so in both languages, nothing is begun, and afterwards all goes on', async () => {
    const before = await balance();
    const told: Told = { code: reproduces('wallet.overloaded'), side: 'wallet', retry: 'later' };
    await whileDatabaseIsGone(async () => {
      await pause(200);
      expect((await me.call('GET', '/health/live')).status).toBe(200);
      expect((await me.call('GET', '/health/ready')).status).toBe(503);
      const problem = await expectRefused(me, (api) => api.refused('GET', '/v1/balance'), told);
      expect(problem).toMatchObject({ status: 503 });
      expect(problem.retryAt).not.toBeNull();
      await expectRefused(me, (api) => api.refusedStart('top_up', input('1.00')), told);
      await pause(1500);
    });
    await untilReady();
    expect(await balance()).toBe(before);
    expect(await move(me, 'top_up', input('1.00'))).toMatchObject({ state: 'succeeded' });
    expect(await balance()).toBe(before + 100n);
  });

  test('while a bank is at it: the same id asked for again finds the money moved once', async () => {
    const before = await balance();
    const id = newPublicId('op');
    await me.start('top_up', input('2.00'), id);
    await wallet.sandbox.setBehaviour('ICBC', { mode: 'slow', delayMs: 2000, times: 1, only: 'debits' });
    const confirming = me.call<Problem>('POST', `/v1/operations/${id}/steps/confirm`, { pin: goodPin });
    await untilSentToBank(wallet, id);
    const lost = await whileDatabaseIsGone(async () => {
      const atBank = async () => (await wallet.sandbox.books()).entries.some(({ amount }) => amount === '200');
      await until(atBank, 'the money');
      await pause(500);
      return confirming;
    });
    if (lost.status >= 400) expect(['wallet.fault', 'wallet.overloaded']).toContain(lost.body.code);
    if (lost.body.code === 'wallet.fault')
      expect(lost.body).toMatchObject({ moneyMoved: 'unknown', retry: 'query_first' });
    await untilReady();
    // The worker that could not write gives its lease back as soon as the database is there again.
    const since = performance.now();
    expect(await ended(id)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes' });
    expect(performance.now() - since).toBeLessThan(25_000);
    expect(await me.start('top_up', input('2.00'), id)).toMatchObject({ state: 'succeeded' });
    expect(await balance()).toBe(before + 200n);
    await expectBooksEqual(wallet);
  });

  test('in the middle of many transfers: each is made once or not at all', async () => {
    const before = await balance();
    const ids = Array.from({ length: 12 }, () => newPublicId('op'));
    // Each another sum: an equal one would take the place of the one before it.
    const attempt = async (id: string, i: number) => {
      const content = { payeePhone: wen.phone, amount: yuan(`0.${10 + i}`) };
      await me.call('POST', '/v1/operations', { id, kind: 'transfer', input: content });
      await me.call('POST', `/v1/operations/${id}/steps/confirm`, { pin: goodPin });
    };
    const trying = Promise.allSettled(
      ids.map(async (id, i) => {
        await pause(i * 25);
        await attempt(id, i);
      }),
    );
    await pause(150);
    await whileDatabaseIsGone(() => pause(600));
    await trying;
    await untilReady();
    for (const [i, id] of ids.entries()) await attempt(id, i);
    for (const id of ids) expect(await ended(id)).toMatchObject({ state: 'succeeded' });
    expect(await balance()).toBe(before - 186n);
  });
});

describe('the line to the banks is cut', () => {
  const unreachable: Told = { code: reproduces('bank.unreachable'), side: 'bank', retry: 'later' };
  /** Confirms a top-up with the line broken, and mends it. */
  async function withLine(fault: NetworkFault, amount: string): Promise<{ id: string; now: OperationShape }> {
    const { id } = await me.start('top_up', input(amount));
    network.line.setFault(fault);
    const now = await me.step(id, 'confirm', { pin: goodPin });
    const settled = now.state === 'working' ? await me.settled(id) : now;
    network.line.setFault({});
    return { id, now: settled };
  }
  async function expectNotSent(fault: NetworkFault): Promise<void> {
    const before = await balance();
    const { id } = await withLine(fault, '3.00');
    expect(await ended(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
    await expectFailure(me, id, unreachable);
    expect(await balance()).toBe(before);
    await expectBooksEqual(wallet);
  }

  test('before anything could leave', () => expectNotSent({ resetOnConnect: true }));
  test('in the head of the request', () => expectNotSent({ cutUpAfter: 120 }));
  test('and swallows the request: what it asks for never left', () => expectNotSent({ swallow: 'up' }));

  test('in the body of the request: it may have left, so it is asked for until it cannot happen any more', async () => {
    const before = await balance();
    const { id, now } = await withLine({ cutUpInBodyAfter: 40 }, '3.00');
    expect(now).toMatchObject({ state: 'asking', moneyMoved: 'unknown' });
    expect(now.failure?.code).toBe(reproduces('bank.no_answer'));
    await letTimePass(wallet, id, 2);
    await me.post(`/v1/operations/${id}/ask`);
    expect(await ended(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
    await expectFailure(me, id, unreachable);
    expect(await balance()).toBe(before);
    await expectBooksEqual(wallet);
  });

  test('in the answer, after the bank did it: the money moves once', async () => {
    const before = await balance();
    const { id, now } = await withLine({ cutDownAfter: 100 }, '4.00');
    expect(now).toMatchObject({ state: 'asking', moneyMoved: 'unknown' });
    expect(await ended(id)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes' });
    expect(await balance()).toBe(before + 400n);
    await expectBooksEqual(wallet);
  });

  test('for paying out too: what was held comes back when nothing left', async () => {
    const before = await balance();
    const { id } = await me.start('withdraw', input('5.00'));
    network.line.setFault({ resetOnConnect: true });
    await me.step(id, 'confirm', { pin: goodPin });
    expect(await ended(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
    network.line.setFault({});
    await expectFailure(me, id, unreachable);
    expect(await me.get<Balance>('/v1/balance')).toMatchObject({
      available: { minor: String(before) },
      held: yuan('0'),
    });
  });
});

test('nothing but the outages has troubled it', () => {
  const others = wallet.said.filter(
    (sentence) => !/Connection terminated|ECONNRE|EPIPE|connection|socket|leader|transfers/i.test(sentence),
  );
  expect(others).toEqual([]);
});
