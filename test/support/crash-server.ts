import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import pg from 'pg';

/**
 * A wallet that kills itself (SIGKILL) just before its n-th effect: a commit, a write outside a transaction, or a call
 * to the world outside. Nothing durable happens between two of them, so all n together are every moment at which a
 * process can die. Told by its parent: {kind: 'arm', at: n}; it answers with how many it has counted when disarmed.
 */

let counted = 0;
let killAt = Number.POSITIVE_INFINITY;
let armed = false;

/** Effects of work that comes by itself at any time would make the count a matter of luck. */
const BACKGROUND =
  /webhook_delivery|person_message|bank_health|bank_notice|\bsession\b|rate_bucket|pg_try_advisory|attempt_counter where/;

function effect(): void {
  if (!armed) return;
  counted += 1;
  if (counted === killAt) process.kill(process.pid, 'SIGKILL');
}

/** A batch of the ledger: sent in one piece, committed at its end. Before it and after it are two moments. */
const isBatch = (query: unknown): query is { handleReadyForQuery: () => void } =>
  typeof query === 'object' && query !== null && 'handleCopyInResponse' in query && 'handleReadyForQuery' in query;

const inTransaction = new WeakSet<object>();
const originalQuery = pg.Client.prototype.query;
pg.Client.prototype.query = function query(this: pg.Client, ...words: unknown[]) {
  const [first] = words;
  if (isBatch(first)) {
    effect();
    const heard = first.handleReadyForQuery.bind(first);
    first.handleReadyForQuery = () => {
      effect();
      heard();
    };
  }
  const text = typeof first === 'string' ? first : ((first as { text?: string } | undefined)?.text ?? '');
  const verb = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? '';
  if (verb === 'begin' || verb === 'start') inTransaction.add(this);
  const writes = ['insert', 'update', 'delete', 'with', 'copy'].includes(verb) && !inTransaction.has(this);
  if (verb === 'commit' || (writes && !BACKGROUND.test(text))) effect();
  if (verb === 'commit' || verb === 'rollback') inTransaction.delete(this);
  return Reflect.apply(originalQuery, this, words) as never;
} as typeof pg.Client.prototype.query;

const originalRequest = http.request;
http.request = ((...words: unknown[]) => {
  const [url] = words;
  if (url instanceof URL && !url.pathname.endsWith('/status')) effect();
  return Reflect.apply(originalRequest, http, words) as http.ClientRequest;
}) as typeof http.request;
syncBuiltinESMExports();

// Only now, so that everything is built with what was put in their place.
const { createApp } = await import('../../src/app.ts');
const { readConfig } = await import('../../src/config.ts');
const { secret } = await import('../../src/kernel/masked.ts');

type Orders = {
  port: number;
  sandboxPort: number;
  shopPort: number;
  connectionString: string;
  ownerConnectionString: string;
  masterKey: string;
  digestKey: string;
  partnerPrivateKey: string;
  bankPublicKey: string;
  shopKey: string;
  webhookSecret: string;
};
const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const privateKey = createPrivateKey({
  key: Buffer.from(orders.partnerPrivateKey, 'base64'),
  format: 'der',
  type: 'pkcs8',
});
const pair = { privateKey, publicKey: createPublicKey(privateKey) };
const bankPublicKey = createPublicKey({
  key: Buffer.from(orders.bankPublicKey, 'base64'),
  format: 'der',
  type: 'spki',
});

const app = await createApp({
  config: readConfig({
    PURSER_PORT: String(orders.port),
    PURSER_SANDBOX_PORT: String(orders.sandboxPort),
    PURSER_SHOP_PORT: String(orders.shopPort),
    PURSER_LOG_LEVEL: 'silent',
  }),
  secrets: {
    masterKeys: [{ id: 'test', key: Buffer.from(orders.masterKey, 'base64') }],
    digestKey: Buffer.from(orders.digestKey, 'base64'),
    partner: pair,
    ledgerHead: pair,
    ledgerHeadEndorsements: [],
    sandbox: {
      bank: { privateKey, publicKey: bankPublicKey },
      shopApiKey: secret(orders.shopKey),
      shopWebhookSecret: secret(orders.webhookSecret),
    },
  },
  connectionString: orders.connectionString,
  ownerConnectionString: orders.ownerConnectionString,
  log: (sentence) => process.send?.({ kind: 'said', sentence }),
});
await app.listen();

process.on('message', (message: { kind: 'arm'; at: number } | { kind: 'disarm' }) => {
  armed = message.kind === 'arm';
  if (message.kind === 'arm') {
    counted = 0;
    killAt = message.at;
  }
  process.send?.({ kind: message.kind === 'arm' ? 'armed' : 'counted', counted });
});
// A parent that is gone leaves nobody to end us.
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'ready' });
