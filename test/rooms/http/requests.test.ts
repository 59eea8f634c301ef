import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpRoom, type HttpRoom } from './http-room.ts';
let room: HttpRoom;
beforeAll(async () => {
  room = await createHttpRoom();
});
afterAll(() => room.close());
test('smoke', async () => {
  const v = await room.call({ method: 'POST', url: '/v1/visits' });
  console.log(v.status, v.headers, v.text);
  console.log(
    await room.call({ method: 'GET', url: '/v1/me', headers: { authorization: `Bearer ${v.body?.['token']}` } }),
  );
  console.log((await room.call({ method: 'GET', url: '/v1/nope', headers: { 'accept-language': 'en' } })).text);
  console.log((await room.call({ method: 'GET', url: '/v1/cards', headers: { 'accept-language': 'en' } })).text);
  console.log((await room.call({ method: 'GET', url: '/metrics' })).text.slice(-300));
  console.log((await room.call({ method: 'GET', url: '/openapi.json' })).text.length);
  console.log(room.app.routeTable.map((r) => `${r.method} ${r.url} ${r.policy}`).join('\n'));
  console.log(room.lines.join(''));
});
