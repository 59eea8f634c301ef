import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import type { Failure } from '../../kernel/failure.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import { idNumber, personName, phone, type IdNumber, type PersonName, type Phone } from '../../kernel/masked.ts';
import { refusalFrom } from '../../causes/refusal.ts';
import type { CauseCode } from '../../causes/registry.ts';
import { byteaArray, uuidArray } from '../../database/column-types.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Pause } from '../books/limit-rules.ts';

/** What concerns whoever moves money. */
export type Mover = {
  id: Uuid;
  nameMasked: string | null;
  isVerified: boolean;
  accountState: 'normal' | 'frozen' | 'limited' | 'closed';
  accountCause: string | null;
  accountReviewAt: Date | null;
  /** Whom to ask, where the law had it frozen. */
  accountAuthority: string | null;
  /** Only small sums may leave the balance meanwhile: the payment PIN was reset. */
  pause: Pause | null;
  balanceAccount: bigint;
  /** How many outside channels confirmed who this is. */
  channelCount: number;
};

export type Person = Mover & {
  phoneMasked: string;
  language: 'zh-CN' | 'en';
  idNumberMasked: string | null;
  channels: string[];
};

/** What concerns whoever pays somebody. */
export type Payee = Pick<
  Person,
  'id' | 'phoneMasked' | 'nameMasked' | 'isVerified' | 'accountState' | 'balanceAccount'
>;

/** A row that `moverColumns` read. */
export type MoverRow = {
  id: string;
  name_masked: string | null;
  is_verified: boolean;
  account_state: Person['accountState'];
  account_cause: string | null;
  account_review_at: Date | null;
  account_authority: string | null;
  paused_from: Date | null;
  paused_until: Date | null;
  balance_account: bigint;
  channel_count: number;
};
type OpenRow = Omit<MoverRow, 'channel_count'> & {
  phone_masked: string;
  language: 'zh-CN' | 'en';
  id_number_masked: string | null;
  channels: string[] | null;
};
type Row = OpenRow & { phone_sealed: Buffer; name_sealed: Buffer | null; id_number_sealed: Buffer | null };

export const moverOf = (row: MoverRow): Mover => ({
  id: uuid(row.id),
  nameMasked: row.name_masked,
  isVerified: row.is_verified,
  accountState: row.account_state,
  accountCause: row.account_cause,
  accountReviewAt: row.account_review_at,
  accountAuthority: row.account_authority,
  pause: row.paused_until && { from: row.paused_from ?? row.paused_until, until: row.paused_until },
  balanceAccount: row.balance_account,
  channelCount: row.channel_count,
});
const fromRow = (row: Row): Person => ({
  ...moverOf({ ...row, channel_count: row.channels?.length ?? 0 }),
  phoneMasked: row.phone_masked,
  language: row.language,
  idNumberMasked: row.id_number_masked,
  channels: row.channels ?? [],
});

type Reader = Database['kysely'] | Transaction;
const person = sql`select p.*, p.verified_at is not null as is_verified, (select array_agg(c.channel order by c.confirmed_at) from person_channel c where c.person_id = p.id) as channels from person p`;

async function findPerson(db: Reader, id: Uuid): Promise<Person | undefined> {
  const found = await sql<Row>`${person} where p.id = ${id}`.execute(db);
  return found.rows[0] && fromRow(found.rows[0]);
}

/** The person of a session; a session of nobody is a bug by now. */
export async function loadPerson(db: Reader, id: Uuid | null): Promise<Person> {
  const found = id ? await findPerson(db, id) : undefined;
  assert(found, 'a session belongs to a person');
  return found;
}

export async function findPersonByPhone(db: Reader, digest: Digest, number: Phone): Promise<Person | undefined> {
  const found = await sql<Row>`${person} where p.phone_digest = ${digest('person.phone', number.reveal())}`.execute(db);
  return found.rows[0] && fromRow(found.rows[0]);
}

/** By the number of the account in the books. */
export async function findPersonByNumber(db: Reader, number: bigint): Promise<Person | undefined> {
  const found = await sql<Row>`${person} where p.balance_account = ${number}`.execute(db);
  return found.rows[0] && fromRow(found.rows[0]);
}

/** What of a person `p` concerns whoever moves money, for `moverOf`. */
export const moverColumns = `p.id, p.name_masked, p.verified_at is not null as is_verified, p.account_state,
  p.account_cause, p.account_review_at, p.account_authority, p.paused_from, p.paused_until, p.balance_account,
  (select count(*)::int from person_channel c where c.person_id = p.id) as channel_count`;

/** Many people by their ids at once, in a prepared statement. */
export async function findMovers(database: Database, ids: readonly Uuid[]): Promise<Map<Uuid, Mover>> {
  const { rows } = await database.pool.query<MoverRow>({
    name: 'movers_by_id',
    text: `select ${moverColumns} from person p where p.id = any($1::uuid[])`,
    values: [uuidArray(ids)],
  });
  return new Map(rows.map((row) => [uuid(row.id), moverOf(row)]));
}

type PayeeRow = { id: string; digest: string; balance_account: bigint } & Pick<
  OpenRow,
  'phone_masked' | 'name_masked' | 'is_verified' | 'account_state'
>;

/** Whom many numbers belong to, by their digests in hexadecimal, at once. */
export async function findPayees(database: Database, digests: readonly string[]): Promise<Map<string, Payee>> {
  const { rows } = await database.pool.query<PayeeRow>({
    name: 'payees_by_phone',
    text: `select id, encode(phone_digest, 'hex') as digest, phone_masked, name_masked, verified_at is not null as is_verified, account_state, balance_account
      from person where phone_digest = any($1::bytea[])`,
    values: [byteaArray(digests)],
  });
  return new Map(
    rows.map((row) => [
      row.digest,
      {
        id: uuid(row.id),
        phoneMasked: row.phone_masked,
        nameMasked: row.name_masked,
        isVerified: row.is_verified,
        accountState: row.account_state,
        balanceAccount: row.balance_account,
      },
    ]),
  );
}

export const phoneDigest = (digest: Digest, number: Phone): Buffer => digest('person.phone', number.reveal());

export type Identity = { name: PersonName; idNumber: IdNumber; phone: Phone };

/** The verified identity, opened; `undefined` before verification. */
export async function openIdentity(db: Reader, envelope: Envelope, id: Uuid): Promise<Identity | undefined> {
  const found = await sql<Row>`${person} where p.id = ${id}`.execute(db);
  const row = found.rows[0];
  if (!row?.name_sealed || !row.id_number_sealed) return undefined;
  return {
    name: personName(envelope.open(row.name_sealed, `person.name:${id}`)),
    idNumber: idNumber(envelope.open(row.id_number_sealed, `person.id_number:${id}`)),
    phone: phone(envelope.open(row.phone_sealed, `person.phone:${id}`)),
  };
}

export async function openPhone(db: Reader, envelope: Envelope, id: Uuid): Promise<Phone> {
  const found = await sql<Row>`${person} where p.id = ${id}`.execute(db);
  assert(found.rows[0], `no person ${id}`);
  return phone(envelope.open(found.rows[0].phone_sealed, `person.phone:${id}`));
}

/** The cause that keeps this account from moving money out, if any. */
export function accountObstacle(person: Mover): Failure | undefined {
  if (person.accountState === 'normal') return undefined;
  assert(person.accountCause, 'an account that is not normal has its cause');
  return refusalFrom(person.accountCause as CauseCode, {
    ...(person.accountReviewAt ? { until: person.accountReviewAt } : {}),
    ...(person.accountAuthority === null ? {} : { authority: person.accountAuthority }),
  });
}
