import { assert } from '../../kernel/assert.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { EndorsedKey, Endorsement } from '../../proof/endorsement.ts';
import type { LedgerReceipt } from '../../proof/receipt.ts';

/** The ledger's log: gives a receipt for every transfer that is there, and makes a head for it where none covers it. */
export type ReceiptLog = {
  receiptNow: (transferId: Uuid) => Promise<LedgerReceipt | undefined>;
  keys: () => Promise<EndorsedKey[]>;
  endorsementsTo: (keyId: string) => Endorsement[];
};

/** `endorsements` lead to the key from the first there was, so that whoever kept an older one can check it. */
export type ProvenMovement = { proof: LedgerReceipt; key: EndorsedKey; endorsements: Endorsement[] };

/** What proves that a movement stands in the book. It must be there, and whose it is was found out before. */
export async function proveMovement(log: ReceiptLog, transferId: Uuid): Promise<ProvenMovement> {
  const proof = await log.receiptNow(transferId);
  assert(proof, 'what stands in the book has a receipt');
  const key = (await log.keys()).find(({ keyId }) => keyId === proof.head.keyId);
  assert(key, 'every key that signed is published');
  return { proof, key, endorsements: log.endorsementsTo(key.keyId) };
}
