import { followEndorsements } from './endorsement.ts';
import { walkPath, type PathStep } from './merkle.ts';
import { fromHex, isSigned, verifyHeads, verifyReceipt, type ConsistencyProof, type SignedHead } from './receipt.ts';
import type { ReceiptDocument } from './read-document.ts';
import { readKey, webSha256, type KnownKey } from './web-crypto.ts';

/** What somebody has in hand: the receipt, and what they kept from before, if anything. */
export type Evidence = {
  receipt: ReceiptDocument;
  /** Public keys that were saved earlier (SPKI in base64). Without them only the receipt's own can be used. */
  keptKeys?: readonly string[];
  /** A head that was saved earlier. */
  oldHead?: SignedHead;
  /** That the book of one of both heads begins with the book of the other. */
  consistency?: ConsistencyProof;
};

export type Judgement =
  | {
      holds: true;
      /**
       * `endorsed`: a key that was kept vouches for the one that signed. `receipt`: nothing was changed since it was
       * signed, but who signed it only the receipt says.
       */
      keyFrom: 'kept' | 'endorsed' | 'receipt';
      /** Whether the book was also held against an old head. */
      oldHead: 'none' | 'fits';
    }
  | { holds: false; problem: Problem };

/**
 * In the order in which they are looked for. `unreadable_key`: the key in hand is none. `foreign_key`: it was signed with
 * a key that is not among those that were kept. `signature`: the head is not what was signed. `entry`: the entry is not
 * the one that was booked. `path`: the entry does not lead to the signed book. `old_head_unknown_key`, `old_head_signature`:
 * the same of the old head. `needs_consistency`: an old head says nothing without a proof from head to head.
 * `other_heads`: that proof is of other heads. `rewritten`: two different books were signed. `not_shown`: the proof does
 * not lead from one head to the other.
 */
export type Problem =
  | 'unreadable_key'
  | 'foreign_key'
  | 'signature'
  | 'entry'
  | 'path'
  | 'old_head_unknown_key'
  | 'old_head_signature'
  | 'needs_consistency'
  | 'other_heads'
  | 'rewritten'
  | 'not_shown';

const no = (problem: Problem): Judgement => ({ holds: false, problem });

/** Judges a receipt by nothing but what is in hand: asks no server and believes none. */
export async function judgeReceipt(evidence: Evidence): Promise<Judgement> {
  const { receipt, keptKeys, oldHead } = evidence;
  const given = new Map<string, KnownKey>();
  for (const text of keptKeys ?? [receipt.publicKey]) {
    const key = await readKey(text);
    if (key === undefined) return no('unreadable_key');
    given.set(key.keyId, key);
  }
  const keys = keptKeys === undefined ? given : await followEndorsements(given, receipt.endorsements);
  const verify = async (keyId: string, message: Uint8Array, signature: Uint8Array) =>
    (await keys.get(keyId)?.verify(message, signature)) ?? false;
  if (!keys.has(receipt.head.keyId)) return no(keptKeys === undefined ? 'signature' : 'foreign_key');
  const checked = await verifyReceipt(receipt, webSha256, verify);
  if (!checked.ok) return no(checked.problem === 'malformed' ? 'path' : checked.problem);
  const keyFrom = keptKeys === undefined ? 'receipt' : given.has(receipt.head.keyId) ? 'kept' : 'endorsed';
  if (oldHead === undefined) return { holds: true, keyFrom, oldHead: 'none' };
  if (!keys.has(oldHead.keyId)) return no('old_head_unknown_key');
  const problem = await judgeHeads(receipt.head, oldHead, evidence.consistency, verify);
  return problem === undefined ? { holds: true, keyFrom, oldHead: 'fits' } : no(problem);
}

/** Whether both heads are of one book that was only ever added to; either may be the older. */
async function judgeHeads(
  head: SignedHead,
  oldHead: SignedHead,
  given: ConsistencyProof | undefined,
  verify: Parameters<typeof verifyHeads>[2],
): Promise<Problem | undefined> {
  const [older, newer] = oldHead.size <= head.size ? [oldHead, head] : [head, oldHead];
  const trivial = oldHead.size === head.size ? { from: older, to: newer, path: [] } : undefined;
  const proof = trivial ?? given;
  if (proof === undefined) return 'needs_consistency';
  if (proof.from.size !== older.size || proof.to.size !== newer.size) return 'other_heads';
  const checked = await verifyHeads({ ...proof, from: older, to: newer }, webSha256, verify);
  if (checked.ok) return undefined;
  if (checked.problem === 'signature') return 'old_head_signature';
  if (trivial !== undefined) return 'rewritten';
  // A head of the same size with another root, signed too: of two books only one can be the book.
  const others = [
    { ours: older, theirs: proof.from },
    { ours: newer, theirs: proof.to },
  ].filter(({ ours, theirs }) => ours.root !== theirs.root);
  for (const { theirs } of others) if (await isSigned(theirs, verify)) return 'rewritten';
  return 'not_shown';
}

/** The way from the entry to the signed root, for the eye; `undefined` where it does not lead anywhere. */
export async function pathOf(receipt: ReceiptDocument): Promise<PathStep[] | undefined> {
  const leaf = fromHex(receipt.leaf);
  const path = receipt.path.map(fromHex);
  if (leaf === undefined || path.some((hash) => hash === undefined)) return undefined;
  const index = Number(receipt.transfer.seq) - 1;
  return walkPath(webSha256, { leaf, index, size: receipt.head.size, path: path as Uint8Array[] });
}
