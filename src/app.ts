import { existsSync } from 'node:fs';
import { assert } from './kernel/assert.ts';
import { secondMs, systemClock, type Clock } from './kernel/clock.ts';
import { createDigest, createEnvelope } from './kernel/envelope.ts';
import { deriveId, uuid } from './kernel/ids.ts';
import { systemRandom } from './kernel/random.ts';
import { createSandboxNoticeReader } from './adapters/sandbox/bank-notice.ts';
import { createSandboxBankRail } from './adapters/sandbox/bank-rail.ts';
import { createSandboxIdentityRegistry } from './adapters/sandbox/identity-registry.ts';
import { createSandboxSmsSender } from './adapters/sandbox/sms-sender.ts';
import { createWebhookSender } from './adapters/webhook/webhook-sender.ts';
import type { Config } from './config.ts';
import { CannotStart } from './database/cannot-start.ts';
import { assertOutsideTransaction, connectDatabase, type Database } from './database/database.ts';
import { ledgerDoor, merchantDoor, operationDoor, personDoor, publicDoor, sessionDoor, transferDoor } from './doors.ts';
import { saveMerchant } from './features/merchants/merchant.ts';
import { createRateTaker } from './features/security/take-rate.ts';
import { createHttp } from './http/create-http.ts';
import { startWorker, type Worker } from './jobs/worker.ts';
import { withEndorsements } from './ledger/proof/endorsed-log.ts';
import { openLedgerLog } from './ledger/proof/ledger-log.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { operationRiders } from './operations/instant.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { ReadBankNotice } from './ports/bank-rail.ts';
import type { Secrets } from './secrets.ts';
import { createWallet, type Wallet, type WalletGround } from './wallet.ts';

export type AppInput = {
  config: Config;
  secrets: Secrets;
  connectionString: string;
  ownerConnectionString: string;
  log: (sentence: string) => void;
  /** The built web app, where there is one. */
  webRoot?: string;
  /** Another clock in tests. */
  clock?: Clock;
};

export type App = {
  /** Takes requests and begins with the work that waits. */
  listen: () => Promise<void>;
  /** Answers what is under way, lets steps end, gives everything back. */
  close: () => Promise<void>;
  wallet: Wallet;
  ground: WalletGround;
};

const POOL_SIZE = 16;
/** Shorter than the lease of a step, so that a slow bank cannot make two workers of one. */
const LINE_TIMEOUT_MS = 8 * secondMs;
const SANDBOX_BANKS = ['ICBC', 'ABC', 'BOC', 'CCB', 'COMM', 'PSBC', 'CMB'];
const SHOP_ID = uuid('0193a000-0000-7000-8000-000000000001');
const VERSION = '0.1.0';

/** Builds everything and wires it; nothing else does. */
export async function createApp(input: AppInput): Promise<App> {
  const { config, connectionString } = input;
  const clock = input.clock ?? systemClock;
  const onFault = (error: unknown, where: string) =>
    input.log(`A fault in ${where}: ${error instanceof Error ? error.message : String(error)}`);
  const database = connectDatabase({
    connectionString,
    applicationRole: true,
    max: POOL_SIZE,
    onError: (error) => onFault(error, 'an idle connection'),
  });
  const ledger = await openLedger({
    connectionString,
    clock,
    riders: operationRiders,
    listen: config.ledgerListen,
    onProblem: (error) => onFault(error, 'the ledger'),
  });
  const line = openLine(input, clock);
  const ground: WalletGround = {
    database,
    ledger,
    log: withEndorsements(
      openLedgerLog({ reader: database.pool, clock, signingKey: input.secrets.ledgerHead.privateKey }),
      input.secrets.ledgerHeadEndorsements,
    ),
    clock,
    random: systemRandom,
    digest: createDigest({ key: input.secrets.digestKey }),
    envelope: createEnvelope({ masterKeys: input.secrets.masterKeys, random: systemRandom }),
    ...line,
    webhooks: createWebhookSender({ allowInnerAddresses: config.mode === 'sandbox', guard: assertOutsideTransaction }),
    sealEveryMs: config.sealEverySeconds * secondMs,
    onFault,
  };
  const wallet = createWallet(ground);
  await wallet.prepare();
  if (input.secrets.sandbox) await openShop(input, ground);
  const http = await openHttp(input, ground, wallet, line.readNotice);
  let worker: Worker | undefined;
  return {
    wallet,
    ground,
    async listen() {
      await http.listen({ host: config.host, port: config.port });
      worker = startWorker({ clock, tasks: wallet.tasks, onFault });
    },
    async close() {
      await http.close();
      await worker?.stop();
      await wallet.operations.settle();
      await ledger.close();
      await database.close();
    },
  };
}

/** The world outside. Live mode has no line yet: an operator brings an adapter for theirs. */
function openLine(
  input: AppInput,
  clock: Clock,
): Pick<WalletGround, 'rail' | 'banks' | 'registry' | 'sms'> & { readNotice: ReadBankNotice } {
  const { config, secrets } = input;
  if (!secrets.sandbox) {
    throw new CannotStart('There is no line to real banks in this version: run it with PURSER_MODE=sandbox.');
  }
  const bankPublicKey = secrets.sandbox.bank.publicKey;
  const line = {
    baseUrl: `http://127.0.0.1:${config.sandboxPort}`,
    partnerPrivateKey: secrets.partner.privateKey,
    bankPublicKey,
    clock,
    random: systemRandom,
    timeoutMs: LINE_TIMEOUT_MS,
    guard: assertOutsideTransaction,
  };
  return {
    rail: createSandboxBankRail(line),
    banks: SANDBOX_BANKS,
    registry: createSandboxIdentityRegistry(line),
    sms: createSandboxSmsSender(line),
    readNotice: createSandboxNoticeReader({ bankPublicKey, clock }),
  };
}

/** The sandbox's shop is a merchant like any other, with its key and its address for events. */
async function openShop(input: AppInput, ground: WalletGround): Promise<void> {
  const { config, secrets } = input;
  assert(secrets.sandbox, 'only the sandbox has a shop');
  await saveMerchant(ground, {
    id: deriveId(SHOP_ID, 'shop'),
    name: '知味书店',
    apiKey: secrets.sandbox.shopApiKey,
    webhookUrl: `http://127.0.0.1:${config.shopPort}/webhooks/purser`,
    webhookSecret: secrets.sandbox.shopWebhookSecret,
  });
}

function openHttp(input: AppInput, ground: WalletGround, wallet: Wallet, readNotice: ReadBankNotice) {
  const { config } = input;
  const rooms = { ground, wallet };
  const { clock, random, digest, database } = ground;
  return createHttp({
    clock,
    random,
    digest,
    settings: {
      publicUrl: config.publicUrl,
      version: VERSION,
      trustedProxies: config.trustedProxies,
      webRoot: input.webRoot !== undefined && existsSync(input.webRoot) ? input.webRoot : undefined,
      rateScale: config.mode === 'sandbox' ? 20 : 1,
      logLevel: config.logLevel,
    },
    takeRate: createRateTaker({ database, clock, digest }),
    sessions: sessionDoor(rooms),
    operations: operationDoor(rooms),
    person: personDoor(rooms),
    transfers: transferDoor(rooms),
    merchants: merchantDoor(rooms),
    ledger: ledgerDoor(rooms),
    open: publicDoor(rooms, {
      publicUrl: config.publicUrl,
      readNotice,
      checkReady: () => checkReady(ground.database, ground.ledger),
    }),
  });
}

/** Whether what every request needs works at this moment. */
async function checkReady(database: Database, ledger: Ledger): Promise<Record<string, boolean>> {
  const works = (work: Promise<unknown>) =>
    work.then(
      () => true,
      () => false,
    );
  const [db, books] = await Promise.all([works(database.pool.query('select 1')), works(ledger.accounts([]))]);
  return { database: db, ledger: books };
}
