import { canonicalJson, type JsonValue } from './kernel/canonical-json.ts';
import { hourMs, minuteMs, secondMs, type Clock } from './kernel/clock.ts';
import type { Digest, Envelope } from './kernel/envelope.ts';
import { uuid, type Uuid } from './kernel/ids.ts';
import type { Random } from './kernel/random.ts';
import type { Database } from './database/database.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { EndorsedLog } from './ledger/proof/endorsed-log.ts';
import type { Actor, Flow, JsonObject } from './operations/flow.ts';
import { createInstants } from './operations/instant.ts';
import { createOperations, type Operations } from './operations/operations.ts';
import { policyAt } from './policy/policy-at.ts';
import type { BankRail } from './ports/bank-rail.ts';
import type { IdentityRegistry } from './ports/identity-registry.ts';
import type { SmsSender } from './ports/sms-sender.ts';
import type { WebhookSender } from './ports/webhook-sender.ts';
import { bankObstacle, checkBanks, noteBankHealth } from './features/banks/bank-health.ts';
import type { DenyVerdict, ReadVerdict } from './features/banks/by-hand.ts';
import { forgetNotices } from './features/banks/forget-notices.ts';
import { hearBanks } from './features/banks/hear-banks.ts';
import { createNoticeFollower } from './features/banks/receive-notice.ts';
import { clearingBanks, houseAccounts } from './features/books/chart.ts';
import type { LimitRules } from './features/books/limit-rules.ts';
import { rulesOfPolicy } from './features/books/rules-of-policy.ts';
import { bindCard } from './features/cards/bind-card.ts';
import { resetPin } from './features/identity/reset-pin.ts';
import { verifyIdentity } from './features/identity/verify-identity.ts';
import { forgetDeliveries } from './features/merchants/forget-deliveries.ts';
import { createMerchantTeller } from './features/merchants/tell-merchant.ts';
import { pay } from './features/payments/pay.ts';
import { createPayOut } from './features/payouts/pay-out.ts';
import { compareBooks } from './features/people/compare-books.ts';
import { openWallet } from './features/people/open-wallet.ts';
import { createClosing } from './features/people/change-account.ts';
import { sendMessages } from './features/people/tell-person.ts';
import { carryOutAccounts } from './features/review/account-decisions.ts';
import { correctBooks } from './features/review/correct-books.ts';
import { deny, readVerdict, wakeDecided } from './features/review/decisions.ts';
import { createLeftPayer } from './features/review/pay-out-left.ts';
import { checkCode } from './features/security/check-code.ts';
import { checkPin, pinState } from './features/security/check-pin.ts';
import { forgetOld, type Forget } from './features/retention/forget-old.ts';
import { forgetCodes, forgetPlaces, forgetSpent } from './features/security/forget-spent.ts';
import { replacePin } from './features/security/replace-pin.ts';
import type { SecurityDoor } from './features/security/security-door.ts';
import { resendCode, sendCode } from './features/security/send-code.ts';
import { spendTry } from './features/security/spend-try.ts';
import { forgetOldSessions } from './features/sessions/end-session.ts';
import { topUp } from './features/top-up/top-up.ts';
import { transfer } from './features/transfers/transfer.ts';
import { withdraw } from './features/withdraw/withdraw.ts';
import { createSendNow, type Sent, type SendNowRequest } from './features/transfers/send-now.ts';
import type { Task } from './jobs/worker.ts';

/** What a wallet stands on: the ground, and the world outside through its ports. */
export type WalletGround = {
  database: Database;
  ledger: Ledger;
  log: EndorsedLog;
  clock: Clock;
  random: Random;
  digest: Digest;
  envelope: Envelope;
  rail: BankRail;
  /** The banks that the line reaches. */
  banks: readonly string[];
  registry: IdentityRegistry;
  sms: SmsSender;
  webhooks: WebhookSender;
  /** How often the book is signed when there is something new in it. */
  sealEveryMs: number;
  onFault: (error: unknown, where: string) => void;
};

export type Wallet = {
  operations: Operations;
  sendNow: (request: SendNowRequest) => Promise<Sent>;
  payOut: ReturnType<typeof createPayOut>;
  security: SecurityDoor;
  limits: LimitRules;
  /** A keyed digest of any content, by which a repetition is told from something else. */
  fingerprint: (content: unknown) => Buffer;
  /** Makes what must be there before the first request. */
  prepare: () => Promise<void>;
  /** Work that comes again and again. */
  tasks: readonly Task[];
};

/** Builds the features on their ground. Nothing happens until `prepare`. */
export function createWallet(ground: WalletGround): Wallet {
  const { database, ledger, clock } = ground;
  const fingerprint = (content: unknown) => ground.digest('fingerprint', canonicalJson(content as JsonValue));
  const security = openSecurity(ground);
  const limits = rulesOfPolicy(clock);
  const signingIn: SigningIn = async (visitorId) => {
    const open = await operations.list({ ownerId: visitorId, open: true, limit: 20 });
    const atPin = open.find(({ kind, step }) => kind === 'open_wallet' && step === 'pin');
    return atPin ? uuid(String(atPin.data['personId'])) : undefined;
  };
  const operations: Operations = createOperations({
    database,
    clock,
    fingerprint,
    seal: ground.envelope.seal,
    open: ground.envelope.open,
    flows: createFlows(ground, security, limits, signingIn),
    onFault: (error, operation) => ground.onFault(error, `${operation.kind}.${operation.step} ${operation.key}`),
  });
  const closing = createClosing(ground);
  const leftPayer = createLeftPayer({ ...ground, operations });
  const teller = createMerchantTeller({ ...ground, sender: ground.webhooks });
  const notices = createNoticeFollower({ ...ground, operations });
  const instants = createInstants({ database });
  const confirm = (request: { ownerId: Uuid; id: Uuid; input: JsonObject; actor: Actor }) =>
    operations.submit({ ...request, step: 'confirm' });
  return {
    operations,
    payOut: createPayOut({ ...ground, security, limits, fingerprint }),
    sendNow: createSendNow({ ...ground, security, limits, instants, fingerprint, confirm }),
    security,
    limits,
    fingerprint,
    async prepare() {
      await ledger.createAccounts(houseAccounts);
      await operations.prepare();
      // What was stopped while no wallet ran is stopped in the ledger before anything goes on.
      await closing.stopAll(minuteMs).catch((error: unknown) => ground.onFault(error, 'accounts that were stopped'));
    },
    tasks: [
      { name: 'operations', everyMs: 250, run: () => operations.driveDue() },
      { name: 'bank-notices', everyMs: 250, run: () => notices.follow(32), idle: notices.idle },
      { name: 'decided-reviews', everyMs: secondMs, run: () => wakeDecided({ ...ground, operations }) },
      { name: 'corrections', everyMs: 2 * secondMs, run: () => correctBooks(ground) },
      { name: 'decided-accounts', everyMs: secondMs, run: () => carryOutAccounts(ground) },
      { name: 'left-money', everyMs: 2 * secondMs, run: leftPayer.pay },
      { name: 'webhooks', everyMs: 500, run: teller.tell, idle: teller.idle },
      { name: 'messages', everyMs: secondMs, run: () => sendMessages(ground, 16) },
      { name: 'old-sessions', everyMs: hourMs, run: () => forgetOldSessions(ground).then(() => 0) },
      { name: 'spent-attempts', everyMs: hourMs, run: () => forgetSpent(ground).then(() => 0) },
      // The head that is there already is found at the cost of two look-ups, so several processes may each do so.
      { name: 'ledger-heads', everyMs: ground.sealEveryMs, run: () => ground.log.sealHead().then(() => 0) },
      { name: 'stopped-accounts', everyMs: 250, run: () => closing.stop(100) },
      { name: 'closing', everyMs: 5 * secondMs, run: () => closing.finish(100) },
      { name: 'accounts-compared', everyMs: minuteMs, run: () => compareBooks(ground).then(() => 0) },
      { name: 'retention', everyMs: hourMs, run: () => forgetOld(ground, retained) },
      { name: 'holds', everyMs: minuteMs, run: () => ledger.expireHolds(1000) },
      {
        name: 'bank-health',
        everyMs: 30 * secondMs,
        run: async () => {
          await checkBanks(ground, ground.banks);
          return 0;
        },
      },
    ],
  };
}

/** What is removed when its rule of retention says so; without a rule it stays. */
const retained: Readonly<Record<string, Forget>> = {
  bank_notice: forgetNotices,
  webhook_delivery: forgetDeliveries,
  one_time_code: forgetCodes,
  code_place: forgetPlaces,
};

const openSecurity = (ground: WalletGround): SecurityDoor => ({
  sendCode: (request) => sendCode(ground, request),
  resendCode: (request) => resendCode(ground, request),
  checkCode: (request) => checkCode(ground, request),
  checkPin: (request) => checkPin(ground, request),
  pinState: (request) => pinState(ground, request),
  replacePin: (request) => replacePin(ground, request),
  spendTry: (request) => spendTry(ground, request),
});

/** Who has proven a visit's phone by its code and is asked for the payment PIN now. */
type SigningIn = (visitorId: Uuid) => Promise<Uuid | undefined>;

function createFlows(
  ground: WalletGround,
  security: SecurityDoor,
  limits: LimitRules,
  signingIn: SigningIn,
): Flow<never>[] {
  const policyVersion = limits.version;
  const deps = { ...ground, security, limits, policyVersion, classOf: limits.classOf };
  const pack = policyAt(ground.clock.now());
  const verdict: ReadVerdict = (operationKey, step) => readVerdict(ground.database, operationKey, step);
  const denyVerdict: DenyVerdict = (tx, decisionId, because) =>
    deny(tx, { decisionId, because, at: ground.clock.now() });
  const rail = hearBanks(ground.rail, (heard) => {
    void noteBankHealth(ground, heard).catch((error: unknown) => ground.onFault(error, 'the state of a bank'));
  });
  const movement = {
    ...deps,
    rail,
    bankObstacle: (bankCode: string) => bankObstacle(ground, bankCode),
    verdict,
    deny: denyVerdict,
  };
  const flows = [
    openWallet(deps),
    verifyIdentity({ ...deps, minimumAge: pack.minimumAge }),
    resetPin({ ...deps, pauseMs: pack.afterPinReset.pauseMs, signingIn }),
    bindCard({
      ...deps,
      rail,
      cardsPerAccount: pack.cardsPerAccount,
      accountsPerCard: pack.accountsPerCard,
      supportedBanks: ground.banks.filter((bank) => clearingBanks.includes(bank)),
    }),
    topUp(movement),
    withdraw(movement),
    pay(deps),
    transfer(deps),
  ];
  return flows as unknown as Flow<never>[];
}
