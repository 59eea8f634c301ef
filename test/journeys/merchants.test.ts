import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Problem } from '../../src/contract/problem.ts';
import type { LedgerReceipt } from '../../src/contract/receipt.ts';
import { freePort } from '../support/free-port.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { deriveId, fromPublicId } from '../../src/kernel/ids.ts';
import { merchant } from '../../src/operator/merchant-command.ts';
import { verifyReceiptFile } from '../../src/start/verify-receipt.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { openOperatorRoom, type OperatorRoom } from '../support/operator-room.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, wen } from '../support/samples.ts';
import { expectBooksEqual } from '../support/told.ts';
import { until } from '../support/until.ts';
import { goodPin, move, openVerified, startWallet, type TestWallet, openFunded } from '../support/wallet.ts';

/** A merchant from the command that makes it to the receipts of what it was paid and paid out. */

let wallet: TestWallet;
let room: OperatorRoom;
let me: Api;
let her: Api;

beforeAll(async () => {
  // The shop of the examples goes by the time of the machine, and believes no event of another time.
  wallet = await startWallet({ clock: systemClock });
  room = await openOperatorRoom(wallet);
  ({ api: me } = await openFunded(wallet, '300.00'));
  her = await openVerified(wallet, wen);
});
afterAll(async () => {
  await expectBooksEqual(wallet);
  expect(wallet.said).toEqual([]);
  await wallet.close();
  await room.close();
});

async function command(...words: string[]): Promise<string> {
  const lines: string[] = [];
  await merchant(room.config(), words, (line) => lines.push(line));
  return lines.join('\n');
}
const found = (text: string, form: RegExp): string => form.exec(text)?.[0] ?? '';
const keyIn = (text: string) => found(text, /purser_merchant_\S+/);

async function newMerchant(name: string): Promise<{ id: string; api: Api }> {
  const said = await command('add', name);
  return { id: found(said, /mer_\w{26}/), api: new Api(wallet.url, keyIn(said)) };
}
async function paidOrder(shop: Api, amount = '20.00'): Promise<string> {
  const orderId = newPublicId('ord');
  await shop.post('/v1/merchant/orders', { id: orderId, amount: yuan(amount), description: 'books' });
  expect(await move(me, 'pay', { orderId })).toMatchObject({ state: 'succeeded' });
  return orderId;
}

test('the command makes a merchant whose key works at once, beside the running wallet', async () => {
  const { id, api } = await newMerchant('街角书店');
  expect(await api.get('/v1/merchant')).toMatchObject({ id, name: '街角书店', available: yuan('0.00') });
  await paidOrder(api);
  expect(await api.get('/v1/merchant')).toMatchObject({ available: yuan('20.00') });
  expect(await command('list')).toContain(`${id}  open    街角书店\n  events   told to nobody`);
});

test('a key that was replaced, or of a merchant that is closed, is refused, and the orders of a closed one too', async () => {
  const { id, api } = await newMerchant('第二家');
  const orderId = newPublicId('ord');
  await api.post('/v1/merchant/orders', { id: orderId, amount: yuan('1.00'), description: 'x' });
  const newer = new Api(wallet.url, keyIn(await command('new-key', id)));
  expect(await api.refused('GET', '/v1/merchant')).toMatchObject({
    status: 401,
    code: reproduces('security.api_key_unknown'),
  });
  expect(await newer.get(`/v1/merchant/orders/${orderId}`)).toMatchObject({ state: 'open' });
  await command('close', id);
  expect((await newer.refused('GET', '/v1/merchant')).code).toBe('security.api_key_unknown');
  expect((await me.refusedStart('pay', { orderId })).code).toBe('third_party.merchant_closed');
  await command('open', id);
  expect(await move(me, 'pay', { orderId })).toMatchObject({ state: 'succeeded' });
});

test('the command says in one sentence what is wrong', async () => {
  const wrong: [string[], RegExp][] = [
    [[], /There is:/],
    [['remove', 'x'], /There is:/],
    [['add'], /There is:/],
    [['add', ' '], /1 to 40 letters/],
    [['add', 'x'.repeat(41)], /1 to 40 letters/],
    [['add', 'shop', '--webhook'], /There is:/],
    [['add', 'shop', '--hook', 'http://a.example'], /There is:/],
    [['add', 'shop', '--webhook', 'a.example'], /no address that can be called/],
    [['add', 'shop', '--webhook', 'ftp://a.example'], /no address that can be called/],
    [['new-key', 'shop'], /begin with mer_/],
    [['close', newPublicId('mer')], /There is no merchant mer_/],
    [['webhook', newPublicId('mer'), 'http://127.0.0.1:1/'], /There is no merchant mer_/],
  ];
  for (const [words, says] of wrong) await expect(command(...words), words.join(' ')).rejects.toThrow(says);
  const { mode, ...rest } = room.config();
  const live = merchant({ ...rest, mode: 'live' }, ['add', 'x', '--webhook', 'http://a.example/'], () => undefined);
  await expect(live, mode).rejects.toThrow(/https, without a port/);
});

test('what could not be delivered goes to the new address, signed with the new secret', async () => {
  const said = await command('add', '第三家', '--webhook', 'http://127.0.0.1:1/nobody');
  const id = found(said, /mer_\w{26}/);
  await paidOrder(new Api(wallet.url, keyIn(said)), '2.00');
  const { pool } = wallet.app.ground.database;
  const uuid = fromPublicId('mer', id);
  const isTried = async () =>
    (await pool.query('select 1 from webhook_delivery where merchant_id = $1 and last_answer is not null', [uuid]))
      .rows;
  await until(async () => (await isTried()).length > 0, 'a try');
  const give = 'update webhook_delivery set next_at = null, dead_at = now() where merchant_id = $1';
  await pool.query(give, [uuid]);
  expect(await command('list')).toContain('http://127.0.0.1:1/nobody; 1 given up');
  const heard = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    heard.resolve(String(request.headers['webhook-id']));
    response.writeHead(204).end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect(await command('webhook', id, `http://127.0.0.1:${port}/`)).toMatch(/whsec_/);
  expect(await heard.promise).toMatch(/^evt_/);
  server.close();
  server.closeAllConnections();
});

test('a request that does not fit says where, and repeats nothing of it', async () => {
  const { api } = await newMerchant('第四家');
  const order = { id: newPublicId('ord'), amount: yuan('1.00'), description: 'x' };
  const ask = (change: object) => api.refused('POST', '/v1/merchant/orders', { ...order, ...change });
  const cases: [object, string, string][] = [
    [{ amount: { minor: '10.505', currency: 'CNY' } }, 'input.format_invalid', '#/amount/minor'],
    [{ amount: { minor: 1050, currency: 'CNY' } }, 'app.request_invalid', '#/amount/minor'],
    [{ amount: undefined }, 'input.missing', '#'],
    [{ id: 'order-1' }, 'app.request_invalid', '#/id'],
    [{ discription: 'x' }, 'app.request_invalid', '#/discription'],
    [{ '6222 0212 3456': 'x' }, 'app.request_invalid', '#'],
    [{ expiresInSeconds: 5 }, 'app.request_invalid', '#/expiresInSeconds'],
  ];
  for (const [change, code, pointer] of cases) {
    const problem = await ask(change);
    expect([problem.code, problem.errors?.[0]?.pointer]).toEqual([code, pointer]);
    expect(problem.errors?.[0]).toMatchObject({ in: 'body' });
    expect(JSON.stringify(problem)).not.toMatch(/6222|10\.505/);
  }
  expect((await ask({ amount: { minor: '100', currency: 'EUR' } })).code).toBe('policy.currency_unsupported');
  expect((await ask({ amount: { minor: '0', currency: 'CNY' } })).code).toBe('input.amount_invalid');
});

const verify = async (receipt: LedgerReceipt): Promise<boolean> => {
  const path = join(room.folder, 'receipt.json');
  await writeFile(path, JSON.stringify(receipt));
  return verifyReceiptFile([path], () => undefined);
};

test('a merchant has receipts of its orders and payouts, as the other side has, and nobody else’s', async () => {
  const { api } = await newMerchant('第五家');
  const { api: other } = await newMerchant('第六家');
  const { account } = await api.get<{ account: string }>('/v1/merchant');
  const orderId = newPublicId('ord');
  const path = `/v1/merchant/orders/${orderId}/receipt`;
  await api.post('/v1/merchant/orders', { id: orderId, amount: yuan('30.00'), description: 'books' });
  const notThere = { status: 404, code: reproduces('operation.not_found') };
  expect(await api.refused('GET', path)).toMatchObject(notThere);
  const payment = await move(me, 'pay', { orderId });
  const receipt = await api.get<LedgerReceipt>(path);
  expect(receipt.told).toMatchObject({ kind: 'pay', direction: 'in', account, counterparty: '' });
  expect(receipt.told.reference).toBe(payment.reference);
  expect(receipt.transfer).toMatchObject({ amount: '3000', creditAccountId: account });
  expect(receipt.transfer.id).toBe(deriveId(fromPublicId('ord', orderId)!, 'paid'));
  const theirs = await me.get<LedgerReceipt>(`/v1/operations/${payment.id}/receipt`);
  expect(theirs.transfer).toEqual(receipt.transfer);
  expect(await verify(receipt)).toBe(true);
  expect(await verify({ ...receipt, transfer: { ...receipt.transfer, amount: '300000' } })).toBe(false);

  const payout = { id: newPublicId('po'), payeePhone: wen.phone, amount: yuan('5.00'), note: 'for her' };
  await api.post('/v1/merchant/payouts', { id: newPublicId('pb'), payouts: [payout] });
  const paidOut = await api.get<LedgerReceipt>(`/v1/merchant/payouts/${payout.id}/receipt`);
  expect(paidOut.told).toMatchObject({ kind: 'payout', direction: 'out', account });
  expect(paidOut.transfer).toMatchObject({ amount: '500', debitAccountId: account });
  expect(await verify(paidOut)).toBe(true);
  const { transactions } = await her.get<{ transactions: { id: string }[] }>('/v1/transactions?limit=1');
  const hers = await her.get<LedgerReceipt>(`/v1/transactions/${transactions[0]?.id}/receipt`);
  expect(hers.transfer).toEqual(paidOut.transfer);
  for (const kept of [receipt, paidOut]) {
    for (const secret of [ming.name, wen.name, ming.phone, wen.phone, ming.idNumber, 'for her', '远', '雯'])
      expect(JSON.stringify(kept)).not.toContain(secret);
  }
  for (const each of [path, `/v1/merchant/payouts/${payout.id}/receipt`, `/v1/merchant/payouts/${orderId}/receipt`]) {
    expect(await other.refused('GET', each)).toMatchObject(notThere);
    expect((await me.refused('GET', each)).code).toBe('security.api_key_unknown');
  }
  expect((await api.refused('GET', `/v1/merchant/orders/${newPublicId('ord')}/receipt`)).code).toBe(
    'operation.not_found',
  );
});

type Movements = { transactions: { kind: string; of: string; balanceAfter: unknown }[]; nextCursor: string | null };

test('a merchant sees all that moved its balance by its own ids, page by page, and nobody else does', async () => {
  const { api } = await newMerchant('第八家');
  const { api: other } = await newMerchant('第九家');
  expect(await api.get('/v1/merchant/transactions')).toEqual({ transactions: [], nextCursor: null });
  const orders = [await paidOrder(api, '3.00'), await paidOrder(api, '4.00')];
  const payout = { id: newPublicId('po'), payeePhone: wen.phone, amount: yuan('5.00') };
  await api.post('/v1/merchant/payouts', { id: newPublicId('pb'), payouts: [payout] });
  const first = await api.get<Movements>('/v1/merchant/transactions?limit=2');
  expect(first.transactions.map((each) => [each.kind, each.of, each.balanceAfter])).toEqual([
    ['payout', payout.id, yuan('2.00')],
    ['order', orders[1], yuan('7.00')],
  ]);
  const next = `/v1/merchant/transactions?limit=2&cursor=${first.nextCursor}`;
  expect((await api.get<Movements>(next)).transactions.map(({ of }) => of)).toEqual([orders[0]]);
  expect((await other.refused('GET', next)).code).toBe('app.request_invalid');
  expect((await other.get<Movements>('/v1/merchant/transactions')).transactions).toEqual([]);
});

test('each refusal of a merchant’s route is one that its description names', async () => {
  const { paths } = await me.get<{ paths: Record<string, Record<string, { responses: object }>> }>('/openapi.json');
  const { api } = await newMerchant('第七家');
  const orderId = newPublicId('ord');
  const order = { id: orderId, amount: yuan('1.00'), description: 'x' };
  await api.post('/v1/merchant/orders', order);
  const batch = {
    id: newPublicId('pb'),
    payouts: [{ id: newPublicId('po'), payeePhone: wen.phone, amount: yuan('1') }],
  };
  await api.post('/v1/merchant/payouts', batch);
  const changed = { ...batch, payouts: [{ ...batch.payouts[0], amount: yuan('2') }] };
  const asked: [string, string, object | undefined][] = [
    ['POST', '/v1/merchant/orders', { ...order, description: 'y' }],
    ['POST', '/v1/merchant/orders', { ...order, amount: yuan('0') }],
    ['POST', '/v1/merchant/orders', { ...order, amount: { minor: '1', currency: 'USD' } }],
    ['POST', '/v1/merchant/orders', { ...order, amount: { minor: '1.5', currency: 'CNY' } }],
    ['POST', '/v1/merchant/orders', {}],
    ['GET', '/v1/merchant/orders/{id}', undefined],
    ['GET', '/v1/merchant/orders/{id}/receipt', undefined],
    ['GET', '/v1/merchant/payouts/{id}', undefined],
    ['GET', '/v1/merchant/payouts/{id}/receipt', undefined],
    ['POST', '/v1/merchant/payouts', changed],
    ['POST', '/v1/merchant/payouts', { ...batch, payouts: [...batch.payouts, ...batch.payouts] }],
  ];
  for (const [method, path, body] of asked) {
    const problem: Problem = await api.refused(method, path.replace('{id}', newPublicId('ord')), body);
    const described = JSON.stringify(paths[path]?.[method.toLowerCase()]?.responses);
    expect(described, `${method} ${path}`).toContain(`#/components/examples/${problem.code}"`);
  }
});

test('the small shop of the examples does what the guide says, and prints what is recorded beside it', async () => {
  const port = await freePort();
  const said = await command('add', 'Corner Books', '--webhook', `http://127.0.0.1:${port}/purser`);
  const secret = found(said, /whsec_\S+/);
  const words = ['examples/small-shop.ts', keyIn(said), secret, String(port), wen.phone, wallet.url];
  const shop = spawn(process.execPath, words, {
    cwd: new URL('../../', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  shop.stdout.on('data', (part: Buffer) => (text += String(part)));
  const ended = new Promise<number | null>((resolve) => shop.once('close', resolve));
  await expect.poll(() => text).toMatch(/operation\.conflict/);
  const begun = await me.start('pay', { orderId: found(text, /ord_\w{26}/) });
  await me.step(begun.id, 'confirm', { pin: goodPin });
  expect(await ended).toBe(0);
  const steady = text.replace(/http:\S+\/pay\/ord_\w{26}/, 'http://localhost:7070/pay/ord_...');
  expect(steady).toBe(await readFile(new URL('../../examples/small-shop.txt', import.meta.url), 'utf8'));
});
