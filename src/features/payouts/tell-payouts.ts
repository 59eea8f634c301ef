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
  note: string;
  /** What both sides read aloud. */
  reference: string;
};

/** As it is kept in the row of its batch. */
export type KeptPayout = { id: Uuid; payee: string; note: string };

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
  const { rows } = await database.pool.query<{ key: string; merchant_id: string; name: string; payouts: KeptPayout[] }>(
    {
      name: 'payouts_by_batch',
      text: `select b.key, b.merchant_id, m.name, b.payouts from merchant_payout_batch b
      join merchant m on m.id = b.merchant_id where b.key = any($1::uuid[])`,
      values: [[...new Set(asked.values())]],
    },
  );
  const told = new Map<Uuid, ToldPayout>();
  for (const { key, merchant_id, name, payouts } of rows) {
    const merchantId = uuid(merchant_id);
    for (const { id, payee, note } of payouts) {
      const transferId = payoutTransferId(merchantId, id);
      if (!asked.has(transferId)) continue;
      // Those from before decision 0011 were operations, and keep the reference that they had as such.
      const reference = humanReference(key === operationKey(merchantId, id) ? uuid(key) : transferId);
      told.set(transferId, { id, merchantName: name, payeePhoneMasked: payee, note, reference });
    }
  }
  return told;
}
