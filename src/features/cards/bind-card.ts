import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import { addMs, minuteMs, parseInstant, secondMs, type Clock } from '../../kernel/clock.ts';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import { collect, type Failure } from '../../kernel/failure.ts';
import { deriveId, toPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import { isLuhn } from '../../kernel/luhn.ts';
import { otp, pan, phone, type Pan } from '../../kernel/masked.ts';
import { refusal, refusalFrom } from '../../causes/refusal.ts';
import type { Database, Transaction } from '../../database/database.ts';
import { findCardBin, type CardBin } from '../../policy/card-bins.ts';
import type { BankRail, CardToken } from '../../ports/bank-rail.ts';
import type { Actor, Flow, Move, OperationRecord, RunContext } from '../../operations/flow.ts';
import { bankNameOf } from '../../policy/banks.ts';
import { laneOfBank } from '../banks/ask-bank.ts';
import { readAnswer, type Verdict } from '../banks/read-answer.ts';
import { accountObstacle, loadPerson, openIdentity, type Person, openPhone } from '../people/person.ts';
import { addChannel } from '../people/record-identity.ts';
import { readPhone } from '../people/phone-number.ts';
import type { SecurityDoor } from '../security/security-door.ts';

export type BindCardData = {
  personId: string;
  bankCode: string;
  cardMasked: string;
  last4: string;
  cardKind: 'debit' | 'credit';
  phoneMasked: string;
  triesLeft: number;
  codeExpiresAt: string | null;
  codeResendAt: string | null;
  codeTriesLeft: number;
  [key: string]: string | number | null;
};

export type BindCardDependencies = {
  database: Database;
  clock: Clock;
  digest: Digest;
  envelope: Envelope;
  rail: BankRail;
  security: SecurityDoor;
  cardsPerAccount: number;
  accountsPerCard: number;
  /** Banks that the line reaches and that have a clearing account. */
  supportedBanks: readonly string[];
  classOf: (channels: number) => number;
  policyVersion: () => string;
};

const CODE_TRIES = 5;
const RESEND_AFTER_MS = minuteMs;

/** A card number as typed. Causes: `input.missing`, `input.card_number_typo`. */
function readCardNumber(typed: string): Pan {
  const digits = typed.normalize('NFKC').replace(/[\s-]/g, '');
  if (digits === '') throw refusal('input.missing', { field: 'card_number', params: {} });
  if (!/^[0-9]{13,19}$/.test(digits) || !isLuhn(digits)) throw refusal('input.card_number_typo');
  return pan(digits);
}

/** The bank and kind of a number, if cards of both can be bound. Causes: `card.issuer_unsupported`, `card.type_unsupported`. */
function readBin(number: Pan, supportedBanks: readonly string[]): CardBin {
  const bin = findCardBin(number.reveal());
  if (!bin || !supportedBanks.includes(bin.bankCode)) throw refusal('card.issuer_unsupported');
  if (bin.kind !== 'debit') {
    throw refusal('card.type_unsupported', { params: { accepted: { 'zh-CN': '储蓄卡', en: 'debit cards' } } });
  }
  return bin;
}

/**
 * Binds a card: its bank compares number, name, ID number and reserved phone, sends a code to that phone, and gives a
 * token for it. The number is kept sealed, only to recognise it; nothing here moves money.
 */
export function bindCard(deps: BindCardDependencies): Flow<BindCardData> {
  const { database, rail, security, clock } = deps;
  const reference = (operation: OperationRecord<BindCardData>) => toPublicId('bc', operation.key);
  const read = (
    operation: OperationRecord<BindCardData>,
    answer: Parameters<typeof readAnswer>[0],
    left: number,
  ): Verdict =>
    readAnswer(answer, {
      rail: rail.name,
      bankCode: operation.data.bankCode,
      flow: 'bind_card',
      movesMoney: false,
      // With none left the words leave the count out: what comes next is told by its own cause.
      known: { last4: operation.data.last4, ...(left > 0 ? { left } : {}) },
    });

  async function check(input: unknown, actor: Actor) {
    const person = await loadPerson(database.kysely, actor.personId);
    const obstacle = accountObstacle(person);
    if (obstacle) throw obstacle;
    if (!person.isVerified) throw refusal('identity.verification_required');
    const typed = input as { cardNumber: string; reservedPhone?: string };
    const number = readCardNumber(typed.cardNumber);
    const bin = readBin(number, deps.supportedBanks);
    // Left out, the bank is asked about the number of the wallet; left empty, it is missing.
    const reserved =
      typed.reservedPhone === undefined
        ? await openPhone(database.kysely, deps.envelope, person.id)
        : readPhone(typed.reservedPhone, 'reserved_phone');
    await checkCounts(deps, person, number);
    return { person, number, bin, reserved };
  }

  /** Wrong details are told one by one and the person starts again with the form as it was; silence is asked again. */
  function afterQuestion(
    operation: OperationRecord<BindCardData>,
    context: RunContext,
    verdict: Verdict,
  ): Move<BindCardData> {
    if (verdict.verdict === 'declined') {
      return { to: 'failed', event: 'bank_refused', cause: verdict.failure, detail: { rawCode: verdict.rawCode } };
    }
    if (context.overdue || operation.attempts > 4) {
      return {
        to: 'failed',
        event: 'bank_silent',
        cause: refusalFrom('bank.unreachable', { bank: bankOf(operation) }),
      };
    }
    return { to: operation.step, event: 'bank_silent', runAgainInMs: 2 ** operation.attempts * secondMs };
  }

  return {
    kind: 'bind_card',
    first: 'requesting',
    steps: {
      requesting: { state: 'working', withinMs: 2 * minuteMs, next: ['code', 'failed'] },
      code: { state: 'needs_you', withinMs: 10 * minuteMs, next: ['confirming', 'expired', 'cancelled'] },
      confirming: { state: 'working', withinMs: 2 * minuteMs, next: ['code', 'succeeded', 'failed'] },
    },
    async begin(input, actor) {
      const { person, number, bin, reserved } = await check(input, actor);
      return {
        data: {
          personId: person.id,
          bankCode: bin.bankCode,
          cardMasked: number.mask,
          last4: number.reveal().slice(-4),
          cardKind: bin.kind === 'debit' ? 'debit' : 'credit',
          phoneMasked: reserved.mask,
          triesLeft: 0,
          codeExpiresAt: null,
          codeResendAt: null,
          codeTriesLeft: CODE_TRIES,
        },
        draft: { pan: number.reveal(), phone: reserved.reveal() },
        policyVersion: deps.policyVersion(),
        intent: 'bind_card',
        lane: laneOfBank(bin.bankCode),
        admit: async () => ({ triesLeft: await security.spendTry({ scope: 'bind_card', subject: person.id }) }),
      };
    },
    async preflight(input, actor) {
      const found: Failure[] = [];
      await collect(found, () => check(input, actor));
      return found;
    },
    run: {
      async requesting(operation, context) {
        const draft = openDraft(context);
        const identity = await openIdentity(database.kysely, deps.envelope, uuid(operation.data.personId));
        assert(identity, 'only a verified person binds a card');
        const answer = await rail.requestBinding({
          reference: reference(operation),
          bankCode: operation.data.bankCode,
          pan: draft.number,
          holder: identity.name,
          idNumber: identity.idNumber,
          reservedPhone: draft.reserved,
        });
        if (answer.outcome !== 'approved')
          return afterQuestion(operation, context, read(operation, answer, operation.data.triesLeft));
        return { to: 'code', event: 'bank_sent_code', data: codeTimes(answer.codeExpiresAt, clock.now()) };
      },
      async confirming(operation, context) {
        const code = context.draft?.['code'];
        assert(typeof code === 'string', 'the draft keeps the code until it is proven');
        const line = { reference: reference(operation), bankCode: operation.data.bankCode };
        const answer = await rail.confirmBinding({ ...line, code: otp(code) });
        if (answer.outcome === 'approved') return bound(deps, operation, openDraft(context).number, answer);
        // An answer that was lost is asked for: the card may be bound already.
        if (answer.outcome === 'unknown') {
          const asked = await rail.query(line);
          if (asked.outcome === 'approved' && asked.card)
            return bound(deps, operation, openDraft(context).number, asked.card);
        }
        const verdict = read(operation, answer, operation.data.codeTriesLeft - 1);
        // A code that was wrong or too old is entered again; with too many wrong ones the bank has ended it itself.
        const again =
          verdict.verdict === 'declined' && ['otp.bank_code_failed', 'otp.expired'].includes(verdict.failure.code);
        if (!again) return afterQuestion(operation, context, verdict);
        const left = Number(verdict.failure.params['left'] ?? operation.data.codeTriesLeft);
        return { to: 'code', event: 'bank_code_wrong', cause: verdict.failure, data: { codeTriesLeft: left } };
      },
    },
    submit: {
      code: async (_operation, input, _actor, context) => ({
        to: 'confirming',
        event: 'code_entered',
        draft: { ...context.draft, code: String(input['code'] ?? '') },
      }),
    },
    cancel: (operation) => (operation.state === 'needs_you' ? { to: 'cancelled', event: 'cancelled' } : undefined),
    resendCode: {
      async code(operation) {
        const resendAt = operation.data.codeResendAt ? parseInstant(operation.data.codeResendAt) : clock.now();
        if (clock.now() < resendAt) throw refusal('limit.too_fast', { params: { until: resendAt }, retryAt: resendAt });
        const answer = await rail.resendBindingCode({
          reference: reference(operation),
          bankCode: operation.data.bankCode,
        });
        if (answer.outcome === 'approved') {
          return { to: 'code', event: 'bank_sent_code', data: codeTimes(answer.codeExpiresAt, clock.now()) };
        }
        const verdict = read(operation, answer, operation.data.codeTriesLeft);
        throw verdict.verdict === 'declined'
          ? verdict.failure
          : refusalFrom('bank.unreachable', { bank: bankOf(operation) });
      },
    },
  };
}

const bankOf = (operation: OperationRecord<BindCardData>) => bankNameOf(operation.data.bankCode);

const codeTimes = (expiresAt: Date, now: Date) => ({
  codeExpiresAt: expiresAt.toISOString(),
  codeResendAt: addMs(now, RESEND_AFTER_MS).toISOString(),
});

function openDraft(context: RunContext) {
  const { pan: number, phone: reserved } = context.draft ?? {};
  assert(typeof number === 'string' && typeof reserved === 'string', 'the draft keeps number and phone');
  return { number: pan(number), reserved: phone(reserved) };
}

async function checkCounts(deps: BindCardDependencies, person: Person, number: Pan): Promise<void> {
  const digest = deps.digest('card.pan', number.reveal());
  const counted = await sql<{ mine: bigint; same: bigint; others: bigint }>`
    select count(*) filter (where person_id = ${person.id}) as mine,
      count(*) filter (where person_id = ${person.id} and pan_digest = ${digest}) as same,
      count(*) filter (where pan_digest = ${digest} and person_id <> ${person.id}) as others
    from card where removed_at is null and (person_id = ${person.id} or pan_digest = ${digest})`.execute(
    deps.database.kysely,
  );
  const row = counted.rows[0];
  assert(row, 'a count has a row');
  const last4 = number.reveal().slice(-4);
  if (row.same > 0n) throw refusal('card.already_bound', { params: { last4 } });
  if (row.mine >= BigInt(deps.cardsPerAccount))
    throw refusal('limit.cards_per_account', { params: { max: deps.cardsPerAccount } });
  if (row.others >= BigInt(deps.accountsPerCard))
    throw refusal('limit.accounts_per_card', { params: { max: deps.accountsPerCard } });
}

async function bound(
  deps: BindCardDependencies,
  operation: OperationRecord<BindCardData>,
  number: Pan,
  card: CardToken,
): Promise<Move<BindCardData>> {
  const id = deriveId(operation.key, 'card');
  const { personId, bankCode } = operation.data;
  const person = await loadPerson(deps.database.kysely, uuid(personId));
  const channels = new Set([...person.channels, `bank:${bankCode}`]);
  return {
    to: 'succeeded',
    event: 'bound',
    result: { cardId: id, accountClass: deps.classOf(channels.size) },
    within: (tx) => writeCard(deps, tx, operation, id, number, card),
  };
}

async function writeCard(
  deps: BindCardDependencies,
  tx: Transaction,
  operation: OperationRecord<BindCardData>,
  id: Uuid,
  number: Pan,
  card: CardToken,
): Promise<void> {
  const { personId, bankCode } = operation.data;
  const now = deps.clock.now();
  await sql`
    insert into card (id, person_id, bank_code, kind, pan_sealed, pan_digest, last4, token_sealed, bound_at)
    values (${id}, ${personId}, ${bankCode}, ${card.kind}, ${deps.envelope.seal(number.reveal(), `card.pan:${id}`)},
      ${deps.digest('card.pan', number.reveal())}, ${number.reveal().slice(-4)},
      ${deps.envelope.seal(card.cardToken, `card.token:${id}`)}, ${now})
    on conflict do nothing`.execute(tx);
  await addChannel(tx, uuid(personId), `bank:${bankCode}`, now);
}
