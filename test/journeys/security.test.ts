import { createHash } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveMerchant } from '../../src/features/merchants/merchant.ts';
import { newId } from '../../src/kernel/ids.ts';
import { secret } from '../../src/kernel/masked.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, mingsCard, wen } from '../support/samples.ts';
import { bindCard, goodPin, move, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

let wallet: TestWallet;
let owner: pg.Client;
let me: Api;
let her: Api;
let visitor: Api;
let ended: Api;
let shop: Api;
let otherShop: Api;
let cardId: string;

beforeAll(async () => {
  wallet = await startWallet();
  owner = new pg.Client({ connectionString: wallet.database.ownerConnectionString });
  await owner.connect();
  me = await openVerified(wallet, ming);
  her = await openVerified(wallet, wen);
  visitor = new Api(wallet.url);
  visitor.token = (await visitor.post<{ token: string }>('/v1/visits')).token;
  ended = new Api(wallet.url);
  ended.token = (await ended.post<{ token: string }>('/v1/visits')).token;
  await ended.call('DELETE', '/v1/sessions/current');
  shop = new Api(wallet.url, wallet.shopKey);
  const otherKey = 'purser_sandbox_other_shop';
  await saveMerchant(wallet.app.ground, {
    id: newId(wallet.app.ground.clock, systemRandom),
    name: '别家',
    apiKey: secret(otherKey),
    webhookUrl: 'http://127.0.0.1:9/',
    webhookSecret: secret('whsec_b3RoZXI='),
  });
  otherShop = new Api(wallet.url, otherKey);
  cardId = await bindCard(wallet, me, mingsCard);
  await move(me, 'top_up', { cardId, amount: yuan('100.00') });
});
afterAll(async () => {
  await owner.end();
  await wallet.close();
});

/** Tables that change by themselves: they count and remember, and belong to nobody. */
const RESTLESS = [
  'bank_notice',
  'ledger_head',
  'rate_bucket',
  'attempt_counter',
  'bank_health',
  'session',
  'webhook_delivery',
];

async function tables(): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function readAll(name: string): Promise<string> {
  const { rows } = await owner.query<{ line: string }>(`select t::text as line from ${name} t order by 1`);
  return rows.map(({ line }) => line).join('\n');
}

/** What each table holds, as a digest. */
async function digestsOfAll(): Promise<{ [table: string]: string }> {
  const digests: { [table: string]: string } = {};
  for (const name of await tables()) {
    if (!RESTLESS.includes(name))
      digests[name] = createHash('sha256')
        .update(await readAll(name))
        .digest('hex');
  }
  return digests;
}

type Description = { paths: { [path: string]: { [method: string]: { security: { [name: string]: unknown }[] } } } };

/** An id of mine for each route that takes one. */
async function idsOfMine(): Promise<{ [start: string]: string[] }> {
  const waiting = newPublicId('op');
  await me.start('top_up', { cardId, amount: yuan('5.00') }, waiting);
  const { transactions } = await me.get<{ transactions: { id: string }[] }>('/v1/transactions');
  const { sessions } = await me.get<{ sessions: { id: string }[] }>('/v1/sessions');
  const { operations } = await me.get<{ operations: { id: string }[] }>('/v1/operations');
  const orderId = newPublicId('ord');
  await shop.post('/v1/merchant/orders', { id: orderId, amount: yuan('1.00'), description: '书' });
  const batchId = newPublicId('pb');
  const payout = { id: newPublicId('po'), payeePhone: ming.phone, amount: yuan('0.01'), note: '' };
  await shop.post('/v1/merchant/payouts', { id: batchId, payouts: [payout] });
  return {
    '/v1/operations/': [waiting, ...operations.map(({ id }) => id)],
    '/v1/cards/': [cardId],
    '/v1/transactions/': transactions.map(({ id }) => id),
    '/v1/sessions/': sessions.map(({ id }) => id),
    '/v1/merchant/orders/': [orderId],
    '/v1/merchant/payouts/': [batchId],
  };
}

/** Whoever was shown an order's code may see the order: that is what the code is for. */
const SHOWN_TO_PAYERS = '/v1/orders/';

test('nobody reaches what is another’s by its id, and nothing changes by trying', async () => {
  const mine = await idsOfMine();
  const { paths } = await visitor.get<Description>('/openapi.json');
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
  );
  const withId = routes.filter(({ path }) => path.includes('{id}') && !path.startsWith(SHOWN_TO_PAYERS));
  expect(withId.length).toBeGreaterThanOrEqual(10);
  const before = await digestsOfAll();
  for (const { path, method } of withId) {
    const start = Object.keys(mine).find((each) => path.startsWith(each));
    expect(start, `no id for ${path}: a new route needs one here`).toBeDefined();
    const isMerchants = path.startsWith('/v1/merchant/');
    const strangers: [Api, number[]][] = [
      [new Api(wallet.url), [401]],
      [new Api(wallet.url, 'A'.repeat(43)), [401]],
      [ended, [401]],
      [visitor, [401, 404]],
      [isMerchants ? otherShop : her, [404]],
      [isMerchants ? me : shop, [401]],
    ];
    for (const id of mine[start ?? ''] ?? []) {
      const url = path.replace('{id}', id).replace('{step}', 'confirm');
      const body =
        method === 'GET' || method === 'DELETE' ? undefined : path.includes('{step}') ? { pin: goodPin } : {};
      for (const [stranger, allowed] of strangers) {
        const answer = await stranger.call(method, url, body);
        expect([method, url, allowed.includes(answer.status), answer.status]).toEqual([
          method,
          url,
          true,
          answer.status,
        ]);
        expect(JSON.stringify(answer.body)).not.toContain(id);
      }
    }
  }
  expect(await digestsOfAll()).toEqual(before);
  expect((await me.call('GET', '/v1/me')).status).toBe(200);
});

test('another’s operation and one that never was are answered alike', async () => {
  const theirs = newPublicId('op');
  await me.start('top_up', { cardId, amount: yuan('5.00') }, theirs);
  const answers = [
    await her.call('GET', `/v1/operations/${theirs}`),
    await her.call('GET', `/v1/operations/${newPublicId('op')}`),
  ];
  const [a, b] = answers.map(({ status, body }) => ({ status, body: { ...body, reference: null } }));
  expect(a).toEqual(b);
  expect(a).toMatchObject({ status: 404, body: { code: reproduces('operation.not_found') } });
  // The id is hers to use: what I did with it neither shows nor stands in her way.
  const card = await her.refusedStart('top_up', { cardId, amount: yuan('5.00') }, theirs);
  expect(card.status).toBeLessThan(500);
  expect(card.code).not.toBe('operation.conflict');
  await me.post(`/v1/operations/${theirs}/cancel`);
});

test('a list goes on only for whom it was begun', async () => {
  const page = await me.get<{ nextCursor: string }>('/v1/operations?limit=1');
  expect(page.nextCursor).toEqual(expect.any(String));
  expect((await me.call('GET', `/v1/operations?limit=1&cursor=${page.nextCursor}`)).status).toBe(200);
  for (const [who, query] of [
    [her, `cursor=${page.nextCursor}`],
    [me, `open=true&cursor=${page.nextCursor}`],
    [me, `cursor=${page.nextCursor}A`],
  ] as const) {
    expect((await who.refused('GET', `/v1/operations?${query}`)).code).toBe(reproduces('app.request_invalid'));
  }
  const seen: string[] = [];
  let cursor = '';
  do {
    const { operations, nextCursor } = await me.get<{ operations: { id: string }[]; nextCursor: string | null }>(
      `/v1/operations?limit=2${cursor && `&cursor=${cursor}`}`,
    );
    seen.push(...operations.map(({ id }) => id));
    cursor = nextCursor ?? '';
  } while (cursor !== '');
  const whole = await me.get<{ operations: { id: string }[] }>('/v1/operations?limit=100');
  expect(seen).toEqual(whole.operations.map(({ id }) => id));
});

test('with a visit alone nothing but opening a wallet can be asked', async () => {
  for (const [kind, input] of [
    ['top_up', { cardId, amount: yuan('1.00') }],
    ['transfer', { payeePhone: wen.phone, amount: yuan('1.00') }],
    ['bind_card', { cardNumber: mingsCard.number, reservedPhone: mingsCard.reservedPhone }],
    ['verify_identity', { name: ming.name, idNumber: ming.idNumber }],
  ] as const) {
    expect(await visitor.refusedStart(kind, input)).toMatchObject({
      status: 401,
      code: reproduces('security.session_expired'),
    });
    expect(await visitor.refused('POST', '/v1/preflight', { kind, input })).toMatchObject({ status: 401 });
  }
});

test('opening looks the same for a number that has a wallet and for one that has none', async () => {
  const known = await visitor.start('open_wallet', { phone: ming.phone, language: 'zh-CN' });
  const other = new Api(wallet.url);
  other.token = (await other.post<{ token: string }>('/v1/visits')).token;
  const unknown = await other.start('open_wallet', { phone: '13912340000', language: 'zh-CN' });
  const shape = (operation: typeof known) => ({
    keys: Object.keys(operation),
    details: Object.keys(operation.details),
    state: operation.state,
    step: operation.step,
    path: operation.path,
    isNew: (operation.details as { isNew: unknown }).isNew,
  });
  expect(shape(unknown)).toEqual(shape(known));
});

test('a wrong payment PIN is counted down, then locked, for every operation; nothing moves', async () => {
  const balance = await her.get('/v1/balance');
  await move(me, 'transfer', { payeePhone: wen.phone, amount: yuan('10.00') });
  const wrong = '385016';
  const lefts: (string | number | undefined)[] = [];
  for (let i = 0; i < 4; i += 1) {
    const id = newPublicId('op');
    await her.start('transfer', { payeePhone: ming.phone, amount: yuan('1.00') }, id);
    const problem = await her.refused('POST', `/v1/operations/${id}/steps/confirm`, { pin: wrong });
    expect(problem).toMatchObject({ code: reproduces('security.pin_wrong'), moneyMoved: 'no', field: 'payment_pin' });
    lefts.push(problem.params['left']);
    await her.post(`/v1/operations/${id}/cancel`);
  }
  expect(lefts.map(Number)).toEqual([4, 3, 2, 1]);
  const id = newPublicId('op');
  await her.start('transfer', { payeePhone: ming.phone, amount: yuan('1.00') }, id);
  for (const pin of [wrong, goodPin]) {
    const locked = await her.refused('POST', `/v1/operations/${id}/steps/confirm`, { pin });
    expect(locked).toMatchObject({ status: 429, code: reproduces('security.pin_locked'), retry: 'later' });
    expect(Date.parse(locked.retryAt ?? '')).toBeGreaterThan(wallet.app.ground.clock.now().getTime());
  }
  expect(await her.get('/v1/me')).toMatchObject({ pinLockedUntil: expect.any(String) });
  expect(balance).toMatchObject({ available: yuan('0') });
  expect(await her.get('/v1/balance')).toMatchObject({ available: yuan('10.00') });
});

test('changing the PIN signs the other devices out and keeps this one', async () => {
  const { sessions: before } = await me.get<{ sessions: { current: boolean }[] }>('/v1/sessions');
  const phone2 = await signInAgain();
  expect((await me.get<{ sessions: unknown[] }>('/v1/sessions')).sessions).toHaveLength(before.length + 1);
  expect(await me.refused('PUT', '/v1/me/payment-pin', { pin: '111111', currentPin: goodPin })).toMatchObject({
    code: reproduces('input.secret_weak'),
    field: 'payment_pin',
  });
  expect(await me.refused('PUT', '/v1/me/payment-pin', { pin: '830274' })).toMatchObject({
    code: reproduces('security.pin_required'),
  });
  expect((await phone2.call('GET', '/v1/me')).status).toBe(200);
  expect((await me.call('PUT', '/v1/me/payment-pin', { pin: '830274', currentPin: goodPin })).status).toBe(204);
  expect((await phone2.call('GET', '/v1/me')).status).toBe(401);
  expect((await me.call('PUT', '/v1/me/payment-pin', { pin: goodPin, currentPin: '830274' })).status).toBe(204);
});

async function signInAgain(): Promise<Api> {
  const device = new Api(wallet.url);
  device.token = (await device.post<{ token: string }>('/v1/visits')).token;
  const begun = await device.start('open_wallet', { phone: ming.phone, language: 'zh-CN' });
  await device.settled(begun.id);
  const [message] = await wallet.sandbox.messages(ming.phone);
  await device.step(begun.id, 'code', { code: message?.code });
  await device.step(begun.id, 'pin', { pin: goodPin });
  await device.settled(begun.id);
  device.token = (
    await device.post<{ token: string }>('/v1/sessions', { operationId: begun.id, device: 'Second' })
  ).token;
  return device;
}

/** The forms in which a text may lie about: as it is, in bytes, encoded, turned round, in groups. */
const formsOf = (text: string): string[] => [
  text,
  Buffer.from(text).toString('hex'),
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
  [...text].toReversed().join(''),
  text.replace(/(.{4})(?=.)/g, '$1 '),
  text.replace(/(.{4})(?=.)/g, '$1-'),
  encodeURIComponent(text),
];

test('the database keeps no card number, ID number, phone, name, code, PIN or token that can be read', async () => {
  const codes = (await wallet.sandbox.messages(ming.phone)).flatMap(({ code }) => (code === null ? [] : [code]));
  expect(codes.length).toBeGreaterThan(1);
  // Codes and PINs are short: they are looked for as whole values.
  const long = [
    mingsCard.number,
    ming.idNumber,
    ming.phone,
    wen.idNumber,
    ming.name,
    me.token,
    visitor.token,
    wallet.shopKey,
  ];
  const short = [...codes, goodPin];
  for (const name of await tables()) {
    const text = await readAll(name);
    for (const canary of long) {
      for (const form of formsOf(canary ?? '')) expect([name, text.includes(form)]).toEqual([name, false]);
    }
    for (const canary of short) {
      expect([name, canary, new RegExp(`(?<![0-9a-f.:-])${canary}(?![0-9a-f.:-])`).test(text)]).toEqual([
        name,
        canary,
        false,
      ]);
    }
  }
  expect(wallet.said).toEqual([]);
});

test('no token leads into a session by being changed', async () => {
  const token = me.token ?? '';
  for (const changed of [token.slice(0, -1), `${token}A`, token.toUpperCase(), `${token}.x`, `%00${token}`, '']) {
    expect((await new Api(wallet.url, changed).call('GET', '/v1/me')).status).toBe(401);
  }
});

test('a forged notice of a bank is refused and kept nowhere', async () => {
  const before = await readAll('bank_notice');
  const body = { eventId: 'x', reference: newPublicId('tu'), at: wallet.app.ground.clock.now().toISOString() };
  for (const bank of ['ICBC', 'NOBODY']) {
    const answer = await new Api(wallet.url).call('POST', `/callbacks/banks/${bank}`, body);
    expect(answer.status).toBe(401);
  }
  expect(await readAll('bank_notice')).toBe(before);
});
