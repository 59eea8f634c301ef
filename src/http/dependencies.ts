import type { Static } from 'typebox';
import type { NewOrder } from '../contract/wallet.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Digest } from '../kernel/envelope.ts';
import type { Failure, LocalText } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Pin, Secret } from '../kernel/masked.ts';
import type { Money, MoneyJson } from '../kernel/money.ts';
import type { Random } from '../kernel/random.ts';
import type { EndorsedKey } from '../proof/endorsement.ts';
import type { ConsistencyProof, SignedHead } from '../proof/receipt.ts';
import type { BankHealth } from '../features/banks/bank-health.ts';
import type { Allowance } from '../features/books/allowances.ts';
import type { BoundCard } from '../features/cards/card.ts';
import type { RecognisedCard } from '../features/cards/list-cards.ts';
import type { Receipt } from '../features/history/read-receipt.ts';
import type { Transaction } from '../features/history/transactions.ts';
import type { Merchant } from '../features/merchants/merchant.ts';
import type { Order } from '../features/merchants/order.ts';
import type { Movement } from '../features/merchants/list-movements.ts';
import type { MerchantReceipt } from '../features/merchants/read-receipt.ts';
import type { Payout, PayoutBatch } from '../features/payouts/pay-out.ts';
import type { SmallPayments } from '../features/payments/small-payments.ts';
import type { AboutMe, BalanceNow } from '../features/people/read-me.ts';
import type { Rate } from '../features/security/take-rate.ts';
import type { FoundSession } from '../features/sessions/find-session.ts';
import type { SessionEntry } from '../features/sessions/list-sessions.ts';
import type { SessionKind, StartedSession } from '../features/sessions/start-visit.ts';
import type { showOperation, ShownWith } from './show-operation.ts';

export type Language = 'zh-CN' | 'en';

/** Who asks, as the flows know it. */
export type Actor = { personId: Uuid | null; visitorId: Uuid; sessionId: Uuid; language: Language; ip: string };
/** An actor whose session is a person's. */
export type PersonActor = Actor & { personId: Uuid };

/** An operation with what is shown beside its record. */
export type OperationView = { record: Parameters<typeof showOperation>[0]; shown: ShownWith };
type Address = { ownerId: Uuid; id: Uuid };

export type OperationDoor = {
  start(request: Address & { kind: string; input: unknown; actor: Actor }): Promise<OperationView>;
  submit(
    request: Address & { step: string; input: { code?: string; pin?: string }; actor: Actor },
  ): Promise<OperationView>;
  cancel(request: Address & { actor: Actor }): Promise<OperationView>;
  ask(request: Address & { actor: Actor }): Promise<OperationView>;
  resendCode(request: Address & { actor: Actor }): Promise<OperationView>;
  get(request: Address & { actor: Actor }): Promise<OperationView>;
  /** Answers when the operation's version is above `version`, or after `waitMs`. */
  waitForChange(request: Address & { actor: Actor; version: number; waitMs: number }): Promise<OperationView>;
  /** The newest first. */
  list(request: {
    ownerId: Uuid;
    open: boolean;
    before: { createdAt: Date; key: Uuid } | undefined;
    limit: number;
    actor: Actor;
  }): Promise<OperationView[]>;
  preflight(request: { ownerId: Uuid; kind: string; input: unknown; actor: Actor }): Promise<Failure[]>;
};

export type SessionDoor = {
  startVisit(request: { kind: SessionKind; device: string }): Promise<StartedSession>;
  /**
   * Turns a succeeded open_wallet operation of this visitor into a session. Causes: `operation.not_found` for one that
   * is not this visitor's, `operation.in_progress` for one that has not succeeded.
   */
  start(request: { actor: Actor; operationId: Uuid; device: string; kind: SessionKind }): Promise<StartedSession>;
  find(token: string): Promise<FoundSession | undefined>;
  list(request: { personId: Uuid; currentSessionId: Uuid }): Promise<SessionEntry[]>;
  end(request: { sessionId: Uuid }): Promise<void>;
  endOfPerson(request: { personId: Uuid; sessionId: Uuid }): Promise<void>;
};

/** A bound card with what its tile says. */
export type CardView = {
  card: BoundCard;
  bankName: LocalText;
  bankHotline: string | null;
  bankState: BankHealth['state'];
  topUp: { available: Money; allowance: Money };
};

export type PersonDoor = {
  readMe(actor: PersonActor): Promise<AboutMe>;
  setLanguage(actor: PersonActor, language: Language): Promise<void>;
  /** Sets or changes the payment PIN; a change ends the person's other sessions. */
  setPin(actor: PersonActor, request: { pin: Pin; currentPin: Pin | undefined }): Promise<void>;
  /** One's own account, stopped at once. */
  freeze(actor: PersonActor): Promise<void>;
  /** Lifts what `freeze` did, and nothing else. */
  close(actor: PersonActor, proof: { pin: Pin }): Promise<void>;
  unfreeze(actor: PersonActor, proof: { name: string; idNumber: string; pin: Pin }): Promise<void>;
  readLimits(actor: PersonActor): Promise<{ limits: readonly Allowance[]; policyVersion: string }>;
  readBalance(actor: PersonActor): Promise<BalanceNow>;
  listCards(actor: PersonActor): Promise<CardView[]>;
  /** Cause: `operation.not_found`. */
  readCard(actor: PersonActor, cardId: Uuid): Promise<CardView>;
  removeCard(actor: PersonActor, cardId: Uuid): Promise<void>;
  listTransactions(
    actor: PersonActor,
    page: { before: bigint | undefined; limit: number },
  ): Promise<{ transactions: readonly Transaction[]; next: bigint | undefined }>;
  readTransaction(actor: PersonActor, id: Uuid): Promise<Transaction>;
  /** Cause: `operation.not_found`. */
  readReceipt(actor: PersonActor, transactionId: Uuid): Promise<Receipt>;
  /** Causes: `operation.not_found`, `operation.in_progress`. */
  readReceiptOfOperation(actor: PersonActor, operationId: Uuid): Promise<Receipt>;
  lookUpPayee(actor: PersonActor, phone: string): Promise<{ nameMasked: string; phoneMasked: string }>;
};

export type TransferDoor = {
  /** In one request and one commit. Causes: as in the feature. */
  sendNow(request: {
    actor: PersonActor;
    id: Uuid;
    input: { payeePhone: string; amount: MoneyJson; note?: string };
    pin: Pin | undefined;
  }): Promise<OperationView>;
  readSmallPayments(actor: PersonActor): Promise<SmallPayments>;
  allowSmallPayments(actor: PersonActor, asked: { upTo: MoneyJson; pin: Pin }): Promise<SmallPayments>;
  endSmallPayments(actor: PersonActor): Promise<void>;
};

export type MerchantDoor = {
  findByKey(apiKey: Secret): Promise<Merchant | undefined>;
  /** What can be paid out. */
  readAvailable(merchant: Merchant): Promise<Money>;
  listMovements(
    merchant: Merchant,
    page: { before: bigint | undefined; limit: number },
  ): Promise<{ movements: readonly Movement[]; next: bigint | undefined }>;
  createOrder(merchant: Merchant, order: Static<typeof NewOrder>): Promise<Order>;
  readOrder(merchant: Merchant, publicOrderId: string): Promise<Order>;
  /** Each with its outcome, in the order of asking. Causes: as in the feature. */
  payOut(merchant: Merchant, batch: PayoutBatch): Promise<Payout[]>;
  /** Cause: `operation.not_found`. */
  readPayout(merchant: Merchant, id: Uuid): Promise<Payout>;
  /** Cause: `operation.not_found`, as long as there is no movement. */
  readOrderReceipt(merchant: Merchant, publicOrderId: string): Promise<MerchantReceipt>;
  readPayoutReceipt(merchant: Merchant, id: Uuid): Promise<MerchantReceipt>;
};

/** What anybody may ask. */
export type PublicDoor = {
  lookUpCard(prefix: string): (RecognisedCard & { bankName: LocalText }) | null;
  /** For whoever was shown its code. */
  readOrder(publicOrderId: string): Promise<Order>;
  payUrl(order: Order): string;
  readStatus(): Promise<{ wallet: 'up' | 'degraded'; banks: readonly (BankHealth & { bankName: LocalText })[] }>;
  /** False: not to be believed. Returns after the notice is durable. */
  receiveBankNotice(request: {
    bankCode: string;
    headers: Readonly<Record<string, string | string[] | undefined>>;
    rawBody: Uint8Array;
  }): Promise<boolean>;
  /** How many movements wait for people, and how many of these longer than promised. */
  countReviews(): Promise<{ waiting: number; late: number }>;
  countCompared(): Promise<{ notInBooks: number; closing: number; found: number }>;
  /** Each thing that must work, with whether it does. */
  checkReady(): Promise<Readonly<Record<string, boolean>>>;
};

/** What the ledger publishes, so that anybody can hold it to what it said. */
export type LedgerDoor = {
  keys(): Promise<EndorsedKey[]>;
  /** The newest first. */
  heads(page: { beforeSize?: number; limit: number }): Promise<SignedHead[]>;
  /** With the newest head where `to` is left out; undefined when there are no such heads. */
  consistency(from: number, to: number | undefined): Promise<ConsistencyProof | undefined>;
};

export type HttpSettings = {
  /** How the wallet's address begins for a browser: `https://wallet.example`. */
  publicUrl: string;
  version: string;
  /** Addresses of proxies whose X-Forwarded-For is believed; with none the header is ignored. */
  trustedProxies: readonly string[];
  /** The built web app; undefined when there is none. */
  webRoot: string | undefined;
  /** By how much rates are multiplied: 1 in live mode, more where one machine plays everybody. */
  rateScale: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where log lines go; standard output when undefined. */
  logTo?: { write(line: string): void };
  /** Requests in work at one time; those above are told to come back. */
  maxInFlight?: number;
};

/** All that HTTP needs; `app.ts` passes it. */
export type HttpDependencies = {
  clock: Clock;
  random: Random;
  digest: Digest;
  settings: HttpSettings;
  takeRate(rate: Rate): Promise<void>;
  sessions: SessionDoor;
  operations: OperationDoor;
  person: PersonDoor;
  transfers: TransferDoor;
  merchants: MerchantDoor;
  open: PublicDoor;
  ledger: LedgerDoor;
};
