import { verify } from '@node-rs/argon2';
import { sql } from 'kysely';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Pin } from '../../kernel/masked.ts';
import { createTurns } from '../../kernel/turns.ts';
import { pinAttempts, pinMaterial } from './pin-rules.ts';
import { clearAttempts, peekAttempts, spendAttempt } from './spend-attempt.ts';

/** Of one person one after the other: a right one frees what it spent before the next is counted. */
const inTurn = createTurns<Uuid>(1);

export type PinDeps = { database: Database; clock: Clock; digest: Digest };

/**
 * Returns when it is the person's payment PIN. Throws `security.pin_not_set`, `security.pin_wrong` with the tries
 * left, and `security.pin_locked` with the end of the lock: five wrong ones in a day close it for three hours. A try
 * is spent before the PIN is looked at, so that guesses at the same time do not get round the count.
 */
export const checkPin = (deps: PinDeps, request: { personId: Uuid; pin: Pin }): Promise<void> =>
  inTurn(request.personId, () => check(deps, request));

async function check(deps: PinDeps, request: { personId: Uuid; pin: Pin }): Promise<void> {
  const { rows } = await sql<{ pin_hash: string }>`
    select pin_hash from payment_pin where person_id = ${request.personId}`.execute(deps.database.kysely);
  const pinHash = rows[0]?.pin_hash;
  if (pinHash === undefined) throw refusal('security.pin_not_set');

  const rule = pinAttempts(request.personId);
  const spent = await spendAttempt(deps, rule);
  if (spent.outcome === 'locked') throw refusal('security.pin_locked', { params: { until: spent.until } });
  if (!(await verify(pinHash, pinMaterial(deps.digest, request.personId, request.pin)))) {
    throw spent.lockedUntil === null
      ? refusal('security.pin_wrong', { params: { left: spent.left } })
      : refusal('security.pin_locked', { params: { until: spent.lockedUntil } });
  }
  await clearAttempts(deps, rule);
}

/** Whether a payment PIN is set and since when, how many tries are left, and until when it is locked. */
export async function pinState(
  deps: PinDeps,
  request: { personId: Uuid },
): Promise<{ set: boolean; changedAt: Date | null; triesLeft: number; lockedUntil: Date | null }> {
  const { rows } = await sql<{ changed_at: Date }>`
    select changed_at from payment_pin where person_id = ${request.personId}`.execute(deps.database.kysely);
  const { left, lockedUntil } = await peekAttempts(deps, pinAttempts(request.personId));
  return { set: rows.length > 0, changedAt: rows[0]?.changed_at ?? null, triesLeft: left, lockedUntil };
}
