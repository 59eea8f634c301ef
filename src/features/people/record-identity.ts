import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { refusal } from '../../causes/refusal.ts';
import type { IdNumber, PersonName } from '../../kernel/masked.ts';
import type { Database, Transaction } from '../../database/database.ts';

/** Whether another person has proven this identity already. */
export async function isIdentityTaken(
  deps: { database: Database; digest: Digest },
  personId: Uuid,
  idNumber: IdNumber,
): Promise<boolean> {
  const digest = deps.digest('person.id_number', idNumber.reveal());
  const found = await sql`select 1 from person where id_number_digest = ${digest} and id <> ${personId}`.execute(
    deps.database.kysely,
  );
  return found.rows.length > 0;
}

/** Whether this is the identity that the person has proven. */
export async function isIdentityOf(
  deps: { database: Database; digest: Digest },
  personId: Uuid,
  idNumber: IdNumber,
): Promise<boolean> {
  const digest = deps.digest('person.id_number', idNumber.reveal());
  const found = await sql`select 1 from person where id_number_digest = ${digest} and id = ${personId}`.execute(
    deps.database.kysely,
  );
  return found.rows.length > 0;
}

export type ProvenIdentity = {
  personId: Uuid;
  name: PersonName;
  idNumber: IdNumber;
  /** What outside confirmed it. */
  channels: readonly string[];
  at: Date;
};

/** Two that are proven in the same moment: the database lets one of them through. */
const isTakenMeanwhile = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'person_id_number_digest_key';

/** Writes a proven identity down, sealed. One identity belongs to one person; the second is refused with `account.already_open`. */
export async function recordIdentity(
  deps: { digest: Digest; envelope: Envelope },
  tx: Transaction,
  { personId, name, idNumber, channels, at }: ProvenIdentity,
): Promise<void> {
  const { envelope, digest } = deps;
  const written = sql`
    update person set name_sealed = ${envelope.seal(name.reveal(), `person.name:${personId}`)}, name_masked = ${name.mask},
      id_number_sealed = ${envelope.seal(idNumber.reveal(), `person.id_number:${personId}`)}, id_number_masked = ${idNumber.mask},
      id_number_digest = ${digest('person.id_number', idNumber.reveal())}, verified_at = ${at}
    where id = ${personId}
      and (id_number_digest is null or id_number_digest = ${digest('person.id_number', idNumber.reveal())})
    returning id`.execute(tx);
  const { rows } = await written.catch((error: unknown) => {
    throw isTakenMeanwhile(error) ? refusal('account.already_open', { cause: error }) : error;
  });
  assert(rows.length === 1, 'a proven identity is never replaced by another');
  for (const channel of channels) await addChannel(tx, personId, channel, at);
}

/** One more outside party has confirmed who this person is. The same one twice counts once. */
export async function addChannel(tx: Transaction, personId: Uuid, channel: string, at: Date): Promise<void> {
  await sql`
    insert into person_channel (person_id, channel, confirmed_at) values (${personId}, ${channel}, ${at})
    on conflict do nothing`.execute(tx);
}
