import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { HttpDependencies } from '../../../src/http/dependencies.ts';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { reproduces } from '../../support/reproduces.ts';
import { createHttpRoom, type HttpRoom } from './http-room.ts';

let room: HttpRoom | undefined;
afterEach(async () => {
  await room?.close();
  room = undefined;
});
const CANARY = '6222021234567890123';

async function open(change?: (deps: HttpDependencies) => HttpDependencies, maxInFlight?: number) {
  room = await createHttpRoom(maxInFlight === undefined ? {} : { maxInFlight }, change);
  const here = room;
  const visit = await here.call({ method: 'POST', url: '/v1/visits' });
  const asVisitor = { authorization: `Bearer ${String(visit.body?.['token'])}` };
  const operationId = toPublicId('op', here.newOperationId());
  const session = await here.call({
    method: 'POST',
    url: '/v1/sessions',
    headers: asVisitor,
    payload: { operationId },
  });
  return { here, asPerson: { authorization: `Bearer ${String(session.body?.['token'])}` } };
}
const throwing = (error: Error) => (deps: HttpDependencies) => ({
  ...deps,
  person: {
    ...deps.person,
    listCards: async () => Promise.reject(error),
    removeCard: async () => Promise.reject(error),
  },
});

test('a bug is told without a word of it, and logged without a word of its data', async () => {
  const error = new Error(`duplicate key: (card)=(${CANARY}) for "王小明" at 13800001234`, {
    cause: new Error(CANARY),
  });
  const { here, asPerson } = await open(throwing(error));
  const headers = { ...asPerson, 'user-agent': CANARY };
  const fault = await here.call({ method: 'GET', url: `/v1/cards?card=${CANARY}`, headers });
  expect(fault.body).toMatchObject({ code: reproduces('wallet.fault'), status: 500, retry: 'query_first' });
  expect(fault.text).not.toMatch(/duplicate|at |\.ts|6222/);
  const log = here.lines.join('');
  expect(log).toContain('request failed');
  expect(log).toContain(String(fault.headers['x-request-id']));
  expect(log).toContain('faults.test.ts');
  for (const secretText of [CANARY, '王小明', '13800001234', asPerson.authorization.slice(7), 'Bearer']) {
    expect(log).not.toContain(secretText);
  }
});

test('with the database gone reading is told to come back; a change that may have been made, to ask first', async () => {
  const error = Object.assign(new Error('terminating connection'), { code: '57P01' });
  const { here, asPerson } = await open(throwing(error));
  const read = await here.call({ method: 'GET', url: '/v1/cards', headers: asPerson });
  expect(read.body).toMatchObject({
    code: reproduces('wallet.overloaded'),
    status: 503,
    retry: 'later',
    moneyMoved: 'no',
  });
  expect(read.headers['retry-after']).toBe('5');
  const url = `/v1/cards/${toPublicId('card', here.newOperationId())}`;
  const change = await here.call({ method: 'DELETE', url, headers: asPerson });
  expect(change.body).toMatchObject({ code: 'wallet.fault', status: 500, retry: 'query_first' });
});

test('with the database gone from the start nothing was begun, and it says so', async () => {
  let isGone = false;
  const { here, asPerson } = await open((deps) => ({
    ...deps,
    sessions: {
      ...deps.sessions,
      find: async (token) => {
        if (isGone) throw new Error('Connection terminated unexpectedly');
        return deps.sessions.find(token);
      },
    },
  }));
  isGone = true;
  const answer = await here.call({ method: 'DELETE', url: '/v1/sessions/current', headers: asPerson });
  expect(answer.body).toMatchObject({ code: 'wallet.overloaded', status: 503 });
});

test('a member that no schema names stays inside, and an answer that does not fit is not sent', async () => {
  let card: object = {};
  const { here, asPerson } = await open((deps) => ({
    ...deps,
    open: { ...deps.open, readStatus: async () => card as never },
  }));
  const bank = {
    bankCode: 'ICBC',
    bankName: { 'zh-CN': '工商银行', en: 'ICBC' },
    state: 'up',
    until: null,
    checkedAt: here.clock.now(),
  };
  card = { wallet: 'up', banks: [bank], secretKey: CANARY };
  const fine = await here.call({ method: 'GET', url: '/v1/status', headers: asPerson });
  expect(fine.status).toBe(200);
  expect(fine.text).not.toContain(CANARY);
  card = { wallet: 'up', banks: [{ ...bank, state: CANARY }] };
  const broken = await here.call({ method: 'GET', url: '/v1/status', headers: asPerson });
  expect(broken.status).toBe(500);
  expect(broken.text).not.toContain(CANARY);
  expect(here.lines.join('')).toContain('answer does not fit its schema');
  expect(here.lines.join('')).not.toContain(CANARY);
});

test('above what it can carry it says so at once, and goes on with what it has', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let inFlight = 0;
  const listCards = async () => {
    inFlight += 1;
    return held.then(() => []);
  };
  const { here, asPerson } = await open((deps) => ({ ...deps, person: { ...deps.person, listCards } }), 3);
  const waiting = Array.from({ length: 3 }, () => here.call({ method: 'GET', url: '/v1/cards', headers: asPerson }));
  await expect.poll(() => inFlight).toBe(3);
  const shed = await here.call({ method: 'GET', url: '/v1/cards', headers: asPerson });
  expect(shed.body).toMatchObject({ code: 'wallet.overloaded', status: 503 });
  expect((await here.call({ method: 'GET', url: '/health/live' })).status).toBe(200);
  release();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await here.call({ method: 'GET', url: '/v1/cards', headers: asPerson })).status).toBe(200);
});

test('on stopping, what is under way is answered and nothing new is taken', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const underWay = Promise.withResolvers<void>();
  const listCards = async () => {
    underWay.resolve();
    return held.then(() => []);
  };
  const { here, asPerson } = await open((deps) => ({ ...deps, person: { ...deps.person, listCards } }));
  const address = await here.app.listen({ host: '127.0.0.1', port: 0 });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    httpRequest(`${address}/v1/cards`, { headers: asPerson }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
  await underWay.promise;
  const closed = here.app.close();
  const isTaken = () =>
    fetch(`${address}/health/live`).then(
      () => true,
      () => false,
    );
  await expect.poll(isTaken).toBe(false);
  release();
  expect(await answered).toBe(200);
  await closed;
});

test('what is no HTTP, or too much of it, gets a bare answer and the server goes on', async () => {
  const { here } = await open();
  const address = new URL(await here.app.listen({ host: '127.0.0.1', port: 0 }));
  const send = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let got = '';
      const socket = connect(Number(address.port), '127.0.0.1', () => socket.write(text));
      socket.on('data', (data) => {
        got += data.toString('latin1');
      });
      socket.on('close', () => resolve(got));
      socket.on('error', reject);
    });
  expect(await send('HELLO\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
  expect(await send(`GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1.1 431/);
  const smuggled =
    'POST /v1/visits HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nX';
  expect(await send(smuggled)).toMatch(/^HTTP\/1.1 400/);
  expect((await fetch(`${address.origin}/health/live`)).status).toBe(200);
});
