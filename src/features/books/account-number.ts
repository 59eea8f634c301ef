import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Database, Transaction } from '../../database/database.ts';

/** A number that no account has had. One that is drawn and not used stays unused. */
export async function nextAccountNumber(db: Database['kysely'] | Transaction): Promise<bigint> {
  const { rows } = await sql<{ number: bigint }>`select nextval('account_number') as number`.execute(db);
  const number = rows[0]?.number;
  assert(number !== undefined, 'a sequence has a next number');
  return number;
}
