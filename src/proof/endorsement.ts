import { fromHex, type PublishedKey } from './receipt.ts';
import { readKey, type KnownKey } from './web-crypto.ts';

/**
 * One signing key's word for the next: who kept the key `by` may take `publicKey` (SPKI in base64) for one of the same
 * wallet. Signed with the key `by` (Ed25519, hexadecimal) when it was replaced.
 */
export type Endorsement = { publicKey: string; by: string; at: string; signature: string };

export type EndorsedKey = PublishedKey & { endorsement: Omit<Endorsement, 'publicKey'> | null };

/** The bytes that an endorsement's signature covers. */
export const endorsementMessage = ({ publicKey, at }: Pick<Endorsement, 'publicKey' | 'at'>): Uint8Array =>
  new TextEncoder().encode(['purser-ledger-key-1', publicKey, at].join('\n'));

/** Adds to the keys that are known those that they vouch for, in the order given; what is not vouched for is left out. */
export async function followEndorsements(
  known: ReadonlyMap<string, KnownKey>,
  endorsements: readonly Endorsement[],
): Promise<Map<string, KnownKey>> {
  const keys = new Map(known);
  for (const endorsement of endorsements) {
    const signature = fromHex(endorsement.signature);
    const isGood = signature && (await keys.get(endorsement.by)?.verify(endorsementMessage(endorsement), signature));
    const key = isGood ? await readKey(endorsement.publicKey) : undefined;
    if (key !== undefined) keys.set(key.keyId, key);
  }
  return keys;
}
