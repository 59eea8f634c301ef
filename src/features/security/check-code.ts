import { sql } from 'kysely';
import { refusal } from '../../causes/refusal.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { sameBytes, type Digest } from '../../kernel/envelope.ts';
import type { Otp } from '../../kernel/masked.ts';
import { codeAttempts, codeDigest, isPlaceKnown, readNewestCode, rememberPlace, type CodeFor } from './code-rules.ts';
import { clearAttempts, spendAll } from './spend-attempt.ts';

export type CheckCodeDeps = { database: Database; clock: Clock; digest: Digest };

/** Uses a code up, within the change that it allows: of two who have the right one, one passes. Throws `otp.used`. */
export type UseCode = (tx: Transaction) => Promise<void>;

/**
 * Returns when the code is the newest one sent for this operation, purpose and phone; what it returns uses it up. Throws
 * `otp.wrong` with the tries left, `otp.expired`, `otp.used`, and `otp.locked` after five wrong ones of an operation or
 * from a place, and after thirty a day from strange places or from known ones. A try is spent before the code is looked at; a code that no longer counts costs
 * none and is not compared.
 */
export async function checkCode(deps: CheckCodeDeps, request: CodeFor & { code: Otp }): Promise<UseCode> {
  const newest = await readNewestCode(deps.database.kysely, request);
  if (newest === undefined || newest.expires_at <= deps.clock.now()) throw refusal('otp.expired');
  if (newest.used_at !== null) throw refusal('otp.used');

  const rules = codeAttempts(request, await isPlaceKnown(deps.database.kysely, deps.digest, request));
  const spent = await spendAll(deps, rules);
  if (spent.outcome === 'locked') throw refusal('otp.locked', { params: { until: spent.until } });
  if (!sameBytes(newest.code_digest, codeDigest(deps.digest, request, request.code))) {
    throw spent.lockedUntil === null
      ? refusal('otp.wrong', { params: { left: spent.left } })
      : refusal('otp.locked', { params: { until: spent.lockedUntil } });
  }
  // The day's count stays: what strangers tried is not forgotten because the owner came.
  for (const rule of rules.slice(0, 2)) await clearAttempts(deps, rule);
  return async (tx) => {
    const used = await sql`
      update one_time_code set used_at = ${deps.clock.now()}
      where id = ${newest.id} and used_at is null and not exists (
        select 1 from one_time_code as later
        where later.operation_key = one_time_code.operation_key and later.purpose = one_time_code.purpose
          and later.send_number > one_time_code.send_number)
      returning id`.execute(tx);
    if (used.rows.length === 0) throw refusal('otp.used');
    await rememberPlace(tx, deps.digest, request, deps.clock.now());
  };
}
