import { createHash } from 'node:crypto';
import type { EndorsedKey, Endorsement } from '../../proof/endorsement.ts';
import type { LedgerLog } from './ledger-log.ts';

/** The log with what its signing keys said of the keys after them. */
export type EndorsedLog = Omit<LedgerLog, 'keys'> & {
  keys: () => Promise<EndorsedKey[]>;
  /** What leads from the first key there was to this one, the oldest first. */
  endorsementsTo: (keyId: string) => Endorsement[];
};

/** The id of a public key (SPKI in base64). */
export const keyIdOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 16);

/** `endorsements` are those of the file of secrets. */
export function withEndorsements(log: LedgerLog, endorsements: readonly Endorsement[]): EndorsedLog {
  const byKey = new Map(endorsements.map((each) => [keyIdOf(each.publicKey), each]));
  const endorsementsTo = (keyId: string): Endorsement[] => {
    const way: Endorsement[] = [];
    // Each is gone once: a file that was edited by hand may lead in a circle.
    const left = new Map(byKey);
    for (let each = left.get(keyId); each !== undefined; each = left.get(each.by)) {
      way.unshift(each);
      left.delete(keyIdOf(each.publicKey));
    }
    return way;
  };
  return {
    ...log,
    endorsementsTo,
    keys: async () =>
      (await log.keys()).map((key) => {
        const { by, at, signature } = byKey.get(key.keyId) ?? {};
        const isEndorsed = by !== undefined && at !== undefined && signature !== undefined;
        return { ...key, endorsement: isEndorsed ? { by, at, signature } : null };
      }),
  };
}
