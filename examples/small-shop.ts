/**
 * A whole small shop on the public merchant API: one order, its payment, proof of it, and some of it paid back.
 *
 *   node examples/small-shop.ts <API key> <webhook secret> <own port> [phone to pay back to] [wallet]
 *
 * Key and secret are what `merchant add "Corner Books" --webhook http://127.0.0.1:8080/purser` shows; here the own port
 * is 8080. Nothing but Node is needed. The guide is docs/merchants.md.
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

const [apiKey = '', webhookSecret = '', port = '8080', phone, walletUrl = 'http://localhost:7070'] =
  process.argv.slice(2);

type Money = { minor: string; currency: string };
type Order = { id: string; state: 'open' | 'paid' | 'closed'; amount: Money; payUrl: string };
type Problem = { code: string; title: string; detail: string; errors?: { pointer: string; detail: string }[] };

/** The wallet said no, and why. `code` is what a program decides by; the words are for people. */
class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(
      `${problem.code}: ${problem.title}. ${problem.errors?.map((e) => `${e.pointer} ${e.detail}`).join(', ') ?? ''}`,
    );
    this.problem = problem;
  }
}

/**
 * One request. No answer and an answer from 500 on say nothing about what became of it: the same request is sent again,
 * with the same id, and the wallet does it once. So is one that came too fast (429).
 */
async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  for (let pause = 500; ; pause = Math.min(pause * 2, 60_000)) {
    const answer = await fetch(`${walletUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'accept-language': 'en',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    }).catch(() => undefined);
    const content: unknown = await answer?.json().catch(() => undefined);
    if (answer?.ok && content !== undefined) return content as T;
    if (answer && answer.status >= 400 && answer.status < 500 && answer.status !== 429)
      throw new Refused(content as Problem);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** A UUID in 26 letters of base32 behind a prefix. Write it down before asking: it makes a repetition harmless. */
function newId(prefix: string): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  let value = BigInt(`0x${randomUUID().replaceAll('-', '')}`);
  let text = '';
  for (let i = 0; i < 26; i += 1, value >>= 5n) text = `${alphabet[Number(value & 31n)]}${text}`;
  return `${prefix}_${text}`;
}

/** Standard Webhooks: the wallet, and nobody else, sent exactly these bytes in the last five minutes. */
function isGenuine(headers: IncomingMessage['headers'], body: Buffer): boolean {
  const [id, at] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
  if (!(Math.abs(Date.now() / 1000 - Number(at)) < 300)) return false;
  const key = Buffer.from(webhookSecret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .some((each) => {
      const given = Buffer.from(each.replace(/^v1,/, ''), 'base64');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}

const yuan = ({ minor }: Money): string => `¥${(Number(minor) / 100).toFixed(2)}`;
const say = (sentence: string): void => console.log(sentence);

const me = await call<{ name: string; available: Money }>('GET', '/v1/merchant');
say(`This is ${me.name}; it can pay out ${yuan(me.available)}.`);

const orderId = newId('ord');
const told = Promise.withResolvers<void>();
const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  if (!isGenuine(request.headers, body)) return void response.writeHead(401).end();
  const event = JSON.parse(body.toString()) as { type: string; data: { orderId: string; amount: Money } };
  // An event can come twice; a shop remembers `webhook-id`, or like this one does what is harmless to do twice.
  if (event.type === 'order.paid' && event.data.orderId === orderId) told.resolve();
  response.writeHead(204).end();
});
await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve));

const asked = { id: orderId, amount: { minor: '5970', currency: 'CNY' }, description: 'Dream of the Red Chamber' };
const order = await call<Order>('POST', '/v1/merchant/orders', asked);
say(`An order of ${yuan(order.amount)}. Pay it here: ${order.payUrl}`);
const again = await call<Order>('POST', '/v1/merchant/orders', asked);
say(`Asked again with the same id: ${again.id === order.id ? 'the same order' : 'another order'}.`);
try {
  await call<Order>('POST', '/v1/merchant/orders', { ...asked, description: 'Something else' });
} catch (error) {
  say(`The same id for something else: ${(error as Refused).problem.code}.`);
}

// The event is the quick way; asking now and then finds what an event that was lost would have told.
const looking = setInterval(async () => {
  const { state } = await call<Order>('GET', `/v1/merchant/orders/${orderId}`);
  if (state === 'paid') told.resolve();
}, 10_000);
await told.promise;
clearInterval(looking);
const { state } = await call<Order>('GET', `/v1/merchant/orders/${orderId}`);
say(`The order is ${state}.`);

const receipt = await call<{ transfer: { amount: string } }>('GET', `/v1/merchant/orders/${orderId}/receipt`);
say(`Its receipt proves an entry of ${receipt.transfer.amount} fen in the book.`);

if (phone !== undefined) {
  const batch = {
    id: newId('pb'),
    payouts: [{ id: newId('po'), payeePhone: phone, amount: { minor: '970', currency: 'CNY' }, note: 'A discount' }],
  };
  type Batch = { payouts: { id: string; state: 'paid' | 'refused'; failure: Problem | null }[] };
  for (const time of ['', 'Asked again: ']) {
    for (const payout of (await call<Batch>('POST', '/v1/merchant/payouts', batch)).payouts)
      say(`${time}¥9.70 back: ${payout.failure?.title ?? payout.state}.`);
  }
}
const { available } = await call<{ available: Money }>('GET', '/v1/merchant');
say(`It can pay out ${yuan(available)} now.`);
server.close();
server.closeAllConnections();
