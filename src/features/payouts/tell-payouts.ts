import type { Database } from '../../database/database.ts';
import { deriveId, humanReference, uuid, type Uuid } from '../../kernel/ids.ts';
import type { Transfer } from '../../ledger/ledger.ts';
import { operationKey } from '../../operations/operation-key.ts';
import { transferCodes } from '../books/chart.ts';

/** What is told of a payout beside its movement. */
export type ToldPayout = {
  /** The merchant's own. */
  id: Uuid;
  merchantName: string;
  payeePhoneMasked: string;
  /** See `KeptPayout`. */
  to: string | undefined;
  note: string;
  /** What both sides read aloud. */
  reference: string;
};

/**
 * As it is kept in the row of its batch. `tx` is the end of the id of its movement, by which one of a hundred is found
 * without reading the others, and `to` the beginning of the digest of the number, since many numbers look alike when
 * masked; payouts from before decision 0011 have neither.
 */
export type KeptPayout = { id: Uuid; payee: string; note: string; tx?: string; to?: string };

export const endOf = (transferId: Uuid): string => transferId.slice(-8);
export const beginningOf = (numberDigest: string): string =>
  Buffer.from(numberDigest.slice(0, 12), 'hex').toString('base64url');

/** The movement of a payout: the same id of two merchants are two, and each is always the same one. */
export const payoutTransferId = (merchantId: Uuid, id: Uuid): Uuid => deriveId(operationKey(merchantId, id), 'money');

/** What is told of those of these movements that are payouts, by the id of the movement. */
export async function tellPayouts(
  database: Database,
  transfers: readonly Pick<Transfer, 'id' | 'code' | 'operationId'>[],
): Promise<Map<Uuid, ToldPayout>> {
  const asked = new Map(
    transfers.flatMap(({ id, code, operationId }) =>
      code === transferCodes.payout && operationId ? [[id, operationId] as const] : [],
    ),
  );
  if (asked.size === 0) return new Map();
  const { rows } = await database.pool.query<{ key: string; merchant_id: string; name: string; kept: KeptPayout }>({
    name: 'payouts_of_batches',
    text: `select b.key, b.merchant_id, m.name, p.value as kept
      from merchant_payout_batch b join merchant m on m.id = b.merchant_id
        cross join lateral json_array_elements(b.payouts) p
      where b.key = any($1::uuid[]) and coalesce(p.value ->> 'tx', '') = any($2::text[])`,
    values: [[...new Set(asked.values())], ['', ...[...asked.keys()].map(endOf)]],
  });
  const told = new Map<Uuid, ToldPayout>();
  for (const { key, merchant_id, name, kept } of rows) {
    const merchantId = uuid(merchant_id);
    const { id, payee, note, to } = kept;
    const transferId = payoutTransferId(merchantId, id);
    // The same payout may stand in several batches, of which one has paid it.
    if (asked.get(transferId) !== key) continue;
    // Those from before decision 0011 were operations, and keep the reference that they had as such.
    const reference = humanReference(key === operationKey(merchantId, id) ? uuid(key) : transferId);
    told.set(transferId, { id, merchantName: name, payeePhoneMasked: payee, to, note, reference });
  }
  return told;
}
