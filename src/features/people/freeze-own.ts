import { sql } from 'kysely';
import { refusal, refusalFrom } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Pin } from '../../kernel/masked.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { accountId } from '../books/chart.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { accountObstacle, loadPerson } from './person.ts';
import { isNamedSo } from './prove-identity.ts';
import { readIdentityEntry } from './read-identity-entry.ts';

export type FreezeDependencies = {
  database: Database;
  ledger: Ledger;
  digest: Digest;
  envelope: Envelope;
  security: SecurityDoor;
};

const BY_ONESELF = 'account.frozen_by_you';

/**
 * Freezes one's own account at once: nothing leaves it and nobody sends to it any more. Asked again it stays frozen.
 * An account that was stopped for another reason keeps that one. First the person's row, which stops what would begin,
 * then the ledger, which stops what is on its way.
 */
export async function freezeOwn(deps: FreezeDependencies, personId: Uuid): Promise<void> {
  const db = deps.database.kysely;
  for (let frozen = false; !frozen; ) {
    await sql`
      update person set account_state = 'frozen', account_cause = ${BY_ONESELF}, account_review_at = null
      where id = ${personId} and account_state = 'normal'`.execute(db);
    const person = await loadPerson(db, personId);
    if (person.accountCause !== BY_ONESELF) return;
    await deps.ledger.setAccountState(accountId(person.balanceAccount), { frozen: true });
    // Lifted on another device in this very moment: the stop wins, and both say so.
    frozen = (await loadPerson(db, personId)).accountState !== 'normal';
  }
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
  const { database, ledger } = deps;
  const person = await loadPerson(database.kysely, personId);
  if (person.accountState === 'normal') return;
  if (person.accountCause !== BY_ONESELF) throw stopOf(await loadPerson(database.kysely, personId));
  const entry = readIdentityEntry(proof);
  const left = await deps.security.spendTry({ scope: 'prove_identity', subject: personId });
  if (!(await isNamedSo(deps, personId, entry))) {
    throw refusalFrom('identity.name_id_mismatch', left > 0 ? { left } : {}, { field: 'id_number' });
  }
  await deps.security.checkPin({ personId, pin: proof.pin });
  const account = accountId(person.balanceAccount);
  // Only what one did oneself: an account that is closed in this very moment stays closed.
  await ledger.setAccountState(account, { frozen: false });
  const { rows } = await sql`
    update person set account_state = 'normal', account_cause = null, account_review_at = null
    where id = ${personId} and (account_cause = ${BY_ONESELF} or account_state = 'normal') returning id`.execute(
    database.kysely,
  );
  if (rows.length > 0) return;
  await ledger.setAccountState(account, { frozen: true });
  throw stopOf(await loadPerson(database.kysely, personId));
}

const stopOf = (person: Parameters<typeof accountObstacle>[0]) =>
  accountObstacle(person) ?? refusal('operation.not_found');
