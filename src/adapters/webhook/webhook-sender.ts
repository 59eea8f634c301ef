import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, isIPv6 } from 'node:net';
import type { Secret } from '../../kernel/masked.ts';
import type { WebhookAnswer, WebhookSender } from '../../ports/webhook-sender.ts';
import { isInnerAddress } from './inner-addresses.ts';

const TIMEOUT_MS = 5000;
const MOST_BYTES = 64 * 1024;

/** The signature of Standard Webhooks: `v1,` and base64 of HMAC-SHA-256 over id, timestamp and body. */
function signWebhook(secret: Secret, eventId: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${eventId}.${timestamp}.${body}`).digest('base64')}`;
}

/** The addresses that a name stands for; none when it stands for nothing. */
export type ResolveName = (host: string) => Promise<readonly string[]>;

const askDns: ResolveName = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

export type WebhookDependencies = {
  allowInnerAddresses: boolean;
  /** Called before anything leaves; throws inside a database transaction. */
  guard: (what: string) => void;
  /** Another directory of names, for tests. */
  resolveName?: ResolveName;
};

/**
 * Delivers events to merchants. The address is resolved once and that very address is used, so that a name cannot
 * point inwards after the check; redirects are not followed. Inner addresses are only allowed in the sandbox.
 */
export function createWebhookSender(deps: WebhookDependencies): WebhookSender {
  return {
    async deliver({ eventId, url, secret, body, at }) {
      deps.guard('a webhook');
      const started = performance.now();
      const target = await readTarget(url, deps);
      if (typeof target === 'string') return { outcome: 'failed', reason: target };
      const timestamp = String(Math.floor(at.getTime() / 1000));
      const headers = {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'Purser-Webhooks/1',
        'webhook-id': eventId,
        'webhook-timestamp': timestamp,
        'webhook-signature': signWebhook(secret, eventId, timestamp, body),
      };
      return post(target, body, headers, TIMEOUT_MS - (performance.now() - started));
    },
  };
}

type Target = { url: URL; address: string };

async function readTarget(text: string, deps: WebhookDependencies): Promise<Target | string> {
  const allowInner = deps.allowInnerAddresses;
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && !(allowInner && url.protocol === 'http:'))) return 'address must be https';
  if (url.username !== '' || url.password !== '') return 'address must not hold a password';
  if (!allowInner && url.port !== '') return 'only the port 443 is allowed';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) ? [host] : await inTime((deps.resolveName ?? askDns)(host));
  const [first] = found;
  if (first === undefined) return 'name not found';
  if (!allowInner && found.some(isInnerAddress)) return 'address is not on the open internet';
  return { url, address: first };
}

/** A directory that does not answer must not hold a delivery longer than a merchant may. */
function inTime(names: Promise<readonly string[]>): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), TIMEOUT_MS);
    const end = (found: readonly string[]) => {
      clearTimeout(timer);
      resolve(found);
    };
    names.then(end, () => end([]));
  });
}

function post(
  { url, address }: Target,
  body: string,
  headers: Record<string, string>,
  withinMs: number,
): Promise<WebhookAnswer> {
  return new Promise((resolve) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = start(url, {
      method: 'POST',
      headers,
      agent: false,
      lookup: (_host, options, callback) => {
        const family = isIPv6(address) ? 6 : 4;
        if (options.all) callback(null, [{ address, family }]);
        else callback(null, address, family);
      },
    });
    const bound = setTimeout(() => outgoing.destroy(new Error('no answer in time')), Math.max(0, withinMs));
    const end = (answer: WebhookAnswer) => {
      clearTimeout(bound);
      resolve(answer);
    };
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      end({ outcome: 'failed', reason: error.code ?? error.message }),
    );
    outgoing.on('response', (incoming) => {
      let size = 0;
      incoming.on('data', (part: Buffer) => {
        size += part.length;
        if (size > MOST_BYTES) outgoing.destroy(new Error('answer too long'));
      });
      incoming.on('error', (error) => end({ outcome: 'failed', reason: error.message }));
      incoming.on('end', () => {
        const status = incoming.statusCode ?? 0;
        end(
          status >= 200 && status < 300
            ? { outcome: 'delivered', status }
            : { outcome: 'failed', reason: `answer ${status}` },
        );
      });
    });
    outgoing.end(body);
  });
}
