import {
  approved,
  type Answer,
  type BankDependencies,
  declined,
  decideOnce,
  type Fields,
  IN_PROGRESS,
  isPast,
} from './bank-answers.ts';
import { addMs } from './clock.ts';
import { deliver } from './messages.ts';
import { cardStates, findSampleBank } from './samples.ts';
import type { Row } from './store.ts';

/** How a bank proves that a card is whose it is said to be: four elements, then a code to the reserved phone. */

const CODE_LIFE_MS = 5 * 60_000;
const CODE_TRIES = 5n;

const digitsOf = (phone: string): string => phone.replace(/\D/g, '').slice(-11);

/** What is wrong with the card itself, if anything. */
export function cardObstacle(card: Row): Answer | undefined {
  const state = String(card['state']);
  return state === 'normal' ? undefined : declined(state, cardStates[state]?.[1] ?? state);
}

function findMismatch(card: Row | undefined, body: Fields): Answer | undefined {
  if (!card) return declined('CARD_NUMBER_UNKNOWN', 'no such card');
  if (card['holder'] !== body['holder']) return declined('CARD_NAME_MISMATCH', 'the name is another one');
  if (card['id_number'] !== body['idNumber']?.toUpperCase())
    return declined('CARD_ID_MISMATCH', 'the ID number is another one');
  if (digitsOf(String(card['phone'])) !== digitsOf(body['reservedPhone'] ?? '')) {
    return declined('CARD_PHONE_MISMATCH', 'another phone is reserved');
  }
  // Only the holder is told what is wrong with the card.
  return cardObstacle(card);
}

type Sending = { bank: string; reference: string; number: string; phone: string; code: string; sending: number };

function sendCode(
  { store, clock }: BankDependencies,
  { bank, reference, number, phone, code, sending }: Sending,
): void {
  const name = findSampleBank(bank)?.short ?? bank;
  const text = `【${name}】验证码 ${code}，用于把尾号 ${number.slice(-4)} 的卡绑定到明账，5 分钟内有效。不要告诉任何人。`;
  deliver(store, clock, {
    id: `${bank}:${reference}:${sending}`,
    sender: name,
    to: phone,
    text,
    fingerprint: '',
    outcome: 'accepted',
  });
}

export function requestBinding(deps: BankDependencies, bank: string, body: Fields): Answer {
  const { store, clock, random } = deps;
  const { reference = '', pan = '' } = body;
  return decideOnce(deps, {
    bank,
    kind: 'bindings',
    body,
    decide: () => {
      const card = store.get('select * from cards where number = ? and bank = ?', pan, bank);
      const mismatch = findMismatch(card, body);
      if (mismatch || !card) return mismatch ?? declined('CARD_NUMBER_UNKNOWN', 'no such card');
      const code = random.digits(6);
      const codeExpiresAt = addMs(clock.now(), CODE_LIFE_MS).toISOString();
      store.run(
        `insert into bindings (bank, reference, number, code, code_expires_at, tries_left, state)
         values (?, ?, ?, ?, ?, ?, 'waiting')`,
        ...[bank, reference, pan, code, codeExpiresAt, CODE_TRIES],
      );
      sendCode(deps, { bank, reference, number: pan, phone: String(card['phone']), code, sending: 1 });
      return approved(deps, { codeExpiresAt });
    },
  });
}

const findBinding = ({ store }: BankDependencies, bank: string, reference: string): Row | undefined =>
  store.get('select * from bindings where bank = ? and reference = ?', bank, reference);

const noBinding = (): Answer => declined('BINDING_NOT_FOUND', 'nothing waits for a code under this reference');
const ended = (): Answer =>
  declined('BANK_OTP_LOCKED', 'too many wrong codes, this binding has ended', { triesLeft: 0 });

/** A new code, after which the old one is worth nothing. */
export function resendCode(deps: BankDependencies, bank: string, { reference = '' }: Fields): Answer {
  const { store, clock, random } = deps;
  return store.transaction(() => {
    const binding = findBinding(deps, bank, reference);
    if (binding?.['state'] === 'ended') return ended();
    if (binding?.['state'] !== 'waiting') return noBinding();
    const code = random.digits(6);
    const codeExpiresAt = addMs(clock.now(), CODE_LIFE_MS).toISOString();
    const sql = 'update bindings set code = ?, code_expires_at = ? where bank = ? and reference = ?';
    store.run(sql, code, codeExpiresAt, bank, reference);
    const number = String(binding['number']);
    const phone = String(store.get('select phone from cards where number = ?', number)?.['phone']);
    const sent = store.get('select count(*) as sent from messages where id glob ?', `${bank}:${reference}:*`);
    sendCode(deps, { bank, reference, number, phone, code, sending: Number(sent?.['sent']) + 1 });
    return approved(deps, { codeExpiresAt });
  });
}

export function confirmBinding(deps: BankDependencies, bank: string, { reference = '', code = '' }: Fields): Answer {
  const { store, clock, random } = deps;
  return store.transaction(() => {
    const binding = findBinding(deps, bank, reference);
    if (!binding) return noBinding();
    if (binding['state'] === 'ended') return ended();
    const right = binding['code'] === code;
    if (binding['state'] === 'confirmed') {
      return right
        ? (JSON.parse(String(binding['answer'])) as Answer)
        : declined('REFERENCE_CONFLICT', 'the binding was confirmed with another code');
    }
    if (isPast(String(binding['code_expires_at']), clock)) {
      return declined('BANK_OTP_EXPIRED', 'the code has expired', { triesLeft: Number(binding['tries_left']) });
    }
    if (!right) return countWrongCode(deps, binding);
    const number = String(binding['number']);
    const card = store.get('select * from cards where number = ?', number);
    const obstacle = card ? cardObstacle(card) : noBinding();
    if (obstacle) return obstacle;
    const cardToken = `tok_${random.hex(16)}`;
    const answer = approved(deps, { cardToken, last4: number.slice(-4), kind: card?.['kind'] });
    store.run(
      `update bindings set state = 'confirmed', card_token = ?, answer = ? where bank = ? and reference = ?`,
      ...[cardToken, JSON.stringify(answer), bank, reference],
    );
    return answer;
  });
}

function countWrongCode({ store }: BankDependencies, { bank = '', reference = '', tries_left }: Row): Answer {
  const left = BigInt(tries_left ?? 0n) - 1n;
  const sql = 'update bindings set tries_left = ?, state = ? where bank = ? and reference = ?';
  store.run(sql, left, left > 0n ? 'waiting' : 'ended', bank, reference);
  return left > 0n ? declined('BANK_OTP_WRONG', 'the code is wrong', { triesLeft: Number(left) }) : ended();
}

export function removeBinding(deps: BankDependencies, bank: string, body: Fields): Answer {
  const { store, clock } = deps;
  return decideOnce(deps, {
    bank,
    kind: 'removals',
    body,
    decide: () => {
      const token = body['cardToken'] ?? '';
      const found = store.get('select removed_at from bindings where bank = ? and card_token = ?', bank, token);
      if (!found || found['removed_at'] !== null) return declined('BINDING_NOT_FOUND', 'no such card token');
      store.run('update bindings set removed_at = ? where card_token = ?', clock.now().toISOString(), token);
      return approved(deps);
    },
  });
}

/** What became of a request. A binding is known by its own row, since the code decides it later. */
export function answerQuery(deps: BankDependencies, bank: string, { reference = '' }: Fields): Answer {
  const { store } = deps;
  const binding = findBinding(deps, bank, reference);
  if (binding?.['state'] === 'waiting') return IN_PROGRESS;
  if (binding?.['state'] === 'ended') return ended();
  if (binding) {
    const answer = JSON.parse(String(binding['answer'])) as Extract<Answer, { outcome: 'approved' }>;
    const { cardToken, last4, kind } = answer;
    return { ...answer, card: { cardToken, last4, kind } };
  }
  const known = store.get('select answer from requests where bank = ? and reference = ?', bank, reference);
  return known ? (JSON.parse(String(known['answer'])) as Answer) : { outcome: 'not_found' };
}
