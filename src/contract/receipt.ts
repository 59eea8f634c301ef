import { Type, type Static } from 'typebox';
import { Instant, nullable, oneOf, strict } from './common.ts';

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal' });
const Digits = Type.String({ pattern: '^[1-9][0-9]{0,18}$', description: 'A whole number, decimal' });
const Uuid = Type.String({ format: 'uuid' });

/** The book as it stood: how its first `size` transfers hash, signed. */
export const LedgerHead = strict({
  size: Type.Integer({ minimum: 1, description: 'How many transfers it covers' }),
  root: Hash,
  at: Instant,
  keyId: Type.String(),
  signature: Type.String({ pattern: '^[0-9a-f]{128}$', description: 'Ed25519, hexadecimal' }),
});

const Signature = Type.String({ pattern: '^[0-9a-f]{128}$', description: 'Ed25519, hexadecimal' });
const endorsed = {
  by: Type.String({ description: 'The id of the key before, which signed this' }),
  at: Instant,
  signature: Signature,
};
/** A key's word for the one after it. */
const Endorsement = strict({ publicKey: Type.String({ description: 'SPKI, base64' }), ...endorsed });

export const LedgerKey = strict({
  keyId: Type.String({ description: 'The first 16 hexadecimal digits of the SHA-256 of the key' }),
  algorithm: oneOf(['Ed25519']),
  publicKey: Type.String({ description: 'SPKI, base64' }),
  firstUsedAt: nullable(Instant),
  endorsement: nullable(strict(endorsed, { description: 'Null for the first key there was' })),
});
/** To be kept: whoever has the key needs to trust nobody about a receipt. */
export const LedgerKeys = strict({ format: oneOf(['purser-keys-1']), keys: Type.Array(LedgerKey) });
export const LedgerHeads = strict({ heads: Type.Array(LedgerHead), nextBefore: nullable(Digits) });

/** That the book of the newer head begins with the book of the older one. */
export const LedgerConsistency = strict({
  format: oneOf(['purser-consistency-1']),
  from: LedgerHead,
  to: LedgerHead,
  path: Type.Array(Hash),
});

const ReceiptTransfer = strict(
  {
    seq: Digits,
    id: Uuid,
    kind: oneOf(['post', 'pending', 'post_pending', 'void_pending']),
    debitAccountId: Digits,
    creditAccountId: Digits,
    amount: Digits,
    ledger: Type.Integer(),
    code: Type.Integer(),
    pendingId: nullable(Uuid),
    operationId: nullable(Uuid),
    at: Instant,
  },
  { description: 'The entry as it stands in the book; every member of it is proven' },
);

/** What moved, for the owner of this side; a payout is one for the merchant that made it. */
const ToldKind = oneOf(['top_up', 'withdraw', 'pay', 'transfer_out', 'transfer_in', 'refund', 'payout']);

/** What the owner of one side of a transfer keeps, and checks without the wallet. */
export const LedgerReceipt = strict({
  format: oneOf(['purser-receipt-1']),
  wallet: Type.String({ description: 'Where heads and keys are published' }),
  told: strict(
    {
      kind: ToldKind,
      direction: oneOf(['in', 'out']),
      account: Digits,
      counterparty: Type.String(),
      reference: Type.String(),
    },
    { description: 'What the wallet says of it in words. No part of the proof' },
  ),
  transfer: ReceiptTransfer,
  leaf: Hash,
  path: Type.Array(Hash),
  head: LedgerHead,
  key: LedgerKey,
  endorsements: Type.Array(Endorsement, {
    description: 'What leads to this key from the first there was: who kept one of them needs no other',
  }),
});
export type LedgerReceipt = Static<typeof LedgerReceipt>;
