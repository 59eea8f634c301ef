import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createApp, type App } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { freePort } from './free-port.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { secret } from '../../src/kernel/masked.ts';
import type { Secrets } from '../../src/secrets.ts';
import { Api, newPublicId, yuan } from './api.ts';
import { testClock } from './test-clock.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { ming, mingsCard } from './samples.ts';
import { startSandbox, type TestSandbox } from './sandbox.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export type TestWallet = {
  url: string;
  app: App;
  sandbox: TestSandbox;
  database: TestDatabase;
  shopKey: string;
  /** Where the wallet expects the shop, and what it signs its events with. */
  shopPort: number;
  webhookSecret: string;
  secrets: Secrets;
  /** What the wallet said of faults; a journey that expects none looks here. */
  said: string[];
  /** Only with `startWallet({ network: true })`. */
  network: BreakableNetwork | undefined;
  /** Another process of the same wallet: the same database, secrets and world outside, HTTP on a port of its own. */
  startBeside: () => Promise<{ url: string; app: App }>;
  close: () => Promise<void>;
};

/** Networks that can be broken: between the wallet and its database, and between it and the world outside. */
export type BreakableNetwork = { database: TcpProxy; line: TcpProxy };

async function breakNetwork(database: TestDatabase, sandbox: TestSandbox): Promise<BreakableNetwork> {
  const [toDatabase, line] = await Promise.all([startTcpProxy(database.connectionString), startTcpProxy(sandbox.url)]);
  return { database: toDatabase, line };
}

/** The same database, by way of a network. */
function through({ url }: TcpProxy, connectionString: string): string {
  const way = new URL(connectionString);
  way.host = new URL(url).host;
  return way.href;
}

/** A connection that took longer than the wallet waits for one, on a machine with too much to do; it went on without. */
const OF_SLOW_MACHINE = /timeout expired|timeout exceeded when trying to connect|due to connection timeout/;

/** A whole wallet: its own database, or one that is given, the sandbox's banks beside it, HTTP on a free port. */
export async function startWallet(
  options: { clock?: Clock; webRoot?: string; network?: boolean; database?: TestDatabase } = {},
): Promise<TestWallet> {
  const port = await freePort();
  const { clock = testClock } = options;
  const [database, sandbox] = await Promise.all([
    options.database ?? createTestDatabase(),
    startSandbox({ callbackUrl: `http://127.0.0.1:${port}`, clock }),
  ]);
  const network = options.network ? await breakNetwork(database, sandbox) : undefined;
  const shopPort = await freePort();
  const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`;
  const configFor = (httpPort: number) =>
    readConfig({
      PURSER_PORT: String(httpPort),
      PURSER_SANDBOX_PORT: new URL(network?.line.url ?? sandbox.url).port,
      PURSER_SHOP_PORT: String(shopPort),
      PURSER_LOG_LEVEL: 'silent',
      // Heads that a job signs at any moment would be one more or one less; who asks for a receipt has one made.
      PURSER_SEAL_SECONDS: '86400',
    });
  const shopKey = `purser_sandbox_${randomBytes(24).toString('base64url')}`;
  const said: string[] = [];
  const secrets = secretsFor(sandbox, shopKey, webhookSecret);
  const apps: App[] = [];
  const start = async (httpPort: number): Promise<App> => {
    const made = await createApp({
      config: configFor(httpPort),
      secrets,
      connectionString: network ? through(network.database, database.connectionString) : database.connectionString,
      ownerConnectionString: database.ownerConnectionString,
      log: (sentence) => {
        if (!OF_SLOW_MACHINE.test(sentence)) said.push(sentence);
      },
      ...options,
      clock,
    });
    // A test may have closed it already.
    let closing: Promise<void> | undefined;
    const app = { ...made, close: () => (closing ??= made.close()) };
    apps.push(app);
    await app.listen();
    return app;
  };
  const app = await start(port);
  return {
    url: `http://127.0.0.1:${port}`,
    app,
    sandbox,
    database,
    shopKey,
    shopPort,
    webhookSecret,
    secrets,
    said,
    network,
    async startBeside() {
      const itsPort = await freePort();
      return { url: `http://127.0.0.1:${itsPort}`, app: await start(itsPort) };
    },
    async close() {
      for (const each of apps.toReversed()) await each.close();
      await Promise.all([network?.database.close(), network?.line.close()]);
      await sandbox.close();
      await database.drop();
    },
  };
}

function secretsFor(sandbox: TestSandbox, shopKey: string, webhookSecret: string): Secrets {
  const pair = generateKeyPairSync('ed25519');
  return {
    masterKeys: [{ id: 'test', key: randomBytes(32) }],
    digestKey: randomBytes(32),
    partner: { privateKey: sandbox.partnerPrivateKey, publicKey: pair.publicKey },
    ledgerHead: pair,
    ledgerHeadEndorsements: [],
    sandbox: {
      bank: { privateKey: pair.privateKey, publicKey: sandbox.bankPublicKey },
      shopApiKey: secret(shopKey),
      shopWebhookSecret: secret(webhookSecret),
    },
  };
}

/** The code in the newest message on this phone. */
export async function lastCode(sandbox: TestSandbox, phone: string): Promise<string> {
  const message = (await sandbox.messages(phone)).find(({ code }) => code !== null);
  if (!message?.code) throw new Error(`no code has come to ${phone}`);
  return message.code;
}

/** What all banks together owe the wallet by their own books, in fen. */
export const partnerTotal = async (sandbox: TestSandbox): Promise<bigint> =>
  BigInt((await sandbox.books()).partnerBalance);

export const goodPin = '492715';

/** Opens a wallet for a phone number and signs in to it, as a person with the API would. */
export async function openWallet(wallet: TestWallet, phone: string): Promise<Api> {
  const api = new Api(wallet.url);
  api.token = (await api.post<{ token: string }>('/v1/visits')).token;
  const begun = await api.start('open_wallet', { phone, language: 'zh-CN' });
  await api.settled(begun.id);
  await api.step(begun.id, 'code', { code: await lastCode(wallet.sandbox, phone) });
  await api.settled(begun.id);
  api.token = (await api.post<{ token: string }>('/v1/sessions', { operationId: begun.id })).token;
  return api;
}

export type SamplePerson = { name: string; idNumber: string; phone: string };

/** Up to a wallet with a verified identity and a payment PIN. */
export async function openVerified(wallet: TestWallet, person: SamplePerson): Promise<Api> {
  const api = await openWallet(wallet, person.phone);
  const verifying = await api.start('verify_identity', { name: person.name, idNumber: person.idNumber });
  const verified = await api.settled(verifying.id);
  if (verified.state !== 'succeeded') throw new Error(`not verified: ${JSON.stringify(verified.failure)}`);
  await api.put('/v1/me/payment-pin', { pin: goodPin });
  return api;
}

/** Binds a card with the bank's code; the card's id. */
export async function bindCard(
  wallet: TestWallet,
  api: Api,
  card: { number: string; reservedPhone: string },
): Promise<string> {
  const begun = await api.start('bind_card', { cardNumber: card.number, reservedPhone: card.reservedPhone });
  const asked = await api.settled(begun.id);
  if (asked.state !== 'needs_you') throw new Error(`not asked for a code: ${JSON.stringify(asked.failure)}`);
  await api.step(begun.id, 'code', { code: await lastCode(wallet.sandbox, card.reservedPhone) });
  const bound = await api.settled(begun.id);
  if (bound.kind !== 'bind_card' || !bound.result) throw new Error(`not bound: ${JSON.stringify(bound.failure)}`);
  return bound.result.cardId;
}

/** Starts and confirms a movement with the right PIN. */
export async function move(
  api: Api,
  kind: 'top_up' | 'withdraw' | 'pay' | 'transfer',
  input: unknown,
  id = newPublicId('op'),
) {
  await api.start(kind, input, id);
  await api.step(id, 'confirm', { pin: goodPin });
  return api.settled(id);
}

/** Ming with a verified identity, his card and so much on the balance: where most journeys begin. */
export async function openFunded(wallet: TestWallet, amount: string): Promise<{ api: Api; cardId: string }> {
  const api = await openVerified(wallet, ming);
  const cardId = await bindCard(wallet, api, mingsCard);
  await move(api, 'top_up', { cardId, amount: yuan(amount) });
  return { api, cardId };
}
