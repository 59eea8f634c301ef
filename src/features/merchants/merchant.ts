import { sql } from 'kysely';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import type { Clock } from '../../kernel/clock.ts';
import { secret, type Secret } from '../../kernel/masked.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { nextAccountNumber } from '../books/account-number.ts';
import { merchantAccount } from '../books/chart.ts';

export type Merchant = { id: Uuid; name: string; state: 'open' | 'closed'; balanceAccount: bigint };

type Row = { id: string; name: string; state: 'open' | 'closed'; balance_account: bigint };
type Reader = Database['kysely'] | Transaction;
const fromRow = (row: Row): Merchant => ({
  id: uuid(row.id),
  name: row.name,
  state: row.state,
  balanceAccount: row.balance_account,
});

/** The merchant whose API key this is. */
export async function findMerchantByKey(db: Reader, digest: Digest, apiKey: Secret): Promise<Merchant | undefined> {
  const found = await sql<Row>`
    select * from merchant where api_key_digest = ${digest('merchant.api_key', apiKey.reveal())}`.execute(db);
  return found.rows[0] && fromRow(found.rows[0]);
}

export async function findMerchant(db: Reader, id: Uuid): Promise<Merchant | undefined> {
  const found = await sql<Row>`select * from merchant where id = ${id}`.execute(db);
  return found.rows[0] && fromRow(found.rows[0]);
}

/** Where a merchant is told of events, and the secret that signs them. */
export async function findWebhook(
  db: Reader,
  envelope: Envelope,
  id: Uuid,
): Promise<{ url: string; secret: Secret } | undefined> {
  const found = await sql<{ webhook_url: string | null; webhook_secret_sealed: Buffer | null }>`
    select webhook_url, webhook_secret_sealed from merchant where id = ${id}`.execute(db);
  const row = found.rows[0];
  if (!row?.webhook_url || !row.webhook_secret_sealed) return undefined;
  return {
    url: row.webhook_url,
    secret: secret(envelope.open(row.webhook_secret_sealed, `merchant.webhook_secret:${id}`)),
  };
}

export type NewMerchant = {
  id: Uuid;
  name: string;
  apiKey: Secret;
  /** Where it is told of events; without one it asks. */
  webhookUrl: string | undefined;
  webhookSecret: Secret | undefined;
};

/** Registers a merchant, or brings key and webhook of a registered one up to date. */
export async function saveMerchant(
  deps: {
    database: Database;
    ledger: Pick<Ledger, 'createAccounts'>;
    digest: Digest;
    envelope: Envelope;
    clock: Clock;
  },
  merchant: NewMerchant,
): Promise<void> {
  const { id, webhookUrl, webhookSecret } = merchant;
  const db = deps.database.kysely;
  const known = await findMerchant(db, id);
  const number = known?.balanceAccount ?? (await nextAccountNumber(db));
  // The account first: a merchant without one could be shown to payers and never be paid.
  await deps.ledger.createAccounts([merchantAccount(number)]);
  const sealed = webhookSecret && deps.envelope.seal(webhookSecret.reveal(), `merchant.webhook_secret:${id}`);
  await sql`
    insert into merchant (id, name, api_key_digest, webhook_url, webhook_secret_sealed, balance_account, created_at)
    values (${id}, ${merchant.name}, ${deps.digest('merchant.api_key', merchant.apiKey.reveal())}, ${webhookUrl ?? null},
      ${sealed ?? null}, ${number}, ${deps.clock.now()})
    on conflict (id) do update set name = excluded.name, api_key_digest = excluded.api_key_digest,
      webhook_url = excluded.webhook_url, webhook_secret_sealed = excluded.webhook_secret_sealed`.execute(db);
}
