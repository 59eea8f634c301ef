import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromPublicId } from '../../../src/kernel/ids.ts';
import { createShop, type Shop } from '../../../sandbox/shop/create-shop.ts';

const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

type ShownOrder = { id: string; state: string; amount: { minor: string; currency: string }; payUrl: string | null };
type Asked = { authorization: string | undefined; body: { id: string; amount: unknown; description: string } };

let asked: Asked[];
/** What the wallet does with the next order; `lost` breaks the connection after it was taken. */
let wallet: 'takes' | 'lost' | 'refuses';
let api: Server;
let shop: Shop;
let url: string;
let dataFolder: string;

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

async function openShop(): Promise<void> {
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  shop = await createShop({ port: 0, host: '127.0.0.1', dataFolder, apiUrl, apiKey: 'key-of-the-shop', webhookSecret });
  url = await shop.listen();
}

beforeEach(async () => {
  asked = [];
  wallet = 'takes';
  dataFolder = await mkdtemp(join(tmpdir(), 'shop-'));
  api = createServer(async (request, response) => {
    // A shop that no longer waits breaks off in the middle of what it sends.
    const text = await readBody(request).catch(() => undefined);
    if (text === undefined) return;
    const body = JSON.parse(text) as Asked['body'];
    asked.push({ authorization: request.headers.authorization, body });
    if (wallet === 'lost') request.socket.destroy();
    else if (wallet === 'refuses') response.writeHead(422).end(JSON.stringify({ detail: 'no' }));
    else
      response
        .writeHead(201)
        .end(JSON.stringify({ ...body, state: 'open', payUrl: `http://wallet.example/pay/${body.id}` }));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  await openShop();
});
afterEach(async () => {
  await shop.close();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
  await rm(dataFolder, { recursive: true, force: true });
});

const order = async (item = 'chajing'): Promise<ShownOrder> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify({ item }) });
  return (await answer.json()) as ShownOrder;
};
const look = async (id: string) => (await (await fetch(`${url}/orders/${id}`)).json()) as ShownOrder;

type Telling = { id?: string; minor?: string; secret?: string; offMs?: number; change?: (body: string) => string };

/** Tells the shop of a payment, signed by the independent library. */
async function tell(
  orderId: string,
  { id = 'evt_1', minor = '1880', secret = webhookSecret, offMs = 0, change }: Telling = {},
) {
  const at = Date.now() + offMs;
  const data = { orderId, amount: { minor, currency: 'CNY' }, paidAt: '2026-11-22T03:00:00.000Z' };
  const body = JSON.stringify({ type: 'order.paid', timestamp: '2026-11-22T03:00:00.000Z', data });
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(at), body),
  };
  return (await fetch(`${url}/webhooks/purser`, { method: 'POST', headers, body: change?.(body) ?? body })).status;
}

describe('an order of the shop', () => {
  it('is made with its own key and an id that the wallet can read, and shows a code to pay it', async () => {
    const made = await order();
    expect(made).toMatchObject({ state: 'open', amount: { minor: '1880', currency: 'CNY' } });
    expect(fromPublicId('ord', made.id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.authorization).toBe('Bearer key-of-the-shop');
    const code = await fetch(`${url}/orders/${made.id}/qr.svg`);
    expect([code.status, code.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(await (await fetch(`${url}/o/${made.id}`)).text()).toContain(`href="${made.payUrl}"`);
  });
  it('is asked again under the same id when the answer was lost', async () => {
    wallet = 'lost';
    const made = await order();
    expect(made.state).toBe('making');
    wallet = 'takes';
    expect((await look(made.id)).state).toBe('open');
    expect(new Set(asked.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });
  it('that the wallet refuses stays refused', async () => {
    wallet = 'refuses';
    const made = await order();
    expect(made.state).toBe('refused');
    wallet = 'takes';
    expect((await look(made.id)).state).toBe('refused');
  });
});

describe('the news that an order is paid', () => {
  it('is believed once, and outlives the shop', async () => {
    const { id } = await order();
    expect([await tell(id), await tell(id)]).toEqual([204, 204]);
    await shop.close();
    await openShop();
    expect(await look(id)).toMatchObject({ state: 'paid', paidAt: '2026-11-22T03:00:00.000Z' });
  });
  it.each<[string, Telling, number]>([
    ['signed with another secret', { secret: `whsec_${Buffer.alloc(32, 8).toString('base64')}` }, 401],
    ['changed on its way', { change: (body) => body.replace('1880', '1881') }, 401],
    ['six minutes old', { offMs: -360_000 }, 401],
    ['seven minutes early', { offMs: 420_000 }, 401],
    ['of another amount', { minor: '1' }, 422],
  ])('is not believed when %s', async (_name, telling, status) => {
    const { id } = await order();
    expect(await tell(id, telling)).toBe(status);
    expect((await look(id)).state).toBe('open');
  });
});
