import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Secret } from '../../kernel/masked.ts';
import type { WebhookAnswer, WebhookSender } from '../../ports/webhook-sender.ts';

const TIMEOUT_MS = 5000;
const MOST_BYTES = 64 * 1024;

/** Addresses that are not of the open internet: an event must not become a key to our own network. */
const inner = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inner.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['2001:db8::', 32],
] as const) {
  inner.addSubnet(net, bits, 'ipv6');
}

/** Whether an address is outside the open internet, also when it is an IPv4 one written as IPv6. */
export function isInnerAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return inner.check(mapped, 'ipv4');
  return inner.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** The signature of Standard Webhooks: `v1,` and base64 of HMAC-SHA-256 over id, timestamp and body. */
export function signWebhook(secret: Secret, eventId: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${eventId}.${timestamp}.${body}`).digest('base64')}`;
}

/**
 * Delivers events to merchants. The address is resolved once and that very address is used, so that a name cannot
 * point inwards after the check; redirects are not followed. Inner addresses are only allowed in the sandbox.
 */
export function createWebhookSender(deps: {
  allowInnerAddresses: boolean;
  /** Called before anything leaves; throws inside a database transaction. */
  guard: (what: string) => void;
}): WebhookSender {
  return {
    async deliver({ eventId, url, secret, body, at }) {
      deps.guard('a webhook');
      const target = await readTarget(url, deps.allowInnerAddresses);
      if (typeof target === 'string') return { outcome: 'failed', reason: target };
      const timestamp = String(Math.floor(at.getTime() / 1000));
      return post(target, body, {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'webhook-id': eventId,
        'webhook-timestamp': timestamp,
        'webhook-signature': signWebhook(secret, eventId, timestamp, body),
      });
    },
  };
}

type Target = { url: URL; address: string };

async function readTarget(text: string, allowInner: boolean): Promise<Target | string> {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && !(allowInner && url.protocol === 'http:'))) return 'address must be https';
  if (!allowInner && url.port !== '') return 'only the port 443 is allowed';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) ? [{ address: host }] : await lookup(host, { all: true }).catch(() => []);
  const first = found[0];
  if (!first) return 'name not found';
  if (!allowInner && found.some(({ address }) => isInnerAddress(address))) return 'address is not on the open internet';
  return { url, address: first.address };
}

function post({ url, address }: Target, body: string, headers: Record<string, string>): Promise<WebhookAnswer> {
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
    const bound = setTimeout(() => outgoing.destroy(new Error('no answer in time')), TIMEOUT_MS);
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
