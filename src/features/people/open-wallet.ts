import { sql } from 'kysely';
import { addressGroup } from '../../kernel/address-group.ts';
import { assert } from '../../kernel/assert.ts';
import { minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import { collect, Failure } from '../../kernel/failure.ts';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import { deriveId, uuid, type Uuid } from '../../kernel/ids.ts';
import { otp, phone, pin, type Phone } from '../../kernel/masked.ts';
import type { Database } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Actor, Flow, JsonObject, RunContext } from '../../operations/flow.ts';
import { nextAccountNumber } from '../books/account-number.ts';
import { balanceAccount } from '../books/chart.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { findPersonByPhone } from './person.ts';
import { readPhone } from './phone-number.ts';

export type OpenWalletData = {
  phoneMasked: string;
  language: 'zh-CN' | 'en';
  codeExpiresAt: string;
  codeResendAt: string;
  codeTriesLeft: number;
  personId: string | null;
  isNew: boolean | null;
  [key: string]: string | number | boolean | null;
};

export type OpenWalletDependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  digest: Digest;
  envelope: Envelope;
  security: SecurityDoor;
  policyVersion: () => string;
};

const PURPOSE = 'sign_in' as const;
/** From where it was begun, kept with the number until it ends. */
const draftPlace = (context: RunContext): string => {
  const place = context.draft?.['place'];
  return typeof place === 'string' ? place : '';
};
const draftPhone = (context: RunContext): Phone => {
  const number = context.draft?.['phone'];
  assert(typeof number === 'string', 'the draft keeps the phone number');
  return phone(number);
};

/**
 * Opens a wallet with a phone number, or signs in when the number has one: a stranger sees no difference before the
 * code of that phone is proven. A wallet with a payment PIN asks for it on a new device.
 */
export function openWallet(deps: OpenWalletDependencies): Flow<OpenWalletData> {
  const { database, clock, security } = deps;

  async function sendCode(
    how: 'sendCode' | 'resendCode',
    key: Uuid,
    data: OpenWalletData,
    context: RunContext,
    place: string,
  ): Promise<Partial<OpenWalletData>> {
    const sent = await security[how]({
      operationKey: key,
      purpose: PURPOSE,
      phone: draftPhone(context),
      place,
      language: data.language,
    });
    return {
      codeExpiresAt: sent.expiresAt.toISOString(),
      codeResendAt: sent.resendAt.toISOString(),
      codeTriesLeft: sent.triesLeft,
    };
  }

  const begin = async (input: unknown, actor: Actor) => {
    const { phone: typed, language } = input as { phone: string; language: 'zh-CN' | 'en' };
    const number = readPhone(typed);
    const now = clock.now().toISOString();
    return {
      data: {
        phoneMasked: number.mask,
        language,
        codeExpiresAt: now,
        codeResendAt: now,
        codeTriesLeft: 0,
        personId: null,
        isNew: null,
      },
      draft: { phone: number.reveal(), place: addressGroup(actor.ip) },
      policyVersion: deps.policyVersion(),
      intent: 'open_wallet',
      lane: 'messages',
    };
  };

  return {
    kind: 'open_wallet',
    first: 'sending',
    steps: {
      sending: { state: 'working', withinMs: minuteMs, next: ['code', 'failed', 'cancelled'] },
      code: {
        state: 'needs_you',
        withinMs: 30 * minuteMs,
        next: ['opening', 'pin', 'succeeded', 'expired', 'cancelled'],
      },
      pin: { state: 'needs_you', withinMs: 15 * minuteMs, next: ['succeeded', 'expired', 'cancelled'] },
      opening: { state: 'working', withinMs: 5 * minuteMs, next: ['succeeded'] },
    },
    begin,
    preflight: async (input, actor) => {
      const found: Failure[] = [];
      await collect(found, () => begin(input, actor));
      return found;
    },
    run: {
      async sending(operation, context) {
        try {
          return {
            to: 'code',
            event: 'code_sent',
            data: await sendCode('sendCode', operation.key, operation.data, context, draftPlace(context)),
          };
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          // The operator being down is worth another try or two before the person is told.
          if (error.code === 'third_party.message_channel_down' && operation.attempts < 3 && !context.overdue) {
            return { to: 'sending', event: 'sms_not_taken', runAgainInMs: secondMs };
          }
          return { to: 'failed', event: 'code_not_sent', cause: error };
        }
      },
      async opening(operation, context) {
        const personId = deriveId(operation.key, 'person');
        const number = draftPhone(context);
        // Found again when the process died after the row was written, or when two devices open at once.
        const before = await findPersonByPhone(database.kysely, deps.digest, number);
        const account = before?.balanceAccount ?? (await nextAccountNumber(database.kysely));
        // The account first: a person without one could be paid by nobody, and never be stopped in the books.
        await deps.ledger.createAccounts([balanceAccount(account)]);
        const owner = before?.id ?? (await writePerson(deps, personId, number, account, operation.data.language));
        return {
          to: 'succeeded',
          event: 'opened',
          data: { personId: owner },
          result: { isNew: owner === personId },
        };
      },
    },
    submit: {
      async code(operation, input, actor, context) {
        const number = draftPhone(context);
        const within = await security.checkCode({
          operationKey: operation.key,
          purpose: PURPOSE,
          phone: number,
          place: addressGroup(actor.ip),
          code: otp(String(input['code'] ?? '')),
        });
        const known = await findPersonByPhone(database.kysely, deps.digest, number);
        if (!known) return { to: 'opening', event: 'code_right', data: { isNew: true }, within };
        const data = { isNew: false, personId: known.id };
        const { set } = await security.pinState({ personId: known.id });
        return set
          ? { to: 'pin', event: 'code_right', data, within }
          : { to: 'succeeded', event: 'signed_in', data, result: { isNew: false }, within };
      },
      async pin(operation, input) {
        assert(operation.data.personId, 'known since the code was right');
        await security.checkPin({ personId: uuid(operation.data.personId), pin: pin(String(input['pin'] ?? '')) });
        return { to: 'succeeded', event: 'signed_in', result: { isNew: false } };
      },
    },
    cancel: (operation) => (operation.state === 'needs_you' ? { to: 'cancelled', event: 'cancelled' } : undefined),
    resendCode: {
      code: async (operation, actor, context) => ({
        to: 'code',
        event: 'code_sent',
        data: await sendCode('resendCode', operation.key, operation.data, context, addressGroup(actor.ip)),
      }),
    },
  };
}

/** Resolves to whom the number belongs: somebody else where two opened a wallet with it at once. */
async function writePerson(
  deps: OpenWalletDependencies,
  id: Uuid,
  number: Phone,
  account: bigint,
  language: string,
): Promise<Uuid> {
  const { database, digest, envelope, clock } = deps;
  await sql`
    insert into person (id, phone_sealed, phone_digest, phone_masked, language, balance_account, created_at)
    values (${id}, ${envelope.seal(number.reveal(), `person.phone:${id}`)}, ${digest('person.phone', number.reveal())},
      ${number.mask}, ${language}, ${account}, ${clock.now()})
    on conflict do nothing`.execute(database.kysely);
  const written = await findPersonByPhone(database.kysely, digest, number);
  assert(written, 'the person was just written');
  return written.id;
}

export type OpenWalletResult = JsonObject & { isNew: boolean };
