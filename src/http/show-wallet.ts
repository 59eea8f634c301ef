import type { Static } from 'typebox';
import type { Balance, BankHealth, Card, CardLookupResult, LimitItem, Me, Order } from '../contract/wallet.ts';
import type { TransactionDetail, TransactionItem } from '../contract/wallet.ts';
import { toPublicId } from '../kernel/ids.ts';
import { money, moneyToJson } from '../kernel/money.ts';
import type { BankHealth as BankState } from '../features/banks/bank-health.ts';
import type { Allowance } from '../features/books/allowances.ts';
import type { RecognisedCard } from '../features/cards/list-cards.ts';
import type { Transaction } from '../features/history/transactions.ts';
import type { Order as OrderRecord } from '../features/merchants/order.ts';
import type { AboutMe, BalanceNow } from '../features/people/read-me.ts';
import type { LocalText } from '../kernel/failure.ts';
import type { CardView, Language } from './dependencies.ts';

/** Each picks by name what leaves: a member that a feature adds stays inside until it is added here. */

const at = (instant: Date): string => instant.toISOString();
const atOrNull = (instant: Date | null): string | null => instant?.toISOString() ?? null;

export const showMe = (about: AboutMe): Me => ({
  phoneMasked: about.person.phoneMasked,
  nameMasked: about.person.nameMasked,
  idNumberMasked: about.person.idNumberMasked,
  language: about.person.language,
  identityVerified: about.person.isVerified,
  accountClass: about.accountClass,
  channels: [...about.person.channels],
  channelsForNextClass: about.channelsForNextClass,
  accountState: about.person.accountState,
  accountCause: about.person.accountCause,
  pinSet: about.pinSet,
  pinLockedUntil: atOrNull(about.pinLockedUntil),
  pinReset: about.pause && { at: at(about.pause.from), pausedUntil: at(about.pause.until) },
  policyVersion: about.policyVersion,
});

export const showLimit = (limit: Allowance): Static<typeof LimitItem> => ({
  limit: limit.limit,
  allowance: moneyToJson(limit.allowance),
  used: moneyToJson(limit.used),
  available: moneyToJson(limit.available),
  resetsAt: atOrNull(limit.resetsAt),
});

export const showBalance = (balance: BalanceNow): Balance => ({
  available: moneyToJson(balance.available),
  held: moneyToJson(balance.held),
  asking: moneyToJson(balance.asking),
  checkedAt: at(balance.checkedAt),
});

export const showCard = (view: CardView, language: Language): Card => ({
  id: toPublicId('card', view.card.id),
  bankCode: view.card.bankCode,
  bankName: view.bankName[language],
  bankHotline: view.bankHotline,
  kind: view.card.kind,
  last4: view.card.last4,
  boundAt: at(view.card.boundAt),
  state: view.card.state,
  bankState: view.bankState,
  topUp: { available: moneyToJson(view.topUp.available), allowance: moneyToJson(view.topUp.allowance) },
});

export const showCardLookup = (
  found: (RecognisedCard & { bankName: LocalText }) | null,
  language: Language,
): Static<typeof CardLookupResult> => ({
  bank: found && {
    bankCode: found.bankCode,
    bankName: found.bankName[language],
    kind: found.kind,
    length: found.length,
    supported: found.supported,
  },
});

export const showTransaction = (transaction: Transaction, language: Language): TransactionItem => ({
  id: toPublicId('tx', transaction.id),
  kind: transaction.kind,
  counterparty: transaction.counterparty[language],
  note: transaction.note,
  amount: moneyToJson(transaction.amount),
  direction: transaction.direction,
  at: at(transaction.at),
  balanceAfter: moneyToJson(transaction.balanceAfter),
});

export const showTransactionDetail = (
  transaction: Transaction,
  language: Language,
): Static<typeof TransactionDetail> => ({
  transaction: showTransaction(transaction, language),
  balanceBefore: moneyToJson(transaction.balanceBefore),
  fee: moneyToJson(money(0n, transaction.amount.currency)),
  reference: transaction.reference,
  operationId: transaction.operationId && toPublicId('op', transaction.operationId),
  startedAt: at(transaction.startedAt),
  ledgerSeq: transaction.seq.toString(),
  entryDigest: transaction.entryDigest,
});

export const showOrder = (order: OrderRecord, payUrl: string): Order => ({
  id: toPublicId('ord', order.id),
  state: order.state,
  amount: moneyToJson(order.amount),
  description: order.description,
  merchantName: order.merchantName,
  payUrl,
  createdAt: at(order.createdAt),
  expiresAt: at(order.expiresAt),
  paidAt: atOrNull(order.paidAt),
});

export const showBankHealth = (
  bank: BankState & { bankName: LocalText },
  language: Language,
): Static<typeof BankHealth> => ({
  bankCode: bank.bankCode,
  bankName: bank.bankName[language],
  state: bank.state,
  until: atOrNull(bank.until),
  checkedAt: at(bank.checkedAt),
});
