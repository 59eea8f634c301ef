import { sql } from 'kysely';
import type { Digest, Envelope } from '../../kernel/envelope.ts';
import type { Clock } from '../../kernel/clock.ts';
import { newId, uuid, type Uuid } from '../../kernel/ids.ts';
import { secret, type Secret } from '../../kernel/masked.ts';
import type { Random } from '../../kernel/random.ts';
import type { Database } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { saveMerchant } from './merchant.ts';

/** What the operator does about merchants. Keys and secrets are given once and stored as digest and envelope. */

type Dependencies = {
  database: Database;
  ledger: Pick<Ledger, 'createAccounts'>;
  digest: Digest;
  envelope: Envelope;
  clock: Clock;
  random: Random;
};

export type NewSecrets = { id: Uuid; apiKey: Secret; webhookSecret: Secret | undefined };

const chance = (random: Random): Buffer => Buffer.from(random.bytes(32));
const newApiKey = (random: Random): Secret => secret(`purser_merchant_${chance(random).toString('base64url')}`);
const newWebhookSecret = (random: Random): Secret => secret(`whsec_${chance(random).toString('base64')}`);

/** Makes a merchant with an account of its own. Without an address it asks about its orders and is told nothing. */
export async function registerMerchant(
  deps: Dependencies,
  { name, webhookUrl }: { name: string; webhookUrl: string | undefined },
): Promise<NewSecrets> {
  const id = newId(deps.clock, deps.random);
  const apiKey = newApiKey(deps.random);
  const webhookSecret = webhookUrl === undefined ? undefined : newWebhookSecret(deps.random);
  await saveMerchant(deps, { id, name, apiKey, webhookUrl, webhookSecret });
  return { id, apiKey, webhookSecret };
}

export type MerchantLine = {
  id: Uuid;
  name: string;
  state: 'open' | 'closed';
  webhookUrl: string | null;
  /** Events that could not be delivered and are not tried any more. */
  undelivered: number;
};

/** All merchants, the oldest first. */
export async function listMerchants(database: Database): Promise<MerchantLine[]> {
  const { rows } = await sql<Omit<MerchantLine, 'id'> & { id: string }>`
    select id, name, state, webhook_url as "webhookUrl", (
      select count(*)::int4 from webhook_delivery d where d.merchant_id = merchant.id and d.dead_at is not null
    ) as undelivered
    from merchant order by created_at, id`.execute(database.kysely);
  return rows.map((row) => ({ ...row, id: uuid(row.id) }));
}

/** Gives a merchant another API key; the one before is worth nothing from this moment. Undefined: no such merchant. */
export async function replaceApiKey(
  deps: Pick<Dependencies, 'database' | 'digest' | 'random'>,
  id: Uuid,
): Promise<Secret | undefined> {
  const apiKey = newApiKey(deps.random);
  const changed = await sql`
    update merchant set api_key_digest = ${deps.digest('merchant.api_key', apiKey.reveal())} where id = ${id}`.execute(
    deps.database.kysely,
  );
  return changed.numAffectedRows === 1n ? apiKey : undefined;
}

/**
 * Tells a merchant's events to another address, signed with another secret; what could not be delivered is tried there
 * from the beginning. Undefined: no such merchant.
 */
export async function replaceWebhook(deps: Dependencies, id: Uuid, url: string): Promise<Secret | undefined> {
  const webhookSecret = newWebhookSecret(deps.random);
  const sealed = deps.envelope.seal(webhookSecret.reveal(), `merchant.webhook_secret:${id}`);
  return deps.database.transaction(async (tx) => {
    const changed = await sql`
      update merchant set webhook_url = ${url}, webhook_secret_sealed = ${sealed} where id = ${id}`.execute(tx);
    await sql`
      update webhook_delivery set attempts = 0, dead_at = null, next_at = ${deps.clock.now()}
      where merchant_id = ${id} and dead_at is not null`.execute(tx);
    return changed.numAffectedRows === 1n ? webhookSecret : undefined;
  });
}

/** A closed merchant's key is refused and its orders cannot be paid; its money stays. False: no such merchant. */
export async function setMerchantState(database: Database, id: Uuid, state: 'open' | 'closed'): Promise<boolean> {
  const changed = await sql`update merchant set state = ${state} where id = ${id}`.execute(database.kysely);
  return changed.numAffectedRows === 1n;
}
