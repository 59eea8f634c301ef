import { judgeReceipt, pathOf, type Evidence, type Judgement } from '../../src/proof/judge-receipt.ts';
import type { PathStep } from '../../src/proof/merkle.ts';
import { readDocument, type ProofDocument } from '../../src/proof/read-document.ts';

/** What somebody put in, by what it is; the newest of a kind stands. */
export type Hand = { [K in ProofDocument['kind']]?: Extract<ProofDocument, { kind: K }> & { name: string } };

export type Found = { judgement: Judgement; steps: PathStep[] | undefined };

/** The hand with one file more; `undefined` when it is none of those that are known. */
export function addTo(hand: Hand, name: string, content: string): Hand | undefined {
  const document = readDocument(content);
  return document && { ...hand, [document.kind]: { ...document, name } };
}

/** Judges what is in hand; `undefined` until there is a receipt. `unsupported`: this browser cannot. */
export async function judgeHand(hand: Hand): Promise<Found | 'unsupported' | undefined> {
  const evidence = evidenceOf(hand);
  if (evidence === undefined) return undefined;
  try {
    return { judgement: await judgeReceipt(evidence), steps: await pathOf(evidence.receipt) };
  } catch (error) {
    // A browser without Ed25519, or a page that was not opened from a file or over https.
    if (error instanceof DOMException || error instanceof TypeError) return 'unsupported';
    throw error;
  }
}

function evidenceOf({ receipt, keys, head, consistency }: Hand): Evidence | undefined {
  if (receipt === undefined) return undefined;
  return {
    receipt: receipt.receipt,
    ...(keys === undefined ? {} : { keptKeys: keys.publicKeys }),
    ...(head === undefined ? {} : { oldHead: head.head }),
    ...(consistency === undefined ? {} : { consistency: consistency.proof }),
  };
}
