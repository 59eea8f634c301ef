import { sql } from 'kysely';
import type { Envelope } from '../../kernel/envelope.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database, Transaction } from '../../database/database.ts';

/** A bound card, without its number and its token. */
export type BoundCard = {
  id: Uuid;
  personId: Uuid;
  bankCode: string;
  kind: 'debit' | 'credit';
  last4: string;
  /** `ok`, or the cause that the bank last gave for it. */
  state: string;
  boundAt: Date;
};

type Row = {
  id: string;
  person_id: string;
  bank_code: string;
  kind: 'debit' | 'credit';
  last4: string;
  state: string;
  bound_at: Date;
  token_sealed: Buffer;
};
type Reader = Database['kysely'] | Transaction;

const fromRow = (row: Row): BoundCard => ({
  id: uuid(row.id),
  personId: uuid(row.person_id),
  bankCode: row.bank_code,
  kind: row.kind,
  last4: row.last4,
  state: row.state,
  boundAt: row.bound_at,
});

/** Cards of a person that are bound now, the newest first. */
export async function findCards(db: Reader, personId: Uuid): Promise<BoundCard[]> {
  const found = await sql<Row>`
    select * from card where person_id = ${personId} and removed_at is null order by bound_at desc`.execute(db);
  return found.rows.map(fromRow);
}

export async function findCard(db: Reader, personId: Uuid, id: Uuid): Promise<BoundCard | undefined> {
  const found = await sql<Row>`
    select * from card where person_id = ${personId} and id = ${id} and removed_at is null`.execute(db);
  return found.rows[0] && fromRow(found.rows[0]);
}

/** The token by which the bank knows the card; also of one that was removed since. */
export async function openCardToken(db: Reader, envelope: Envelope, id: Uuid): Promise<string | undefined> {
  const found = await sql<Row>`select * from card where id = ${id}`.execute(db);
  return found.rows[0] && envelope.open(found.rows[0].token_sealed, `card.token:${id}`);
}

/** Remembers what the bank last said of this card; `ok` after it let money through. */
export async function noteCardState(db: Reader, id: Uuid, state: string): Promise<void> {
  await sql`update card set state = ${state} where id = ${id} and state <> ${state}`.execute(db);
}

/**
 * Remembers what a bank's refusal says of the card itself: the cause stays with it, `ok` when only the amount was
 * wrong, and nothing changes when the refusal was about something else, such as a bank that could not be reached.
 */
export async function noteRefusal(db: Reader, id: Uuid, code: string): Promise<void> {
  const onlyAmount = code === 'card.insufficient_funds' || code.startsWith('limit.bank_');
  if (onlyAmount) await noteCardState(db, id, 'ok');
  else if (code.startsWith('card.')) await noteCardState(db, id, code);
}
