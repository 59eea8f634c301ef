import { hash } from '@node-rs/argon2';
import { sql } from 'kysely';
import { refusal } from '../../causes/refusal.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Pin } from '../../kernel/masked.ts';
import type { Transaction } from '../../database/database.ts';
import { endOtherSessions } from '../sessions/end-session.ts';
import { pinAttempts, pinCost, pinMaterial, refuseBadPin } from './pin-rules.ts';
import type { SetPinDeps } from './set-pin.ts';
import { clearAttemptsWithin } from './spend-attempt.ts';

/**
 * Puts a new payment PIN in the place of one that was forgotten or locked, for whoever has proven by other means who
 * they are. What it returns writes it, opens the lock and ends the person's other sessions, all within the move that
 * the proof allows. Throws `input.format_invalid` and `input.secret_weak`, and, writing, `security.pin_changed_meanwhile`
 * when it is not the PIN of `since` any more.
 */
export async function replacePin(
  deps: SetPinDeps,
  request: { personId: Uuid; keepSessionId: Uuid | null; pin: Pin; since: Date },
): Promise<(tx: Transaction) => Promise<void>> {
  const { personId, keepSessionId, pin, since } = request;
  refuseBadPin(pin);
  const pinHash = await hash(pinMaterial(deps.digest, personId, pin), pinCost);
  return async (tx) => {
    const at = deps.clock.now();
    const { rows } = await sql`
      update payment_pin set pin_hash = ${pinHash}, changed_at = ${at} where person_id = ${personId} and changed_at = ${since}
      returning person_id`.execute(tx);
    if (rows.length === 0) throw refusal('security.pin_changed_meanwhile');
    await clearAttemptsWithin(tx, deps, pinAttempts(personId));
    await endOtherSessions(tx, { personId, keepSessionId, at });
  };
}
