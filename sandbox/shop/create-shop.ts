import { readFile } from 'node:fs/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { encodeQR } from 'qr';
import { systemClock } from '../clock.ts';
import type { ShopConfig } from '../config.ts';
import { systemRandom } from '../random.ts';
import { addFont } from '../font.ts';
import { openStore } from '../store.ts';
import { bookOf, makeOrder, placeOrder, readOrder, type ShopDependencies, shopTables, takePayment } from './orders.ts';
import { orderPage, shelfPage } from './pages.ts';
import { isGenuine, readPaidEvent } from './webhook.ts';

export type Shop = { listen: () => Promise<string>; close: () => Promise<void> };

/** A merchant as anybody could be one: it knows the public API, its own key and its own webhook secret. */
export async function createShop(config: ShopConfig): Promise<Shop> {
  const store = openStore(config.dataFolder, 'shop.sqlite', shopTables);
  const deps: ShopDependencies = { store, clock: systemClock, random: systemRandom, config };
  const app = fastify({ forceCloseConnections: true, bodyLimit: 64 * 1024, logger: false });
  addHeaders(app);
  addFiles(app);
  addFont(app);
  addOrders(app, deps);
  await app.register((scope) => addWebhook(scope, deps));
  return {
    listen: () => app.listen({ port: config.port, host: config.host }),
    async close() {
      await app.close();
      store.close();
    },
  };
}

function addHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      ...(reply.hasHeader('cache-control') ? {} : { 'cache-control': 'no-store' }),
    });
  });
}

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  // The tokens of the web app: one file for all that people see.
  '/tokens.css': ['../../web/ui/tokens.css', 'text/css; charset=utf-8'],
  '/shop.css': ['shop.css', 'text/css; charset=utf-8'],
  '/shop.js': ['shop.js', 'text/javascript; charset=utf-8'],
};

function addFiles(app: FastifyInstance): void {
  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(shelfPage()));
  for (const [path, [file, type]] of Object.entries(FILES)) {
    app.get(path, async (_request, reply) => reply.type(type).send(await readFile(new URL(file, import.meta.url))));
  }
}

function addOrders(app: FastifyInstance, deps: ShopDependencies): void {
  type WithId = { Params: { id: string } };
  app.post('/orders', async ({ body }, reply) => {
    const book = bookOf(body);
    if (!book) return reply.code(400).send({ error: 'no such item' });
    const id = makeOrder(deps, book);
    await placeOrder(deps, id);
    return reply.code(201).send(readOrder(deps, id));
  });
  app.get<WithId>('/orders/:id', async ({ params: { id } }, reply) => {
    await placeOrder(deps, id);
    return readOrder(deps, id) ?? reply.code(404).send({ error: 'no such order' });
  });
  app.get<WithId>('/orders/:id/qr.svg', async ({ params: { id } }, reply) => {
    const payUrl = readOrder(deps, id)?.payUrl;
    if (!payUrl) return reply.code(404).send({ error: 'nothing to pay' });
    return reply.type('image/svg+xml').send(encodeQR(payUrl, 'svg', { ecc: 'medium', border: 2 }));
  });
  app.get<WithId>('/o/:id', async ({ params: { id } }, reply) => {
    const order = readOrder(deps, id);
    if (!order) return reply.code(404).type('text/plain; charset=utf-8').send('没有这个订单 / no such order');
    return reply.type('text/html; charset=utf-8').send(orderPage(order));
  });
}

async function addWebhook(app: FastifyInstance, deps: ShopDependencies): Promise<void> {
  // The signature is over the bytes as they came.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/webhooks/purser', async ({ headers, body }, reply) => {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    if (!isGenuine(deps.config.webhookSecret, deps.clock, headers, bytes)) return reply.code(401).send();
    const event = readPaidEvent(String(headers['webhook-id']), bytes);
    if (!event) return reply.code(204).send();
    const taken = takePayment(deps, event);
    if (taken === 'taken' || taken === 'known') return reply.code(204).send();
    console.error(`A payment could not be matched: order ${event.orderId}, ${taken}`);
    return reply.code(422).send({ error: taken });
  });
}
