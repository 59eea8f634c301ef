import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { isInnerAddress } from '../../../src/adapters/webhook/inner-addresses.ts';
import { createWebhookSender } from '../../../src/adapters/webhook/webhook-sender.ts';
import { secret } from '../../../src/kernel/masked.ts';

const guard = () => undefined;
const whsec = `whsec_${Buffer.from('a secret of thirty-two bytes, so').toString('base64')}`;
const event = { eventId: 'evt_01', secret: secret(whsec), body: '{"type":"order.paid","书":"知味"}', at: new Date() };
const inner = createWebhookSender({ allowInnerAddresses: true, guard });
const open = createWebhookSender({ allowInnerAddresses: false, guard });

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a webhook', () => {
  it('is verified by the library of Standard Webhooks, and by no other secret', async () => {
    let heard: { headers: IncomingHttpHeaders; body: string } | undefined;
    const url = await listen((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        heard = { headers: request.headers, body: Buffer.concat(parts).toString('utf8') };
        response.writeHead(204).end();
      });
    });
    expect(await inner.deliver({ ...event, url })).toEqual({ outcome: 'delivered', status: 204 });
    const headers = heard?.headers as Record<string, string>;
    expect(new Webhook(whsec).verify(heard?.body ?? '', headers)).toEqual(JSON.parse(event.body));
    expect(headers['webhook-id']).toBe('evt_01');
    expect(() =>
      new Webhook(`whsec_${Buffer.alloc(32, 1).toString('base64')}`).verify(heard?.body ?? '', headers),
    ).toThrow();
    expect(() => new Webhook(whsec).verify(`${heard?.body} `, headers)).toThrow();
  });
  it('is signed as the library signs it', async () => {
    let signature: unknown;
    const url = await listen((request, response) => {
      signature = request.headers['webhook-signature'];
      response.end();
    });
    await inner.deliver({ ...event, url });
    expect(signature).toBe(new Webhook(whsec).sign(event.eventId, event.at, event.body));
  });
  it('that is refused, redirected or not answered is not delivered', async () => {
    let reached = 0;
    const elsewhere = await listen((_request, response) => {
      reached += 1;
      response.end();
    });
    const refusing = await listen((_request, response) => response.writeHead(500).end());
    const redirecting = await listen((_request, response) => response.writeHead(307, { location: elsewhere }).end());
    expect(await inner.deliver({ ...event, url: refusing })).toEqual({ outcome: 'failed', reason: 'answer 500' });
    expect(await inner.deliver({ ...event, url: redirecting })).toEqual({ outcome: 'failed', reason: 'answer 307' });
    expect(await inner.deliver({ ...event, url: 'http://127.0.0.1:1/' })).toEqual({
      outcome: 'failed',
      reason: 'ECONNREFUSED',
    });
    expect(reached).toBe(0);
  });
  it('reads 64 KiB of an answer and no more, and waits five seconds and no longer', async () => {
    const talking = await listen((_request, response) => {
      response.writeHead(200);
      response.write(Buffer.alloc(80 * 1024));
    });
    expect(await inner.deliver({ ...event, url: talking })).toEqual({ outcome: 'failed', reason: 'answer too long' });
    const trickling = await listen((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 50);
      response.once('close', () => clearInterval(timer));
    });
    const started = performance.now();
    expect(await inner.deliver({ ...event, url: trickling })).toEqual({
      outcome: 'failed',
      reason: 'no answer in time',
    });
    // The trickle never ends, so it was cut off; how late a starved machine comes to it is its own matter.
    expect(performance.now() - started).toBeGreaterThan(4900);
  });
});

describe('an address for webhooks', () => {
  it.each([
    'http://merchant.example/hook',
    'https://merchant.example:8443/hook',
    'https://user:password@merchant.example/',
    'ftp://merchant.example/',
    'file:///etc/passwd',
    'not an address',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[fe80::1]/',
    'https://10.1.2.3/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
  ])('may not be %s', async (url) => {
    const resolveName = () => Promise.resolve(['93.184.215.14']);
    const sender = createWebhookSender({ allowInnerAddresses: false, guard, resolveName });
    expect((await sender.deliver({ ...event, url })).outcome).toBe('failed');
  });
  it('may not be a name that leads inwards, not even by one of its addresses', async () => {
    const sender = createWebhookSender({
      allowInnerAddresses: false,
      guard,
      resolveName: () => Promise.resolve(['93.184.215.14', '10.0.0.1']),
    });
    const answer = await sender.deliver({ ...event, url: 'https://merchant.example/' });
    expect(answer).toEqual({ outcome: 'failed', reason: 'address is not on the open internet' });
    expect((await open.deliver({ ...event, url: 'https://localhost/' })).outcome).toBe('failed');
  });
  it('is resolved once, and the connection goes to what was checked', async () => {
    let reached = 0;
    const url = await listen((_request, response) => {
      reached += 1;
      response.end();
    });
    const answers = [['127.0.0.1'], ['203.0.113.1']];
    let asked = 0;
    const sender = createWebhookSender({
      allowInnerAddresses: true,
      guard,
      resolveName: () => Promise.resolve(answers[asked++] ?? []),
    });
    const { port } = new URL(url);
    expect((await sender.deliver({ ...event, url: `http://merchant.example:${port}/` })).outcome).toBe('delivered');
    expect([asked, reached]).toEqual([1, 1]);
  });
  it('that no directory knows is not reached', async () => {
    const resolveName = () => Promise.reject(new Error('NXDOMAIN'));
    const sender = createWebhookSender({ allowInnerAddresses: false, guard, resolveName });
    const answer = await sender.deliver({ ...event, url: 'https://merchant.example/' });
    expect(answer).toEqual({ outcome: 'failed', reason: 'name not found' });
  });
  it('tells open addresses from inner ones', () => {
    for (const address of ['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])
      expect(isInnerAddress(address)).toBe(false);
    for (const address of ['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', '::ffff:192.168.0.1', 'fd00::1', 'ff02::1'])
      expect(isInnerAddress(address)).toBe(true);
  });
});
