import { hash } from '@node-rs/argon2';
import { sql } from 'kysely';
import { refusal } from '../../causes/refusal.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Pin } from '../../kernel/masked.ts';
import { endOtherSessions } from '../sessions/end-session.ts';
import { checkPin } from './check-pin.ts';
import { pinCost, pinMaterial, refuseBadPin } from './pin-rules.ts';

export type SetPinDeps = { database: Database; clock: Clock; digest: Digest };

/**
 * Sets the payment PIN, or changes it, which takes the present one, counts as an attempt at it, and ends the person's
 * other sessions. Throws `input.format_invalid`, `input.secret_weak`, and for a change `security.pin_required`,
 * `security.pin_wrong`, `security.pin_locked`. A first setting asked again after a lost answer succeeds again.
 */
export async function setPin(
  deps: SetPinDeps,
  request: { personId: Uuid; sessionId: Uuid; pin: Pin; currentPin?: Pin | undefined },
): Promise<void> {
  const { personId, sessionId, pin, currentPin } = request;
  refuseBadPin(pin);

  const before = await sql<{ pin_hash: string }>`
    select pin_hash from payment_pin where person_id = ${personId}`.execute(deps.database.kysely);
  const formerHash = before.rows[0]?.pin_hash;
  if (formerHash !== undefined) {
    if (currentPin === undefined) return repeatSetting(deps, personId, pin);
    await checkPin(deps, { personId, pin: currentPin });
  }
  const pinHash = await hash(pinMaterial(deps.digest, personId, pin), pinCost);
  await deps.database.transaction((tx) => writePin(tx, deps, { personId, sessionId, pinHash, formerHash }));
}

/** A first setting whose answer was lost is asked again: fine when it is the same PIN, which counts as a try at it. */
async function repeatSetting(deps: SetPinDeps, personId: Uuid, pin: Pin): Promise<void> {
  try {
    await checkPin(deps, { personId, pin });
  } catch (error) {
    if (error instanceof Failure && error.code === 'security.pin_wrong') {
      throw refusal('security.pin_required', { cause: error });
    }
    throw error;
  }
}

/** Only in place of the hash that was checked: of two devices that set one at the same time, the second is told to ask. */
async function writePin(
  tx: Transaction,
  deps: SetPinDeps,
  change: { personId: Uuid; sessionId: Uuid; pinHash: string; formerHash: string | undefined },
): Promise<void> {
  const { personId, sessionId, pinHash, formerHash } = change;
  const now = deps.clock.now();
  const written =
    formerHash === undefined
      ? await sql`
          insert into payment_pin (person_id, pin_hash, set_at, changed_at)
          values (${personId}, ${pinHash}, ${now}, ${now}) on conflict do nothing returning person_id`.execute(tx)
      : await sql`
          update payment_pin set pin_hash = ${pinHash}, changed_at = ${now}
          where person_id = ${personId} and pin_hash = ${formerHash} returning person_id`.execute(tx);
  if (written.rows.length === 0) throw refusal('security.pin_required');
  if (formerHash !== undefined) await endOtherSessions(tx, { personId, keepSessionId: sessionId, at: now });
}
