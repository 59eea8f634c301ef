import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpRoom, type HttpRoom } from './http-room.ts';

let room: HttpRoom;
const got: { bankCode: string; rawBody: string; contentType: unknown }[] = [];
let believe = true;
beforeAll(async () => {
  room = await createHttpRoom({}, (deps) => ({
    ...deps,
    open: {
      ...deps.open,
      receiveBankNotice: async ({ bankCode, rawBody, headers }) => {
        got.push({ bankCode, rawBody: Buffer.from(rawBody).toString('latin1'), contentType: headers['content-type'] });
        return believe;
      },
    },
  }));
});
afterAll(() => room.close());

test('a bank’s notice reaches its verification byte by byte, whatever it is', async () => {
  const bodies = ['{"a":1, "a":2}', 'not json', '\xff\xfe\x00', ''];
  for (const body of bodies) {
    for (const contentType of ['application/json', 'text/plain', 'application/octet-stream']) {
      const answer = await room.call({
        method: 'POST',
        url: '/callbacks/banks/ICBC',
        headers: { 'content-type': contentType },
        payload: Buffer.from(body, 'latin1'),
      });
      expect([body, contentType, answer.status]).toEqual([body, contentType, 204]);
      expect(got.at(-1)).toEqual({ bankCode: 'ICBC', rawBody: body, contentType });
    }
  }
});

test('one that is not believed is refused, one too long is not read', async () => {
  believe = false;
  const refused = await room.call({ method: 'POST', url: '/callbacks/banks/ICBC', payload: {} });
  expect(refused.status).toBe(401);
  const count = got.length;
  const long = await room.call({
    method: 'POST',
    url: '/callbacks/banks/ICBC',
    payload: { a: 'x'.repeat(101 * 1024) },
  });
  expect([long.status, got.length]).toEqual([413, count]);
});
