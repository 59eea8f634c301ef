import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/database.ts';
import { dayMs, minuteMs } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Otp, Phone } from '../../kernel/masked.ts';
import type { AttemptRule } from './spend-attempt.ts';

export type CodePurpose = 'sign_in' | 'reset_pin';
/**
 * Whom a code is for. `place`: the address group of whoever asks or enters, `null` when they have proven already that
 * they are the owner. See docs/decisions/0007.
 */
export type CodeFor = { operationKey: Uuid; purpose: CodePurpose; phone: Phone; place: string | null };

/** Wrong codes: five for one operation and from one place, then half an hour, however many codes are sent. */
const NEAR = { limit: 5, windowMs: 30 * minuteMs, lockMs: 30 * minuteMs };
/** And thirty a day of all strange places together, and of all known ones, so that a day's guesses find one in 16,000 codes. */
const DAY = { limit: 30, windowMs: dayMs, lockMs: dayMs };

/** What a try at a code counts against, the nearest first. */
export function codeAttempts({ operationKey, purpose, phone, place }: CodeFor, isKnown: boolean): AttemptRule[] {
  const number = phone.reveal();
  return [
    { scope: `code_${purpose}_operation`, subject: operationKey, ...NEAR },
    { scope: `code_${purpose}`, subject: `${number} ${place ?? 'owner'}`, ...NEAR },
    { scope: `code_${purpose}_${isKnown ? 'known' : 'strange'}`, subject: number, ...DAY },
  ];
}

/** Whether a right code of this phone was entered from this place before. */
export async function isPlaceKnown(
  db: Database['kysely'] | Transaction,
  digest: Digest,
  { phone, place }: Pick<CodeFor, 'phone' | 'place'>,
): Promise<boolean> {
  if (place === null) return true;
  const { rows } = await sql`
    select 1 from code_place
    where phone_digest = ${phoneDigest(digest, phone)} and place_digest = ${placeDigest(digest, place)}`.execute(db);
  return rows.length > 0;
}

/** Remembers a place, within the change that a right code allows. */
export async function rememberPlace(
  tx: Transaction,
  digest: Digest,
  { phone, place }: Pick<CodeFor, 'phone' | 'place'>,
  now: Date,
): Promise<void> {
  if (place === null) return;
  await sql`
    insert into code_place (phone_digest, place_digest, last_right_at)
    values (${phoneDigest(digest, phone)}, ${placeDigest(digest, place)}, ${now})
    on conflict (phone_digest, place_digest) do update set last_right_at = excluded.last_right_at`.execute(tx);
}

const placeDigest = (digest: Digest, place: string): Buffer => digest('code place', place);
export const phoneDigest = (digest: Digest, phone: Phone): Buffer => digest('code phone', phone.reveal());

/** What is kept of a code: only good for the operation, purpose and phone that it was sent for. */
export const codeDigest = (
  digest: Digest,
  { operationKey, purpose, phone }: Omit<CodeFor, 'place'>,
  code: Otp,
): Buffer => digest(`code ${purpose}`, `${operationKey} ${phone.reveal()} ${code.reveal()}`);

export type NewestCode = {
  id: string;
  code_digest: Buffer;
  phone_digest: Buffer;
  delivery: string;
  sent_at: Date;
  expires_at: Date;
  used_at: Date | null;
};

/** The last code made for an operation and purpose; the ones before it no longer count. */
export async function readNewestCode(
  db: Database['kysely'] | Transaction,
  { operationKey, purpose }: Pick<CodeFor, 'operationKey' | 'purpose'>,
): Promise<NewestCode | undefined> {
  const { rows } = await sql<NewestCode>`
    select id, code_digest, phone_digest, delivery, sent_at, expires_at, used_at from one_time_code
    where operation_key = ${operationKey} and purpose = ${purpose}
    order by send_number desc limit 1`.execute(db);
  return rows[0];
}
