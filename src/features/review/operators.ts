import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import { secret, type Secret } from '../../kernel/masked.ts';
import type { Random } from '../../kernel/random.ts';

type Dependencies = { database: Database; clock: Clock; digest: Digest };

const NAME_FORM = /^[a-z][a-z0-9.-]{1,39}$/;
export const isOperatorName = (text: string): boolean => NAME_FORM.test(text);

const tokenDigest = (digest: Digest, token: string): Buffer => digest('operator token', token);

/** Adds an operator and gives the token by which they are known; `undefined` when the name was given before. */
export async function addOperator(deps: Dependencies & { random: Random }, name: string): Promise<Secret | undefined> {
  const token = `purser_operator_${Buffer.from(deps.random.bytes(32)).toString('base64url')}`;
  const added = await sql`
    insert into operator (name, token_digest, added_at)
    values (${name}, ${tokenDigest(deps.digest, token)}, ${deps.clock.now()})
    on conflict do nothing`.execute(deps.database.kysely);
  return added.numAffectedRows === 1n ? secret(token) : undefined;
}

/** From now on the token is worth nothing; what they decided stays. False when there is nobody of this name. */
export async function removeOperator(deps: Dependencies, name: string): Promise<boolean> {
  const removed = await sql`
    update operator set removed_at = ${deps.clock.now()} where name = ${name} and removed_at is null`.execute(
    deps.database.kysely,
  );
  return removed.numAffectedRows === 1n;
}

export async function findOperator(deps: Omit<Dependencies, 'clock'>, token: Secret): Promise<string | undefined> {
  const found = await sql<{ name: string }>`
    select name from operator where token_digest = ${tokenDigest(deps.digest, token.reveal())} and removed_at is null`.execute(
    deps.database.kysely,
  );
  return found.rows[0]?.name;
}
