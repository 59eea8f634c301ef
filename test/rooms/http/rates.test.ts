import { afterAll, beforeAll, expect, test } from 'vitest';
import { minuteMs } from '../../../src/kernel/clock.ts';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { reproduces } from '../../support/reproduces.ts';
import { createHttpRoom, type HttpRoom } from './http-room.ts';

let room: HttpRoom;
let behindProxy: HttpRoom;
beforeAll(async () => {
  room = await createHttpRoom({ rateScale: 1 });
  behindProxy = await createHttpRoom({ rateScale: 1, trustedProxies: ['10.0.0.1'] });
});
afterAll(async () => {
  await room.close();
  await behindProxy.close();
});

const visits = async (
  target: HttpRoom,
  count: number,
  at: (i: number) => { remoteAddress: string; forwarded?: string },
) => {
  const statuses = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { remoteAddress, forwarded } = at(i);
      const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
      return (await target.call({ method: 'POST', url: '/v1/visits', remoteAddress, headers })).status;
    }),
  );
  return statuses.filter((status) => status === 200).length;
};

test('visits from one address are counted, whatever it says of itself; another address is another', async () => {
  expect(await visits(room, 60, (i) => ({ remoteAddress: '198.51.100.1', forwarded: `203.0.113.${i}` }))).toBe(30);
  const refused = await room.call({ method: 'POST', url: '/v1/visits', remoteAddress: '198.51.100.1' });
  expect(refused.body).toMatchObject({ code: reproduces('limit.too_fast'), status: 429 });
  expect(Number(refused.headers['retry-after'])).toBe(20);
  expect(await visits(room, 5, () => ({ remoteAddress: '198.51.100.2' }))).toBe(5);
  room.clock.pass(10 * minuteMs);
  expect(await visits(room, 40, () => ({ remoteAddress: '198.51.100.1' }))).toBe(30);
});

test('wallets opened from one address are counted whatever the visit, since each sends a message', async () => {
  const remoteAddress = '198.51.100.77';
  const statuses: number[] = [];
  for (let i = 0; i < 70; i += 1) {
    if (i % 20 === 0) room.clock.pass(minuteMs);
    const visit = await room.call({ method: 'POST', url: '/v1/visits', remoteAddress: `198.51.100.${100 + i}` });
    const headers = { authorization: `Bearer ${String(visit.body?.['token'])}` };
    const payload = {
      id: toPublicId('op', room.newOperationId()),
      kind: 'open_wallet',
      input: { phone: '1', language: 'en' },
    };
    statuses.push((await room.call({ method: 'POST', url: '/v1/operations', remoteAddress, headers, payload })).status);
  }
  // One more for each minute that passed meanwhile.
  expect(statuses.indexOf(429)).toBe(63);
});

test('a rate of a route that is taken in lots lets through as many as it says, and no more', async () => {
  const visit = await room.call({ method: 'POST', url: '/v1/visits', remoteAddress: '198.51.100.90' });
  const headers = { authorization: `Bearer ${String(visit.body?.['token'])}` };
  const ask = () =>
    room.call({ method: 'POST', url: '/v1/preflight', remoteAddress: '198.51.100.90', headers, payload: {} });
  const passed = async (count: number) =>
    (await Promise.all(Array.from({ length: count }, ask))).filter(({ status }) => status !== 429).length;
  expect((await passed(50)) + (await passed(150))).toBe(120);
  room.clock.pass(minuteMs);
  expect(await passed(150)).toBe(120);
});

test('the addresses of one IPv6 network are one', async () => {
  expect(await visits(room, 40, (i) => ({ remoteAddress: `2001:db8::${i.toString(16)}` }))).toBe(30);
});

test('a proxy that is trusted names the address; one that is not, does not', async () => {
  const through = (proxy: string) => (i: number) => ({ remoteAddress: proxy, forwarded: `203.0.113.${i}` });
  expect(await visits(behindProxy, 40, through('10.0.0.1'))).toBe(40);
  expect(await visits(behindProxy, 40, through('10.0.0.2'))).toBe(30);
});

test('requests of all kinds from one address have an end, and reading a burst takes no more than it needs', async () => {
  const ask = async () => (await room.call({ method: 'GET', url: '/v1/status', remoteAddress: '198.51.100.9' })).status;
  const first = await Promise.all(Array.from({ length: 300 }, ask));
  expect(new Set(first)).toEqual(new Set([200]));
  const rest = await Promise.all(Array.from({ length: 1500 }, ask));
  expect(rest.filter((status) => status === 200).length).toBe(900);
  const probe = await room.call({ method: 'GET', url: '/health/live', remoteAddress: '198.51.100.9' });
  expect(probe.status).toBe(200);
});
