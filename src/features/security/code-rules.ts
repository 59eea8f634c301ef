import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/database.ts';
import { minuteMs } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Otp, Phone } from '../../kernel/masked.ts';
import type { AttemptRule } from './spend-attempt.ts';

export type CodePurpose = 'sign_in' | 'reset_pin';
export type CodeFor = { operationKey: Uuid; purpose: CodePurpose; phone: Phone };

/** Wrong codes count for phone and purpose, whatever the operation and however many codes are sent: five, then half an hour. */
export const codeAttempts = (purpose: CodePurpose, phone: Phone): AttemptRule => ({
  scope: `code_${purpose}`,
  subject: phone.reveal(),
  limit: 5,
  windowMs: 30 * minuteMs,
  lockMs: 30 * minuteMs,
});

export const phoneDigest = (digest: Digest, phone: Phone): Buffer => digest('code phone', phone.reveal());

/** What is kept of a code: only good for the operation, purpose and phone that it was sent for. */
export const codeDigest = (digest: Digest, { operationKey, purpose, phone }: CodeFor, code: Otp): Buffer =>
  digest(`code ${purpose}`, `${operationKey} ${phone.reveal()} ${code.reveal()}`);

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
  { operationKey, purpose }: Omit<CodeFor, 'phone'>,
): Promise<NewestCode | undefined> {
  const { rows } = await sql<NewestCode>`
    select id, code_digest, phone_digest, delivery, sent_at, expires_at, used_at from one_time_code
    where operation_key = ${operationKey} and purpose = ${purpose}
    order by send_number desc limit 1`.execute(db);
  return rows[0];
}
