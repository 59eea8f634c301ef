import { Type, type Static } from 'typebox';
import {
  CardId,
  Instant,
  Language,
  MerchantId,
  MoneyShape,
  nullable,
  oneOf,
  OperationId,
  OrderId,
  strict,
  TransactionId,
} from './common.ts';

/** `POST /v1/visits`: a session of nobody yet, in which a wallet can be opened or signed in to. */
export const VisitResult = strict({
  token: nullable(Type.String({ description: 'Bearer token; null when the session is kept in a cookie' })),
});
/** `POST /v1/sessions`: turns a succeeded open_wallet operation of this visit into a session of the person. */
export const StartSession = strict({ operationId: OperationId, device: Type.Optional(Type.String({ maxLength: 80 })) });
export const SessionResult = strict({
  token: nullable(Type.String({ description: 'Bearer token; null when the session is kept in a cookie' })),
  expiresAt: Instant,
});
/** `GET /v1/sessions/current`: for an app that opens and wants to know without being refused. */
export const SessionState = strict({
  state: oneOf(['none', 'visit', 'person'], { description: 'visit: a session of nobody yet' }),
});
export const SessionItem = strict({
  id: Type.String(),
  device: Type.String(),
  createdAt: Instant,
  lastSeenAt: Instant,
  current: Type.Boolean(),
});
export const SessionList = strict({ sessions: Type.Array(SessionItem) });

export const LimitItem = strict({
  /** day_by_verification, lifetime, year, single, … */
  limit: Type.String(),
  allowance: MoneyShape,
  used: MoneyShape,
  available: MoneyShape,
  resetsAt: nullable(Instant),
});

export const Me = strict({
  phoneMasked: Type.String(),
  nameMasked: nullable(Type.String()),
  idNumberMasked: nullable(Type.String()),
  language: Language,
  identityVerified: Type.Boolean(),
  /** 1, 2 or 3 (PBoC classes); 0 before verification. */
  accountClass: Type.Integer(),
  channels: Type.Array(Type.String({ description: 'External channels that confirmed the identity' })),
  channelsForNextClass: nullable(Type.Integer()),
  accountState: oneOf(['normal', 'frozen', 'limited', 'closed']),
  /** Why it is not normal, as a cause; null when it is. */
  accountCause: nullable(Type.String()),
  pinSet: Type.Boolean(),
  pinLockedUntil: nullable(Instant),
  /** While the payment PIN counts as just reset: only small sums leave the balance. */
  pinReset: nullable(strict({ at: Instant, pausedUntil: Instant })),
  policyVersion: Type.String(),
});
export type Me = Static<typeof Me>;
export const UpdateMe = strict({ language: Type.Optional(Language) });
export const Limits = strict({ limits: Type.Array(LimitItem), policyVersion: Type.String() });

/** `PUT /v1/me/payment-pin` */
export const SetPin = strict({
  pin: Type.String({ maxLength: 12 }),
  currentPin: Type.Optional(Type.String({ maxLength: 12 })),
});

/** `POST /v1/me/close` */
export const CloseWallet = strict({ pin: Type.String({ maxLength: 12 }) });

/** `POST /v1/me/unfreeze` */
export const Unfreeze = strict({
  name: Type.String({ maxLength: 64 }),
  idNumber: Type.String({ maxLength: 32 }),
  pin: Type.String({ maxLength: 12 }),
});

export const Balance = strict({
  available: MoneyShape,
  held: MoneyShape,
  /** Sums whose outcome is not known yet; in no other figure. */
  asking: MoneyShape,
  /** When the account's totals were last checked against its transfers. */
  checkedAt: Instant,
});
export type Balance = Static<typeof Balance>;

export const Card = strict({
  id: CardId,
  bankCode: Type.String(),
  bankName: Type.String(),
  bankHotline: nullable(Type.String()),
  kind: oneOf(['debit', 'credit']),
  last4: Type.String(),
  boundAt: Instant,
  /** ok, or the cause that the bank last gave for this card. */
  state: Type.String(),
  bankState: oneOf(['up', 'slow', 'down', 'maintenance']),
  topUp: strict({ available: MoneyShape, allowance: MoneyShape }),
});
export type Card = Static<typeof Card>;
export const CardList = strict({ cards: Type.Array(Card) });
export const CardLookup = strict({ prefix: Type.String({ pattern: '^[0-9]{3,19}$' }) });
/** What a card number's first digits say; null when they are of no bank we know. */
export const CardLookupResult = strict({
  bank: nullable(
    strict({
      bankCode: Type.String(),
      bankName: Type.String(),
      kind: oneOf(['debit', 'credit']),
      length: Type.Integer(),
      supported: Type.Boolean(),
    }),
  ),
});

export const TransactionKind = oneOf(['top_up', 'withdraw', 'pay', 'transfer_out', 'transfer_in', 'refund']);
export const TransactionItem = strict({
  id: TransactionId,
  kind: TransactionKind,
  /** Whom with: a merchant's name, a masked person, a bank and the last four digits. */
  counterparty: Type.String(),
  note: Type.String(),
  amount: MoneyShape,
  direction: oneOf(['in', 'out']),
  at: Instant,
  balanceAfter: MoneyShape,
});
export type TransactionItem = Static<typeof TransactionItem>;
export const TransactionList = strict({
  transactions: Type.Array(TransactionItem),
  nextCursor: nullable(Type.String()),
});
export const TransactionDetail = strict({
  transaction: TransactionItem,
  balanceBefore: MoneyShape,
  fee: MoneyShape,
  reference: Type.String(),
  /** Only for the person whose operation it was. */
  operationId: nullable(OperationId),
  startedAt: Instant,
  /** Its place in the book, and a digest of the entry to recognise it by. */
  ledgerSeq: Type.String(),
  entryDigest: Type.String(),
});

/** `POST /v1/payees`: whom a phone number belongs to, masked. Counted against guessing. */
export const PayeeLookup = strict({ phone: Type.String({ maxLength: 32 }) });
export const PayeeResult = strict({ nameMasked: Type.String(), phoneMasked: Type.String() });

/** `GET /v1/merchant` */
export const MerchantAccount = strict({
  id: MerchantId,
  name: Type.String({ description: 'What payers read' }),
  account: Type.String({ description: 'The number of its account in the ledger, as receipts have it' }),
  available: MoneyShape,
});

/** `GET /v1/merchant/transactions` */
const MerchantTransaction = strict({
  id: TransactionId,
  kind: oneOf(['order', 'payout', 'other']),
  of: nullable(
    Type.String({ description: 'The id of the order or payout; null for what this merchant did not ask for' }),
  ),
  direction: oneOf(['in', 'out']),
  amount: MoneyShape,
  balanceAfter: MoneyShape,
  at: Instant,
});
export const MerchantTransactions = strict({
  transactions: Type.Array(MerchantTransaction),
  nextCursor: nullable(Type.String()),
});

const OrderState = oneOf(['open', 'paid', 'closed'], { description: 'closed: its time is over and nobody paid' });
export const NewOrder = strict({
  id: OrderId,
  amount: MoneyShape,
  description: Type.String({ minLength: 1, maxLength: 120, description: 'What the payer reads' }),
  expiresInSeconds: Type.Optional(
    Type.Integer({ minimum: 60, maximum: 86400, description: 'How long it can be paid; 900 when left out' }),
  ),
});
/** An order as its merchant and its payer see it. */
export const Order = strict({
  id: OrderId,
  state: OrderState,
  amount: MoneyShape,
  description: Type.String(),
  merchantName: Type.String(),
  payUrl: Type.String({ description: 'What the code of the order says; opens the wallet' }),
  createdAt: Instant,
  expiresAt: Instant,
  paidAt: nullable(Instant),
});
export type Order = Static<typeof Order>;

export const BankHealth = strict({
  bankCode: Type.String(),
  bankName: Type.String(),
  state: oneOf(['up', 'slow', 'down', 'maintenance']),
  until: nullable(Instant),
  checkedAt: Instant,
});
export const ServiceStatus = strict({
  wallet: oneOf(['up', 'degraded']),
  version: Type.String(),
  banks: Type.Array(BankHealth),
});
export const CauseList = strict({ causes: Type.Array(Type.Unknown()) });
