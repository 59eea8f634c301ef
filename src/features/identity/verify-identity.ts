import { minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import { collect, type Failure } from '../../kernel/failure.ts';
import { ageOn } from '../../kernel/id-number.ts';
import { toPublicId, uuid } from '../../kernel/ids.ts';
import { refusal, refusalFrom } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { IdentityRegistry } from '../../ports/identity-registry.ts';
import type { Actor, Flow } from '../../operations/flow.ts';
import { accountObstacle, loadPerson, openPhone } from '../people/person.ts';
import { readIdentityEntry } from '../people/read-identity-entry.ts';
import { isIdentityOf, isIdentityTaken, recordIdentity } from '../people/record-identity.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { openDraft } from './open-draft.ts';

export type VerifyIdentityData = {
  personId: string;
  nameMasked: string;
  idNumberMasked: string;
  triesLeft: number;
  [key: string]: string | number;
};

export type VerifyIdentityDependencies = {
  database: Database;
  clock: Clock;
  digest: Digest;
  envelope: Envelope;
  registry: IdentityRegistry;
  security: SecurityDoor;
  /** The class that this many confirmed channels give. */
  classOf: (channels: number) => number;
  minimumAge: number;
  policyVersion: () => string;
};

const citizenChannel = 'citizen_registry';
const phoneChannel = 'phone_operator';

/** Proves who a person is by name and ID number, asking the registers outside. One identity has one wallet. */
export function verifyIdentity(deps: VerifyIdentityDependencies): Flow<VerifyIdentityData> {
  const { database, clock, registry } = deps;

  async function check(input: unknown, actor: Actor) {
    const person = await loadPerson(database.kysely, actor.personId);
    const obstacle = accountObstacle(person);
    if (obstacle) throw obstacle;
    const { name, idNumber: id } = readIdentityEntry(input);
    if (ageOn(id.reveal(), clock.now()) < deps.minimumAge) {
      throw refusal('policy.underage', { params: { age: deps.minimumAge } });
    }
    // The same identity may be proven again, by which a channel that was silent is heard; another one never replaces it.
    if (person.isVerified && !(await isIdentityOf(deps, person.id, id))) {
      throw refusal('identity.document_mismatch', { field: 'id_number' });
    }
    return { person, name, id };
  }

  return {
    kind: 'verify_identity',
    first: 'checking',
    steps: {
      checking: { state: 'working', withinMs: minuteMs, next: ['confirming', 'failed'] },
      confirming: { state: 'working', withinMs: minuteMs, next: ['succeeded', 'failed'] },
    },
    async begin(input, actor) {
      const { person, name, id } = await check(input, actor);
      return {
        data: { personId: person.id, nameMasked: name.mask, idNumberMasked: id.mask, triesLeft: 0 },
        draft: { name: name.reveal(), idNumber: id.reveal() },
        policyVersion: deps.policyVersion(),
        intent: 'verify_identity',
        lane: 'registers',
        admit: async () => ({
          triesLeft: await deps.security.spendTry({ scope: 'verify_identity', subject: person.id }),
        }),
      };
    },
    async preflight(input, actor) {
      const found: Failure[] = [];
      await collect(found, () => check(input, actor));
      return found;
    },
    run: {
      /** The citizens' register. Asking again has no effect outside, so no answer is simply asked for again. */
      async checking(operation, context) {
        const { name, idNumber: id } = openDraft(context);
        const answer = await registry.verifyCitizen({ reference: toPublicId('vi', operation.key), name, idNumber: id });
        switch (answer.outcome) {
          case 'match':
            return { to: 'confirming', event: 'register_agrees' };
          case 'mismatch': {
            // With none left the words leave the count out.
            const { triesLeft: left } = operation.data;
            return failed(refusalFrom('identity.name_id_mismatch', left > 0 ? { left } : {}));
          }
          case 'not_found':
            return failed(refusal('identity.record_not_found'));
          case 'unavailable':
            return context.overdue || operation.attempts > 4
              ? failed(
                  refusalFrom('third_party.service_unavailable', {
                    service: { 'zh-CN': '公民身份库', en: 'the citizens’ register' },
                  }),
                )
              : { to: 'checking', event: 'register_silent', runAgainInMs: operation.attempts * secondMs };
        }
      },
      /** The phone's operator as a second channel; its silence does not stand in the way. */
      async confirming(operation, context) {
        const { name, idNumber: id } = openDraft(context);
        const personId = uuid(operation.data.personId);
        const number = await openPhone(database.kysely, deps.envelope, personId);
        const answer = await registry.verifyPhoneOwner({
          reference: toPublicId('vp', operation.key),
          phone: number,
          name,
          idNumber: id,
        });
        const channels = answer.outcome === 'match' ? [citizenChannel, phoneChannel] : [citizenChannel];
        if (await isIdentityTaken(deps, personId, id)) return failed(refusal('account.already_open'));
        return {
          to: 'succeeded',
          event: 'verified',
          result: { accountClass: deps.classOf(channels.length) },
          within: (tx) => recordIdentity(deps, tx, { personId, name, idNumber: id, channels, at: clock.now() }),
          ifRefused: failed,
        };
      },
    },
  };
}

const failed = (failure: Failure) => ({ to: 'failed', event: 'refused', cause: failure }) as const;
