import { addMs, minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import { collect, Failure } from '../../kernel/failure.ts';
import { deriveId, uuid, type Uuid } from '../../kernel/ids.ts';
import { otp, pin } from '../../kernel/masked.ts';
import { refusal, refusalFrom } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { Actor, Flow } from '../../operations/flow.ts';
import { pausePayments } from '../people/pause-payments.ts';
import { loadPerson, openPhone } from '../people/person.ts';
import { isNamedSo } from '../people/prove-identity.ts';
import { readIdentityEntry } from '../people/read-identity-entry.ts';
import { recordMessage } from '../people/tell-person.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { openDraft } from './open-draft.ts';

export type ResetPinData = {
  personId: string;
  phoneMasked: string;
  language: 'zh-CN' | 'en';
  triesLeft: number;
  codeExpiresAt: string;
  codeResendAt: string;
  codeTriesLeft: number;
  /** When the PIN was set that is to be replaced: the proof counts for that one only. Older resets do not have it. */
  pinSetAt?: string;
  [key: string]: string | number;
};

export type ResetPinDependencies = {
  database: Database;
  clock: Clock;
  digest: Digest;
  envelope: Envelope;
  security: SecurityDoor;
  policyVersion: () => string;
  /** How long only small sums leave the balance afterwards. */
  pauseMs: number;
  /** Whoever is signing in on this visit, with the code of their phone proven, and is asked for the PIN now. */
  signingIn: (visitorId: Uuid) => Promise<Uuid | undefined>;
};

const PURPOSE = 'reset_pin' as const;

/**
 * A new payment PIN for whoever forgot theirs or has locked it: name and ID number as they are registered, then the
 * code sent to the phone, then the new PIN. It opens the lock, signs the other devices out, and for a day only small
 * sums leave the balance; the owner is told by text message, so that they have time to stop one that was not theirs. Works in a session, and
 * while signing in at the question for the PIN.
 */
export function resetPin(deps: ResetPinDependencies): Flow<ResetPinData> {
  const { database, clock, security } = deps;

  async function check(input: unknown, actor: Actor) {
    const personId = actor.personId ?? (await deps.signingIn(actor.visitorId));
    if (!personId) throw refusal('security.session_expired');
    const person = await loadPerson(database.kysely, personId);
    if (!person.isVerified) throw refusal('identity.verification_required');
    const { changedAt } = await security.pinState({ personId });
    if (!changedAt) throw refusal('security.pin_not_set');
    return { person, pinSetAt: changedAt.toISOString(), ...readIdentityEntry(input) };
  }

  const sendCode = async (
    how: 'sendCode' | 'resendCode',
    key: Uuid,
    data: ResetPinData,
  ): Promise<Partial<ResetPinData>> => {
    const phone = await openPhone(database.kysely, deps.envelope, uuid(data.personId));
    const sent = await security[how]({
      ...{ operationKey: key, purpose: PURPOSE, phone, language: data.language },
      place: null,
    });
    return {
      codeExpiresAt: sent.expiresAt.toISOString(),
      codeResendAt: sent.resendAt.toISOString(),
      codeTriesLeft: sent.triesLeft,
    };
  };

  return {
    kind: 'reset_pin',
    first: 'checking',
    steps: {
      checking: { state: 'working', withinMs: minuteMs, next: ['sending', 'failed'] },
      sending: { state: 'working', withinMs: minuteMs, next: ['code', 'failed'] },
      code: { state: 'needs_you', withinMs: 30 * minuteMs, next: ['pin', 'expired', 'cancelled'] },
      pin: { state: 'needs_you', withinMs: 10 * minuteMs, next: ['succeeded', 'failed', 'expired', 'cancelled'] },
    },
    async begin(input, actor) {
      const { person, pinSetAt, name, idNumber: number } = await check(input, actor);
      const now = clock.now().toISOString();
      return {
        data: {
          personId: person.id,
          phoneMasked: person.phoneMasked,
          language: actor.language,
          triesLeft: 0,
          codeExpiresAt: now,
          codeResendAt: now,
          codeTriesLeft: 0,
          pinSetAt,
        },
        draft: { name: name.reveal(), idNumber: number.reveal() },
        policyVersion: deps.policyVersion(),
        intent: 'reset_pin',
        lane: 'messages',
        admit: async () => ({ triesLeft: await security.spendTry({ scope: 'prove_identity', subject: person.id }) }),
      };
    },
    async preflight(input, actor) {
      const found: Failure[] = [];
      await collect(found, () => check(input, actor));
      return found;
    },
    run: {
      async checking(operation, context) {
        const { personId, triesLeft: left } = operation.data;
        if (await isNamedSo(deps, uuid(personId), openDraft(context)))
          return { to: 'sending', event: 'identity_agrees' };
        // With none left the words leave the count out.
        const cause = refusalFrom('identity.name_id_mismatch', left > 0 ? { left } : {});
        return { to: 'failed', event: 'refused', cause };
      },
      async sending(operation, context) {
        try {
          const data = await sendCode('sendCode', operation.key, operation.data);
          return { to: 'code', event: 'code_sent', data, draft: null };
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          // The operator being down is worth another try or two before the person is told.
          if (error.code === 'third_party.message_channel_down' && operation.attempts < 3 && !context.overdue) {
            return { to: 'sending', event: 'sms_not_taken', runAgainInMs: secondMs };
          }
          return { to: 'failed', event: 'code_not_sent', cause: error };
        }
      },
    },
    submit: {
      async code(operation, input) {
        const within = await security.checkCode({
          operationKey: operation.key,
          purpose: PURPOSE,
          phone: await openPhone(database.kysely, deps.envelope, uuid(operation.data.personId)),
          place: null,
          code: otp(String(input['code'] ?? '')),
        });
        return { to: 'pin', event: 'code_right', within };
      },
      async pin(operation, input, actor) {
        const personId = uuid(operation.data.personId);
        // Begun in an older version, which did not keep it: nobody can say whether it is the same PIN still.
        if (operation.data.pinSetAt === undefined) {
          return { to: 'expired', event: 'expired', cause: refusal('operation.expired') };
        }
        const { changedAt } = await security.pinState({ personId });
        if (changedAt?.toISOString() !== operation.data.pinSetAt) {
          return { to: 'failed', event: 'refused', cause: refusal('security.pin_changed_meanwhile') };
        }
        const replace = await security.replacePin({
          personId,
          // A visit is no session of the person: all of those end.
          keepSessionId: actor.personId === null ? null : actor.sessionId,
          pin: pin(String(input['pin'] ?? '')),
          since: changedAt,
        });
        const now = clock.now();
        const until = addMs(now, deps.pauseMs);
        return {
          to: 'succeeded',
          event: 'pin_reset',
          result: { pausedUntil: until.toISOString() },
          within: async (tx) => {
            await replace(tx);
            await pausePayments(tx, personId, { from: now, until });
            await recordMessage(tx, { id: deriveId(operation.key, 'told'), personId, template: 'pin_was_reset', now });
          },
        };
      },
    },
    cancel: (operation) => (operation.state === 'needs_you' ? { to: 'cancelled', event: 'cancelled' } : undefined),
    resendCode: {
      code: async (operation) => ({
        to: 'code',
        event: 'code_sent',
        data: await sendCode('resendCode', operation.key, operation.data),
      }),
    },
  };
}
