import { type Answer, approved, type BankDependencies, declined, type Fields, isPast } from './bank-answers.ts';
import { cardObstacle } from './bank-cards.ts';
import { accountOf, balanceOf, PARTNER, post } from './books.ts';
import { startOfDayInChina, startOfNextDayInChina } from './clock.ts';
import type { Row } from './store.ts';

/** Money between a card and the partner's account. Each decision is made inside the transaction of `decideOnce`. */

export type MoneyKind = 'debits' | 'credits' | 'reversals';

export const isMoneyKind = (kind: string): kind is MoneyKind => ['debits', 'credits', 'reversals'].includes(kind);

export function decideMoney(deps: BankDependencies, bank: string, kind: string, body: Fields): Answer {
  if (kind === 'reversals') return decideReversal(deps, bank, body);
  return kind === 'debits' ? decideDebit(deps, bank, body) : decideCredit(deps, bank, body);
}

function findCard({ store }: BankDependencies, bank: string, token: string): Row | undefined {
  return store.get(
    `select cards.* from bindings join cards on cards.number = bindings.number
     where bindings.bank = ? and card_token = ? and removed_at is null and bindings.state = 'confirmed'`,
    ...[bank, token],
  );
}

/** What is checked of every request for money, whichever way it goes. */
function findObstacle({ clock }: BankDependencies, card: Row | undefined, body: Fields): Answer | undefined {
  if (isPast(body['validUntil'] ?? '', clock)) return declined('EXPIRED_REQUEST', 'validUntil has passed');
  if (!card) return declined('BINDING_NOT_FOUND', 'no such card token');
  if (body['currency'] !== 'CNY') return declined('DECLINED', 'only CNY');
  return cardObstacle(card);
}

const passes = (amount: bigint, limit: unknown): boolean => typeof limit === 'bigint' && amount > limit;

function findLimit({ store, clock }: BankDependencies, bank: string, card: Row, amount: bigint): Answer | undefined {
  const now = clock.now();
  if (passes(amount, card['single_limit'])) return declined('BANK_AMOUNT_LIMIT', 'more than the card may pay at once');
  const today = store.get(
    `select count(*) as count, coalesce(sum(amount), 0) as sum from entries
     where bank = ? and from_account = ? and kind = 'debit' and at >= ?`,
    ...[bank, accountOf(String(card['number'])), startOfDayInChina(now).toISOString()],
  );
  const until = startOfNextDayInChina(now).toISOString();
  if (passes(BigInt(today?.['sum'] ?? 0n) + amount, card['daily_limit'])) {
    return declined('BANK_AMOUNT_LIMIT', 'more than the card may pay in a day', { until });
  }
  if (passes(BigInt(today?.['count'] ?? 0n) + 1n, card['daily_count'])) {
    return declined('BANK_COUNT_LIMIT', 'no more payments today', { until });
  }
  return undefined;
}

function decideDebit(deps: BankDependencies, bank: string, body: Fields): Answer {
  const { store, clock } = deps;
  const { reference = '', amount: text = '', cardToken = '' } = body;
  const card = findCard(deps, bank, cardToken);
  const amount = BigInt(text);
  const obstacle = findObstacle(deps, card, body);
  if (obstacle || !card) return obstacle ?? declined('BINDING_NOT_FOUND', 'no such card token');
  const limit = findLimit(deps, bank, card, amount);
  if (limit) return limit;
  const account = accountOf(String(card['number']));
  if (balanceOf(store, bank, account) < amount) return declined('INSUFFICIENT_FUNDS', 'not enough money on the card');
  post(store, clock, { bank, reference, kind: 'debit', from: account, to: PARTNER, amount });
  return approved(deps);
}

function decideCredit(deps: BankDependencies, bank: string, body: Fields): Answer {
  const { store, clock } = deps;
  const { reference = '', amount: text = '', cardToken = '' } = body;
  const card = findCard(deps, bank, cardToken);
  const amount = BigInt(text);
  const obstacle = findObstacle(deps, card, body);
  if (obstacle || !card) return obstacle ?? declined('BINDING_NOT_FOUND', 'no such card token');
  if (passes(amount, card['receive_limit']))
    return declined('ACCOUNT_CLASS_LIMIT', 'more than this class of account may receive');
  post(store, clock, { bank, reference, kind: 'credit', from: PARTNER, to: accountOf(String(card['number'])), amount });
  return approved(deps);
}

function decideReversal(deps: BankDependencies, bank: string, body: Fields): Answer {
  const { store, clock } = deps;
  const { reference = '', originalReference: original = '' } = body;
  const entry = store.get(
    `select from_account, to_account, amount from entries
     where bank = ? and reference = ? and kind in ('debit', 'credit')`,
    ...[bank, original],
  );
  if (!entry) return declined('ORIGINAL_NOT_FOUND', 'there is nothing to reverse');
  if (store.get('select 1 from reversals where bank = ? and original = ?', bank, original)) {
    return declined('ORIGINAL_NOT_FOUND', 'it was reversed before');
  }
  const from = String(entry['to_account']);
  const amount = BigInt(entry['amount'] ?? 0n);
  if (from !== PARTNER && balanceOf(store, bank, from) < amount) {
    return declined('INSUFFICIENT_FUNDS', 'the money is no longer on the card');
  }
  store.run('insert into reversals (bank, original, reference) values (?, ?, ?)', bank, original, reference);
  post(store, clock, { bank, reference, kind: 'reversal', from, to: String(entry['from_account']), amount });
  return approved(deps, { originalReference: original, amount: String(amount) });
}
