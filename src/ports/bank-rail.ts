import type { IdNumber, Otp, Pan, PersonName, Phone } from '../kernel/masked.ts';
import type { Money } from '../kernel/money.ts';

/**
 * What a bank answered, or did not. `unknown` is anything that may have been carried out:
 * a time-out after the request may have left, a broken answer, a bad signature.
 * `not_sent` is certain: nothing reached the bank.
 */
export type RailAnswer<T = unknown> =
  | ({ outcome: 'approved'; bankReference: string; at: Date } & T)
  | { outcome: 'declined'; rawCode: string; rawText: string; triesLeft?: number; until?: Date }
  | { outcome: 'in_progress'; rawCode: string }
  /** Only to a query: the bank knows no request with this reference. */
  | { outcome: 'not_found' }
  | { outcome: 'not_sent'; reason: string }
  | { outcome: 'unknown'; reason: string; rawCode?: string };

export type BindingRequest = {
  /** Ours, made before asking; the same reference is the same request, however often it arrives. */
  reference: string;
  bankCode: string;
  pan: Pan;
  holder: PersonName;
  idNumber: IdNumber;
  reservedPhone: Phone;
};

export type CardToken = { cardToken: string; last4: string; kind: 'debit' | 'credit' };

export type MoneyRequest = {
  reference: string;
  bankCode: string;
  cardToken: string;
  amount: Money;
  /** After this moment the bank must refuse the request, so that `not_found` later than it is final. */
  validUntil: Date;
};

export type BankStatus = {
  bankCode: string;
  state: 'up' | 'slow' | 'down' | 'maintenance';
  /** The announced end, where there is one. */
  until?: Date;
};

export type QueryAnswer = { card?: CardToken; undid?: { reference: string; minor: bigint } };

/** A line to banks. Every call is one HTTP exchange; none is made inside a database transaction. */
export type BankRail = {
  /** The rail's name, by which raw codes are mapped to causes. */
  readonly name: string;
  /** Checks number, name, ID number and reserved phone; the bank then sends its code to that phone. */
  requestBinding(request: BindingRequest): Promise<RailAnswer<{ codeExpiresAt: Date }>>;
  /** Proves the reserved phone with the bank's code; gives the token by which the card is used from now on. */
  confirmBinding(request: { reference: string; bankCode: string; code: Otp }): Promise<RailAnswer<CardToken>>;
  /** Has the bank send a new code for the same binding. */
  resendBindingCode(request: { reference: string; bankCode: string }): Promise<RailAnswer<{ codeExpiresAt: Date }>>;
  removeBinding(request: { reference: string; bankCode: string; cardToken: string }): Promise<RailAnswer>;
  /** Takes money from the card. */
  debit(request: MoneyRequest): Promise<RailAnswer>;
  /** Pays money to the card. */
  credit(request: MoneyRequest): Promise<RailAnswer>;
  /** Undoes a debit or credit that was approved; the same reference undoes it once. */
  reverse(request: { reference: string; bankCode: string; originalReference: string }): Promise<RailAnswer>;
  /**
   * What became of the request with this reference: binding (then with the card's token), debit, credit or reversal (then,
   * where the bank tells, with what it undid).
   */
  query(request: { reference: string; bankCode: string }): Promise<RailAnswer<QueryAnswer>>;
  status(bankCode: string): Promise<BankStatus>;
};

/** A bank's own word that something happened. A hint to ask now; money is booked only on the answer to a query. */
export type BankNotice = { eventId: string; bankCode: string; reference: string; at: Date };

/** Verifies signature, age and form of a callback; `undefined` when it is not to be believed. */
export type ReadBankNotice = (request: {
  bankCode: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  rawBody: Uint8Array;
}) => BankNotice | undefined;
