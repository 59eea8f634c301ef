import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/database.ts';
import { assert } from '../../kernel/assert.ts';
import { addMs, type Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';

export type AttemptDeps = { database: Database; clock: Clock; digest: Digest };

/** What is counted, for whom, and how often within which time; then closed for `lockMs`. */
export type AttemptRule = { scope: string; subject: string; limit: number; windowMs: number; lockMs: number };

/** `lockedUntil` is set with the last attempt: it may still be right, but nothing after it is looked at. */
export type SpentAttempt =
  | { outcome: 'spent'; left: number; lockedUntil: Date | null }
  | { outcome: 'locked'; until: Date };

/** Whom an attempt counts for, as the table keeps it. */
const attemptSubject = (digest: Digest, scope: string, subject: string): Buffer => digest(`attempt:${scope}`, subject);

/**
 * Takes one attempt out of those that are left, before what it is for is looked at: of any number of guesses
 * at the same time at most `limit` are answered. The last one closes the lock at once; only a right answer
 * (`clearAttempts`) or the end of the lock opens it. Committed when it returns.
 */
export async function spendAttempt(deps: AttemptDeps, rule: AttemptRule): Promise<SpentAttempt> {
  assert(rule.limit > 0 && rule.windowMs > 0 && rule.lockMs > 0, 'an attempt rule counts something');
  const now = deps.clock.now();
  const subject = attemptSubject(deps.digest, rule.scope, rule.subject);
  const windowEndsAt = addMs(now, rule.windowMs);
  const lockedUntil = addMs(now, rule.lockMs);
  const { rows } = await sql<{ spent: number; locked_until: Date | null }>`
    insert into attempt_counter as counter (scope, subject, window_ends_at, spent, locked_until)
    values (${rule.scope}, ${subject}, ${windowEndsAt}, 1,
      case when ${rule.limit}::integer <= 1 then ${lockedUntil}::timestamptz end)
    on conflict (scope, subject) do update set
      spent = case when counter.locked_until is null and counter.window_ends_at > ${now}
        then counter.spent + 1 else 1 end,
      window_ends_at = case when counter.locked_until is null and counter.window_ends_at > ${now}
        then counter.window_ends_at else excluded.window_ends_at end,
      locked_until = case
        when (case when counter.locked_until is null and counter.window_ends_at > ${now}
          then counter.spent + 1 else 1 end) >= ${rule.limit}::integer
        then ${lockedUntil}::timestamptz end
    where counter.locked_until is null or counter.locked_until <= ${now}
    returning spent, locked_until`.execute(deps.database.kysely);
  const row = rows[0];
  if (row !== undefined) {
    return { outcome: 'spent', left: Math.max(0, rule.limit - row.spent), lockedUntil: row.locked_until };
  }
  const state = await peekAttempts(deps, rule);
  // The lock may have ended, or been cleared by a right answer, between the two statements: still one moment of "no".
  return { outcome: 'locked', until: state.lockedUntil ?? now };
}

/**
 * Takes one attempt of each of several counts, each committed by itself: nobody who guesses holds a lock that others wait
 * for. One that is locked already ends it; the counts before it have lost one attempt, which only makes them stricter.
 */
export async function spendAll(deps: AttemptDeps, rules: readonly AttemptRule[]): Promise<SpentAttempt> {
  let left = Number.MAX_SAFE_INTEGER;
  let lockedUntil: Date | null = null;
  for (const rule of rules) {
    const spent = await spendAttempt(deps, rule);
    if (spent.outcome === 'locked') return spent;
    left = Math.min(left, spent.left);
    if (spent.lockedUntil && (!lockedUntil || spent.lockedUntil > lockedUntil)) lockedUntil = spent.lockedUntil;
  }
  return { outcome: 'spent', left, lockedUntil };
}

/** The same without taking any. */
export async function peekAll(deps: AttemptDeps, rules: readonly PeekRule[]): Promise<AttemptState> {
  const states = await peekEach(deps, rules);
  const locks = states.flatMap(({ lockedUntil }) => lockedUntil ?? []).toSorted((a, b) => b.getTime() - a.getTime());
  return { left: Math.min(...states.map(({ left }) => left)), lockedUntil: locks[0] ?? null };
}

export type AttemptState = { left: number; lockedUntil: Date | null };

type PeekRule = Pick<AttemptRule, 'scope' | 'subject' | 'limit'>;

/** How many attempts are left and until when a lock holds, without taking one. */
export async function peekAttempts(deps: AttemptDeps, rule: PeekRule): Promise<AttemptState> {
  const [state] = await peekEach(deps, [rule]);
  assert(state, 'one state for each rule');
  return state;
}

/** The same for several counts, in their order. */
export async function peekEach(deps: AttemptDeps, rules: readonly PeekRule[]): Promise<AttemptState[]> {
  const subjects = rules.map(({ scope, subject }) => attemptSubject(deps.digest, scope, subject));
  const { rows } = await sql<{ place: bigint; spent: number; window_ends_at: Date; locked_until: Date | null }>`
    select asked.place, counter.spent, counter.window_ends_at, counter.locked_until
    from unnest(${rules.map(({ scope }) => scope)}::text[], ${subjects}::bytea[]) with ordinality
      as asked(scope, subject, place)
    join attempt_counter counter on counter.scope = asked.scope and counter.subject = asked.subject`.execute(
    deps.database.kysely,
  );
  const found = new Map(rows.map((row) => [Number(row.place), row]));
  const now = deps.clock.now();
  return rules.map(({ limit }, index) => {
    const row = found.get(index + 1);
    if (row === undefined) return { left: limit, lockedUntil: null };
    if (row.locked_until !== null) {
      return row.locked_until > now ? { left: 0, lockedUntil: row.locked_until } : { left: limit, lockedUntil: null };
    }
    return { left: row.window_ends_at > now ? Math.max(0, limit - row.spent) : limit, lockedUntil: null };
  });
}

/** Forgets what was spent, after a right answer. */
export const clearAttempts = (deps: AttemptDeps, rule: Pick<AttemptRule, 'scope' | 'subject'>): Promise<void> =>
  clearAttemptsWithin(deps.database.kysely, deps, rule);

/** The same within the change that the right answer allows. */
export async function clearAttemptsWithin(
  db: Database['kysely'] | Transaction,
  deps: Pick<AttemptDeps, 'digest'>,
  rule: Pick<AttemptRule, 'scope' | 'subject'>,
): Promise<void> {
  await sql`
    delete from attempt_counter
    where scope = ${rule.scope} and subject = ${attemptSubject(deps.digest, rule.scope, rule.subject)}`.execute(db);
}
