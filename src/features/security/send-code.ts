import { sql } from 'kysely';
import { refusal } from '../../causes/refusal.ts';
import type { Database, Transaction } from '../../database/database.ts';
import { addMs, hourMs, minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import { deriveId, type Uuid } from '../../kernel/ids.ts';
import { otp, type Otp } from '../../kernel/masked.ts';
import type { Random } from '../../kernel/random.ts';
import type { SmsMessage, SmsSender } from '../../ports/sms-sender.ts';
import { codeAttempts, codeDigest, isPlaceKnown, phoneDigest, readNewestCode, type CodeFor } from './code-rules.ts';
import { peekAll } from './spend-attempt.ts';

export type CodeDeps = { database: Database; clock: Clock; random: Random; digest: Digest; sms: SmsSender };
export type CodeRequest = CodeFor & { language: 'zh-CN' | 'en' };
export type CodeState = { expiresAt: Date; resendAt: Date; triesLeft: number };

const CODE_LIFE_MS = 5 * minuteMs;
const RESEND_AFTER_MS = 60 * secondMs;
const SENDS_PER_HOUR = 5;

/**
 * Sends a code, which replaces the one before, and says until when it holds. Within a minute of the last one nothing
 * is sent and that one goes on holding, so this may be repeated after a crash. Six digits, five minutes, good for
 * this operation, purpose and phone alone. Throws `otp.locked`, `limit.too_fast` (five an hour for the operation, and for
 * the phone five at the wish of strange places and five of known ones), `contact.undeliverable`, `third_party.message_channel_down`.
 */
export async function sendCode(deps: CodeDeps, request: CodeRequest): Promise<CodeState> {
  const newest = await readNewestCode(deps.database.kysely, request);
  const isFresh = newest?.used_at === null && resendAtOf(newest) > deps.clock.now();
  return isFresh ? stateOf(deps, request, newest) : sendNewCode(deps, request);
}

/** The same on a person's wish for another one: within a minute of the last it is refused with `limit.too_fast`. */
export async function resendCode(deps: CodeDeps, request: CodeRequest): Promise<CodeState> {
  const newest = await readNewestCode(deps.database.kysely, request);
  const until = newest?.used_at === null ? resendAtOf(newest) : undefined;
  if (until && until > deps.clock.now()) throw refusal('limit.too_fast', { params: { until }, retryAt: until });
  return sendNewCode(deps, request);
}

/** What is known about the newest code of this operation; undefined when none was sent. */
export async function codeState(
  deps: Pick<CodeDeps, 'database' | 'clock' | 'digest'>,
  request: Omit<CodeRequest, 'language'>,
): Promise<CodeState | undefined> {
  const newest = await readNewestCode(deps.database.kysely, request);
  return newest && stateOf(deps, request, newest);
}

const resendAtOf = (code: { sent_at: Date; delivery: string }): Date =>
  code.delivery === 'accepted' ? addMs(code.sent_at, RESEND_AFTER_MS) : code.sent_at;

async function stateOf(
  deps: Pick<CodeDeps, 'database' | 'clock' | 'digest'>,
  request: CodeFor,
  code: { sent_at: Date; expires_at: Date; delivery: string },
): Promise<CodeState> {
  const isKnown = await isPlaceKnown(deps.database.kysely, deps.digest, request);
  const { left } = await peekAll(deps, codeAttempts(request, isKnown));
  return { expiresAt: code.expires_at, resendAt: resendAtOf(code), triesLeft: left };
}

async function sendNewCode(deps: CodeDeps, request: CodeRequest): Promise<CodeState> {
  const isKnown = await isPlaceKnown(deps.database.kysely, deps.digest, request);
  const attempts = await peekAll(deps, codeAttempts(request, isKnown));
  if (attempts.lockedUntil) throw refusal('otp.locked', { params: { until: attempts.lockedUntil } });
  const code = otp(deps.random.digits(6));
  const sending = await deps.database.transaction((tx) => recordSending(tx, deps, { ...request, isKnown }, code));
  const answer = await deps.sms.send(messageOf(sending.id, request, code));
  await sql`update one_time_code set delivery = ${answer.outcome} where id = ${sending.id}`.execute(
    deps.database.kysely,
  );
  switch (answer.outcome) {
    case 'accepted':
      return stateOf(deps, request, { ...sending, delivery: answer.outcome });
    case 'undeliverable':
      throw refusal('contact.undeliverable', { params: { contact: request.phone.mask } });
    case 'unavailable':
      throw refusal('third_party.message_channel_down', { cause: new Error(answer.reason) });
  }
}

/**
 * Counts the sending and writes the code down before the message leaves. A crash in between costs one message of
 * the hour; the next one replaces a code that may or may not have arrived.
 */
async function recordSending(tx: Transaction, deps: CodeDeps, request: CodeRequest & { isKnown: boolean }, code: Otp) {
  const now = deps.clock.now();
  const phone = phoneDigest(deps.digest, request.phone);
  await sql`select pg_advisory_xact_lock(hashtextextended(${phone.toString('hex')}, 0))`.execute(tx);
  await sql`select pg_advisory_xact_lock(hashtextextended(${request.operationKey}, 0))`.execute(tx);
  await refuseTooMany(tx, request, phone, now);
  const { rows } = await sql<{ last: number }>`
    select coalesce(max(send_number), 0) as last from one_time_code
    where operation_key = ${request.operationKey} and purpose = ${request.purpose}`.execute(tx);
  const sendNumber = (rows[0]?.last ?? 0) + 1;
  const id = deriveId(request.operationKey, `code ${request.purpose} ${sendNumber}`);
  const expiresAt = addMs(now, CODE_LIFE_MS);
  await sql`
    insert into one_time_code
      (id, operation_key, purpose, phone_digest, code_digest, send_number, delivery, sent_at, expires_at, place_known)
    values (${id}, ${request.operationKey}, ${request.purpose}, ${phone},
      ${codeDigest(deps.digest, request, code)}, ${sendNumber}, 'sending', ${now}, ${expiresAt}, ${request.isKnown})`.execute(
    tx,
  );
  return { id, sent_at: now, expires_at: expiresAt };
}

async function refuseTooMany(
  tx: Transaction,
  request: CodeRequest & { isKnown: boolean },
  phone: Buffer,
  now: Date,
): Promise<void> {
  const since = addMs(now, -hourMs);
  const { rows } = await sql<{ sent_at: Date }>`
    (select sent_at from one_time_code where phone_digest = ${phone} and place_known = ${request.isKnown} and sent_at > ${since}
      order by sent_at desc offset ${SENDS_PER_HOUR - 1} limit 1)
    union all
    (select sent_at from one_time_code where operation_key = ${request.operationKey} and sent_at > ${since}
      order by sent_at desc offset ${SENDS_PER_HOUR - 1} limit 1)
    order by sent_at desc`.execute(tx);
  const fifth = rows[0];
  if (fifth === undefined) return;
  const until = addMs(fifth.sent_at, hourMs);
  throw refusal('limit.too_fast', { params: { until }, retryAt: until });
}

function messageOf(id: Uuid, request: CodeRequest, code: Otp): SmsMessage {
  const template = request.purpose === 'sign_in' ? 'sign_in_code' : 'reset_pin_code';
  return { id, to: request.phone, language: request.language, template, code, minutes: CODE_LIFE_MS / minuteMs };
}
