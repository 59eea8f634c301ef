import { refusal, refusalFrom } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import type { Clock } from '../../kernel/clock.ts';
import { deriveId, type Uuid } from '../../kernel/ids.ts';
import type { Pin } from '../../kernel/masked.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { BY_ONESELF } from './account-stops.ts';
import { endOtherSessions } from '../sessions/end-session.ts';
import { accountObstacle, loadPerson } from './person.ts';
import { isNamedSo } from './prove-identity.ts';
import { readIdentityEntry } from './read-identity-entry.ts';
import { changeAccount, mayStop } from './change-account.ts';
import { recordMessage } from './tell-person.ts';

export type FreezeDependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  digest: Digest;
  envelope: Envelope;
  security: SecurityDoor;
};

/**
 * Freezes one's own account at once: nothing leaves it and nobody sends to it any more. Asked again it stays frozen.
 * An account that was stopped for another reason keeps that one, and stays frozen by its owner when it is lifted. Every
 * time all other sessions end: whoever has a lost phone in hand is out of it, and comes in again only with the PIN too.
 */
export async function freezeOwn(
  deps: FreezeDependencies,
  { personId, sessionId }: { personId: Uuid; sessionId: Uuid },
): Promise<void> {
  const stop = { state: 'frozen', cause: BY_ONESELF, reviewAt: null } as const;
  const at = deps.clock.now();
  await changeAccount(deps, personId, {
    ...{ stop, by: 'owner' },
    when: (now) => mayStop(now, stop),
    async also(tx, { before, after }) {
      await endOtherSessions(tx, { personId, keepSessionId: sessionId, at, reason: 'account_frozen' });
      const own = after.stops.find(({ cause }) => cause === BY_ONESELF);
      if (!own || before.stops.some(({ id }) => id === own.id)) return;
      const id = deriveId(own.id, 'told');
      await recordMessage(tx, { id, personId, template: 'account_frozen_by_you', now: at });
    },
  });
}

/**
 * Lifts the freeze that one set oneself, after name, ID number and payment PIN. Throws what reading them throws,
 * `identity.name_id_mismatch` with the tries left, `limit.tries`, the causes of a wrong PIN, and the account's own
 * cause when somebody else stopped it, also when that happens in this very moment.
 */
export async function unfreezeOwn(
  deps: FreezeDependencies,
  personId: Uuid,
  proof: { name: string; idNumber: string; pin: Pin },
): Promise<void> {
  const db = deps.database.kysely;
  const person = await loadPerson(db, personId);
  if (person.accountState === 'normal') return;
  if (person.accountCause !== BY_ONESELF) throw stopOf(person);
  const entry = readIdentityEntry(proof);
  const left = await deps.security.spendTry({ scope: 'prove_identity', subject: personId });
  if (!(await isNamedSo(deps, personId, entry))) {
    throw refusalFrom('identity.name_id_mismatch', left > 0 ? { left } : {}, { field: 'id_number' });
  }
  await deps.security.checkPin({ personId, pin: proof.pin });
  // Only what one did oneself: an account that is closed in this very moment stays closed.
  const lifted = await changeAccount(deps, personId, {
    by: 'owner',
    lift: ({ cause }) => cause === BY_ONESELF,
    when: ({ cause }) => cause === BY_ONESELF,
    async also(tx, { before }) {
      const own = before.stops.find(({ cause }) => cause === BY_ONESELF);
      if (!own) return;
      const told = { id: deriveId(own.id, 'lifted'), personId, now: deps.clock.now() };
      await recordMessage(tx, { ...told, template: 'account_lifted_by_you' });
    },
  });
  if (lifted) return;
  const now = await loadPerson(db, personId);
  if (now.accountState !== 'normal') throw stopOf(now);
}

const stopOf = (person: Parameters<typeof accountObstacle>[0]) =>
  accountObstacle(person) ?? refusal('operation.not_found');
