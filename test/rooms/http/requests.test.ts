import { afterAll, beforeAll, expect, test } from 'vitest';
import Fastify from 'fastify';
import { Compile } from 'typebox/compile';
import { Problem } from '../../../src/contract/problem.ts';
import { requirePolicies } from '../../../src/http/route-policy.ts';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { reproduces } from '../../support/reproduces.ts';
import { createHttpRoom, ORIGIN, webHeaders, type HttpRoom } from './http-room.ts';

let room: HttpRoom;
beforeAll(async () => {
  room = await createHttpRoom();
});
afterAll(() => room.close());

const problemCheck = Compile(Problem);
const json = { 'content-type': 'application/json' };

async function signIn() {
  const visit = await room.call({ method: 'POST', url: '/v1/visits' });
  const asVisitor = { authorization: `Bearer ${String(visit.body?.['token'])}` };
  const operationId = toPublicId('op', room.newOperationId());
  const answer = await room.call({ method: 'POST', url: '/v1/sessions', headers: asVisitor, payload: { operationId } });
  return { asVisitor, asPerson: { authorization: `Bearer ${String(answer.body?.['token'])}` }, operationId };
}

async function signInWithCookie() {
  const visit = await room.call({ method: 'POST', url: '/v1/visits', headers: webHeaders });
  const cookieOf = (answer: typeof visit) => `__Host-purser=${answer.cookies[0]?.value ?? ''}`;
  const answer = await room.call({
    method: 'POST',
    url: '/v1/sessions',
    headers: { ...webHeaders, cookie: cookieOf(visit) },
    payload: { operationId: toPublicId('op', room.newOperationId()) },
  });
  return { visit, answer, cookie: cookieOf(answer) };
}

test('a route without a policy does not start', async () => {
  const app = Fastify();
  requirePolicies(app);
  expect(() => app.get('/open', async () => 'x')).toThrow(/GET \/open has no policy/);
  expect(() => app.get('/odd', { config: { policy: 'all' as 'anyone' } }, async () => 'x')).toThrow(/no policy/);
  await app.close();
});

test('each route says who may call it, and only these are open to anyone', () => {
  const open = room.app.routeTable.filter(({ policy }) => policy === 'anyone' || policy === 'bank_line');
  expect(open.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
    'GET /docs/causes',
    'GET /docs/causes/:code',
    'GET /docs/docs.css',
    'GET /docs/fonts/:file',
    'GET /health/live',
    'GET /health/ready',
    'GET /metrics',
    'GET /openapi.json',
    'GET /v1/causes',
    'GET /v1/ledger/consistency',
    'GET /v1/ledger/heads',
    'GET /v1/ledger/keys',
    'GET /v1/sessions/current',
    'GET /v1/status',
    'POST /callbacks/banks/:bankCode',
    'POST /v1/visits',
  ]);
});

test('an app that opens learns whether it has a session without being refused', async () => {
  const { asVisitor, asPerson } = await signIn();
  for (const [headers, state] of [
    [{}, 'none'],
    [{ authorization: 'Bearer x' }, 'none'],
    [asVisitor, 'visit'],
    [asPerson, 'person'],
  ] as const) {
    const answer = await room.call({ method: 'GET', url: '/v1/sessions/current', headers });
    expect([answer.status, answer.body]).toEqual([200, { state }]);
  }
});

test('without a session, with a wrong one, an ended one or only a visit nothing of a person is answered', async () => {
  const { asVisitor, asPerson } = await signIn();
  const ended = await signIn();
  await room.call({ method: 'DELETE', url: '/v1/sessions/current', headers: ended.asPerson });
  const whole = await room.call({ method: 'GET', url: '/v1/cards', headers: asPerson });
  expect(whole.status).toBe(200);
  const wrong = [
    {},
    { authorization: 'Bearer x' },
    { authorization: 'Basic eDp5' },
    { authorization: 'Bearer ' },
    { authorization: asPerson.authorization.toLowerCase() },
    { ...webHeaders, cookie: `__Host-purser=${asPerson.authorization.slice(7)}` },
    ended.asPerson,
    asVisitor,
  ];
  for (const route of room.app.routeTable.filter(({ policy }) => policy === 'person')) {
    for (const headers of wrong) {
      const url = route.url.replace(':id', toPublicId('card', room.newOperationId()));
      const answer = await room.call({ method: route.method as 'GET', url, headers });
      expect([route.url, headers, answer.status, answer.body?.['code']]).toEqual([
        route.url,
        headers,
        401,
        reproduces('security.session_expired'),
      ]);
    }
  }
});

test('every refusal is a problem document of the contract, in the language asked for, and says its request', async () => {
  const refused = [
    await room.call({ method: 'GET', url: '/v1/nowhere', headers: { 'accept-language': 'en' } }),
    await room.call({ method: 'GET', url: '/V1/me', headers: { 'accept-language': 'en' } }),
    await room.call({ method: 'GET', url: '/v1/me/', headers: { 'accept-language': 'en' } }),
    await room.call({ method: 'PUT', url: '/v1/me', headers: { 'accept-language': 'en' } }),
    await room.call({ method: 'GET', url: '/%ff', headers: { 'accept-language': 'en' } }),
    await room.call({ method: 'GET', url: `/v1/cards/${'x'.repeat(200)}`, headers: { 'accept-language': 'en' } }),
  ];
  for (const answer of refused) {
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(problemCheck.Errors(answer.body)).toEqual([]);
    expect(answer.body).toMatchObject({ code: reproduces('app.request_invalid'), status: answer.status });
    expect(answer.body?.['title']).toMatch(/^[A-Z]/);
    expect(answer.body?.['reference']).toMatch(/^P[0-9A-Z]{3}-[0-9A-Z]{4}$/);
  }
  expect(refused.map(({ status }) => status)).toEqual([404, 404, 404, 404, 400, 414]);
  const chinese = await room.call({ method: 'GET', url: '/v1/nowhere' });
  expect(chinese.body?.['title']).toMatch(/\p{Script=Han}/u);
  expect(chinese.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('no answer of the API is kept by caches, and pages may do little', async () => {
  const { asPerson } = await signIn();
  for (const url of ['/v1/cards', '/v1/status', '/v1/nowhere', '/v1/me']) {
    const { headers } = await room.call({ method: 'GET', url, headers: asPerson });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('every answer has its rules for browsers, pages more than what programs read, and over HTTPS that it stays there', async () => {
  const { headers } = await room.call({ method: 'GET', url: '/v1/nowhere' });
  expect(headers).toMatchObject({
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  for (const url of ['/docs', '/nowhere', '/health/live']) {
    const page = await room.call({ method: 'GET', url });
    expect(page.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("require-trusted-types-for 'script'"),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'permissions-policy': expect.stringContaining('geolocation=()'),
    });
  }
  expect(headers['strict-transport-security']).toBeUndefined();
  const open = await createHttpRoom({ publicUrl: 'https://pay.example' });
  try {
    const answer = await open.call({ method: 'GET', url: '/v1/nowhere' });
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
  } finally {
    await open.close();
  }
});

test('the app’s session lives in a cookie that scripts cannot read, and is new after signing in', async () => {
  const { visit, answer, cookie } = await signInWithCookie();
  expect(visit.body).toEqual({ token: null });
  expect(answer.body).toMatchObject({ token: null });
  for (const { cookies } of [visit, answer]) {
    expect(cookies[0]).toMatchObject({
      name: '__Host-purser',
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'Strict',
    });
    expect(cookies[0]).not.toHaveProperty('domain');
  }
  expect(answer.cookies[0]?.value).not.toBe(visit.cookies[0]?.value);
  const before = { cookie: `__Host-purser=${visit.cookies[0]?.value}` };
  expect((await room.call({ method: 'GET', url: '/v1/cards', headers: { cookie } })).status).toBe(200);
  expect((await room.call({ method: 'GET', url: '/v1/orders/x', headers: before })).status).toBe(401);
  // As a bearer token it is worth nothing.
  const asBearer = { authorization: `Bearer ${cookie.slice(cookie.indexOf('=') + 1)}` };
  expect((await room.call({ method: 'GET', url: '/v1/cards', headers: asBearer })).status).toBe(401);
  const out = await room.call({ method: 'DELETE', url: '/v1/sessions/current', headers: { ...webHeaders, cookie } });
  expect(out.status).toBe(204);
  expect(out.cookies[0]).toMatchObject({ value: '' });
  expect((await room.call({ method: 'GET', url: '/v1/cards', headers: { cookie } })).status).toBe(401);
});

test('what another site makes a browser send is refused on every changing route and has no effect', async () => {
  const { cookie } = await signInWithCookie();
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example', cookie, 'x-purser-client': 'web' },
    { origin: 'null', cookie, 'x-purser-client': 'web' },
    { origin: `${ORIGIN}.evil.example`, cookie, 'x-purser-client': 'web' },
    { origin: 'http://localhost:7071', cookie, 'x-purser-client': 'web' },
    { cookie, 'x-purser-client': 'web' },
    { origin: ORIGIN, cookie },
    { origin: ORIGIN, cookie, 'x-purser-client': 'WEB' },
    { origin: ORIGIN, cookie, 'content-type': 'text/plain' },
    { cookie },
  ];
  const changing = room.app.routeTable.filter(({ method, url }) => method !== 'GET' && !url.startsWith('/callbacks'));
  expect(changing.length).toBeGreaterThan(12);
  for (const route of changing) {
    for (const headers of foreign) {
      const answer = await room.call({ method: route.method as 'POST', url: route.url, headers });
      expect([route.url, headers, answer.status]).toEqual([route.url, headers, 403]);
      expect(answer.cookies).toEqual([]);
    }
  }
  // Still signed in.
  expect((await room.call({ method: 'GET', url: '/v1/cards', headers: { cookie } })).status).toBe(200);
  const own = { origin: 'http://127.0.0.1:7070', 'x-purser-client': 'web', cookie };
  expect((await room.call({ method: 'DELETE', url: '/v1/sessions/current', headers: own })).status).toBe(204);
});

test('a method in a header or a parameter changes nothing', async () => {
  const { asPerson } = await signIn();
  const headers = { ...asPerson, 'x-http-method-override': 'DELETE' };
  await room.call({ method: 'GET', url: '/v1/sessions?_method=DELETE', headers });
  expect((await room.call({ method: 'GET', url: '/v1/sessions', headers: asPerson })).status).toBe(200);
});

const operation = () => ({ id: toPublicId('op', room.newOperationId()), kind: 'open_wallet' });

test('bodies that two readers could take differently, or that are too much, are refused before anything reads them', async () => {
  const { asVisitor } = await signIn();
  const post = async (payload: string | Buffer, headers: Record<string, string> = json) =>
    (await room.call({ method: 'POST', url: '/v1/operations', headers: { ...asVisitor, ...headers }, payload })).status;
  const fine = JSON.stringify({ ...operation(), input: { phone: '13800001234', language: 'en' } });
  expect(await post(fine)).toBe(404);
  expect(await post(fine, { 'content-type': 'application/json; charset=UTF-8' })).toBe(404);
  expect(await post('{"id":1,"id":2}')).toBe(400);
  expect(await post('{"__proto__":{}}')).toBe(400);
  expect(await post('['.repeat(50_000))).toBe(400);
  expect(await post('')).toBe(400);
  expect(await post('null')).toBe(400);
  expect(await post(`{"a":"${'x'.repeat(101 * 1024)}"}`)).toBe(413);
  expect(await post(fine, { 'content-type': 'application/json; charset=gbk' })).toBe(415);
  expect(await post(fine, { 'content-type': 'text/plain' })).toBe(415);
  expect(await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
  expect(await post('--x--', { 'content-type': 'multipart/form-data; boundary=x' })).toBe(415);
  expect(await post(fine, { ...json, 'content-encoding': 'gzip' })).toBe(415);
});

test('what a person typed is told by field, anything else as the app’s fault; nothing is turned or dropped', async () => {
  const { asPerson } = await signIn();
  const start = async (kind: string, input: unknown, more: object = {}) => {
    const payload = { ...operation(), kind, input, ...more };
    const answer = await room.call({ method: 'POST', url: '/v1/operations', headers: asPerson, payload });
    return [answer.status, answer.body?.['code'], answer.body?.['field']];
  };
  const card = toPublicId('card', room.newOperationId());
  const amount = { minor: '100', currency: 'CNY' };
  expect(await start('open_wallet', { language: 'en' })).toEqual([422, reproduces('input.missing'), 'phone']);
  expect(await start('open_wallet', { phone: '1'.repeat(33), language: 'en' })).toEqual([
    422,
    'input.format_invalid',
    'phone',
  ]);
  expect(await start('bind_card', { reservedPhone: '1' })).toEqual([422, 'input.missing', 'card_number']);
  for (const minor of ['1.5', '1e3', '00', '', '99999999999999999', 'NaN']) {
    expect(await start('top_up', { cardId: card, amount: { ...amount, minor } })).toEqual([
      422,
      reproduces('input.format_invalid'),
      'amount',
    ]);
  }
  const invalid = [400, 'app.request_invalid', null];
  expect(await start('top_up', { cardId: card, amount: { ...amount, minor: 100 } })).toEqual(invalid);
  expect(await start('top_up', { cardId: '1', amount })).toEqual(invalid);
  expect(await start('top_up', { cardId: card, amount, fee: amount })).toEqual(invalid);
  expect(await start('top_up', { cardId: card, amount: { ...amount, scale: 2 } })).toEqual(invalid);
  expect(await start('top_up', { cardId: card, amount }, { ownerId: 'x' })).toEqual(invalid);
  expect(await start('top_up', { cardId: card, amount }, { state: 'succeeded' })).toEqual(invalid);
  expect(await start('steal', {})).toEqual(invalid);
  expect(await start('open_wallet', { phone: 1, language: 'fr' })).toEqual(invalid);
  expect(await start('open_wallet', { phone: '1', language: 'en' }, { id: 'op_8zzzzzzzzzzzzzzzzzzzzzzzzz' })).toEqual(
    invalid,
  );
});

test('members that would raise somebody’s rights are refused', async () => {
  const { asPerson } = await signIn();
  for (const member of ['balance', 'status', 'role', 'userId', 'accountClass', 'feeRate', 'pinSet']) {
    const payload = { language: 'en', [member]: 3 };
    const answer = await room.call({ method: 'PATCH', url: '/v1/me', headers: asPerson, payload });
    expect([member, answer.status]).toEqual([member, 400]);
  }
});

test('queries are checked too', async () => {
  const { asPerson } = await signIn();
  const ask = async (query: string) =>
    (await room.call({ method: 'GET', url: `/v1/transactions?${query}`, headers: asPerson })).status;
  expect(await ask('limit=100')).toBe(200);
  for (const query of [
    'limit=101',
    'limit=0',
    'limit=-1',
    'limit=1&limit=2',
    'limit[]=1',
    'cursor=%27',
    'cursor=abc',
    'owner=x',
  ]) {
    expect([query, await ask(query)]).toEqual([query, 400]);
  }
  for (const [query, status] of [
    ['waitMs=20000', 404],
    ['waitMs=20001', 400],
    ['waitMs=1e4', 400],
    ['since=yesterday', 400],
    ['since=2026-11-22T08:00:00.000Z', 404],
  ]) {
    const url = `/v1/operations/${toPublicId('op', room.newOperationId())}?${query}`;
    expect([query, (await room.call({ method: 'GET', url, headers: asPerson })).status]).toEqual([query, status]);
  }
  const page = await room.call({ method: 'GET', url: '/v1/transactions', headers: asPerson });
  const cursor = String(page.body?.['nextCursor']);
  expect(await ask(`cursor=${cursor}`)).toBe(200);
  const stranger = await signIn();
  const theirs = await room.call({
    method: 'GET',
    url: `/v1/transactions?cursor=${cursor}`,
    headers: stranger.asPerson,
  });
  expect(theirs.status).toBe(400);
});

test('signing in again with the same operation ends the session before it', async () => {
  const { asVisitor, operationId } = await signIn();
  const again = await room.call({ method: 'POST', url: '/v1/sessions', headers: asVisitor, payload: { operationId } });
  const second = { authorization: `Bearer ${String(again.body?.['token'])}` };
  const list = await room.call({ method: 'GET', url: '/v1/sessions', headers: second });
  expect(list.body?.['sessions']).toHaveLength(1);
});

test('a session of another person is not there, like one of nobody', async () => {
  const [me, you] = [await signIn(), await signIn()];
  const list = await room.call({ method: 'GET', url: '/v1/sessions', headers: you.asPerson });
  const { id } = (list.body?.['sessions'] as { id: string }[])[0] ?? { id: '' };
  const end = (target: string) => room.call({ method: 'DELETE', url: `/v1/sessions/${target}`, headers: me.asPerson });
  const [theirs, nobodys, noId] = [await end(id), await end(toPublicId('ses', room.newOperationId())), await end('1')];
  for (const answer of [theirs, nobodys, noId]) {
    expect([answer.status, answer.body?.['code']]).toEqual([404, reproduces('operation.not_found')]);
  }
  const withoutReference = (body: object | undefined) => ({ ...body, reference: null });
  expect(withoutReference(theirs.body)).toEqual(withoutReference(nobodys.body));
  expect((await room.call({ method: 'GET', url: '/v1/cards', headers: you.asPerson })).status).toBe(200);
});
