import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { reasonOf } from '../database/cannot-start.ts';
import { judgeReceipt, type Evidence, type Judgement, type Problem } from '../proof/judge-receipt.ts';
import { readDocument, type ProofDocument } from '../proof/read-document.ts';
import type { Say } from './say.ts';

const verifyUse =
  'verify receipt.json [--key keys.json] [--head old-head.json] [--consistency proof.json]: see docs/receipts.md';

/** Says in one sentence whether a receipt holds. Offline; asks neither a server nor a database. True when it does. */
export async function verifyReceiptFile(words: readonly string[], say: Say): Promise<boolean> {
  const evidence = await readEvidence(words);
  if (typeof evidence === 'string') {
    say(evidence);
    return false;
  }
  const judgement = await judgeReceipt(evidence);
  say(sentenceOf(evidence, judgement));
  return judgement.holds;
}

/** The files that were named, read; or the sentence that says which of them cannot be used. */
async function readEvidence(words: readonly string[]): Promise<Evidence | string> {
  const named = readWords(words);
  if (named === undefined) return `Use: ${verifyUse}`;
  let evidence: Partial<Evidence> = {};
  for (const { use, path } of named) {
    const content = await readFile(path, 'utf8').catch((error: unknown) => error);
    if (typeof content !== 'string') return `${path} cannot be read (${reasonOf(content)}).`;
    const found = take(use, readDocument(content));
    if (found === undefined) return `${path} is damaged, or is no ${wanted[use]}.`;
    evidence = { ...evidence, ...found };
  }
  return evidence as Evidence;
}

/** Which file is for what; `undefined` for anything but one receipt and the files that may go with it. */
function readWords(words: readonly string[]): { use: keyof typeof wanted; path: string }[] | undefined {
  const one = { type: 'string' } as const;
  try {
    const options = { key: one, head: one, consistency: one };
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [receipt] = positionals;
    if (receipt === undefined || positionals.length > 1) return undefined;
    const uses = ['key', 'head', 'consistency'] as const;
    const others = uses.flatMap((use) => (values[use] === undefined ? [] : [{ use, path: values[use] }]));
    return [{ use: 'receipt', path: receipt }, ...others];
  } catch {
    return undefined;
  }
}

const wanted = {
  receipt: 'receipt',
  key: 'public key (keys.json or PEM)',
  head: 'head, nor a receipt that holds one',
  consistency: 'proof from head to head',
} as const;

/** What a file says for the use that was named; an older receipt stands for the head in it. */
function take(use: keyof typeof wanted, document: ProofDocument | undefined): Partial<Evidence> | undefined {
  if (use === 'receipt') return document?.kind === 'receipt' ? { receipt: document.receipt } : undefined;
  if (use === 'key') return document?.kind === 'keys' ? { keptKeys: document.publicKeys } : undefined;
  if (use === 'consistency') return document?.kind === 'consistency' ? { consistency: document.proof } : undefined;
  if (document?.kind === 'head') return { oldHead: document.head };
  return document?.kind === 'receipt' ? { oldHead: document.receipt.head } : undefined;
}

function sentenceOf({ receipt, oldHead }: Evidence, judgement: Judgement): string {
  if (!judgement.holds) return `This receipt does not hold: ${reasons[judgement.problem](receipt, oldHead)}.`;
  const { transfer, head } = receipt;
  const entry = `the transfer of ${showAmount(transfer.amount, transfer.ledger)} from account ${transfer.debitAccountId} to account ${transfer.creditAccountId}, booked ${showMoment(transfer.at)}, is entry ${transfer.seq} of the book`;
  const signed = `as it was signed ${showMoment(head.at)} (${head.size} entries, key ${head.keyId})`;
  const since =
    oldHead === undefined ? '' : `, and that book and the one of your old head (${oldHead.size} entries) are one`;
  const key = keyWords[judgement.keyFrom];
  return `This receipt holds: ${entry}, ${signed}${since}.${key}`;
}

const keyWords: Readonly<Record<'kept' | 'endorsed' | 'receipt', string>> = {
  kept: ' The key is the one you gave.',
  endorsed: ' The key is a newer one, for which the one you gave vouches.',
  receipt:
    ' The key came with the receipt itself: nothing was changed since it was signed, but who signed it only a key that you got elsewhere can tell (--key).',
};

type Reason = (receipt: Evidence['receipt'], oldHead: Evidence['oldHead']) => string;

const reasons: Readonly<Record<Problem, Reason>> = {
  unreadable_key: () => 'the key is no Ed25519 public key',
  foreign_key: ({ head }) => `it was signed with the key ${head.keyId}, which is not among those you gave`,
  signature: () => 'the head in it is not what was signed with that key',
  entry: () => 'the entry in it is not the one that was booked; something in it was changed',
  path: () => 'its entry does not lead to the book that was signed',
  old_head_unknown_key: (_, oldHead) => `your old head was signed with the key ${oldHead?.keyId}, which is not known`,
  old_head_signature: () => 'your old head is not what was signed with that key',
  needs_consistency: ({ wallet, head }, oldHead) => {
    const [from, to] = [head.size, oldHead?.size ?? 0].sort((a, b) => a - b);
    return `your old head says something only with a proof that both books are one; save ${wallet}/v1/ledger/consistency?from=${from}&to=${to} and give it with --consistency`;
  },
  other_heads: () => 'the proof given with --consistency is between other heads',
  rewritten: () => 'two different books were signed; entries that your old head covers were changed since',
  not_shown: () => 'the proof does not show that both heads are of one book; it is damaged, or the book was changed',
};

/** Ledgers of money have the number of their currency (ISO 4217). */
const showAmount = (amount: string, ledger: number): string =>
  ledger === 156 ? `CNY ${amount.padStart(3, '0').replace(/(\d\d)$/, '.$1')}` : `${amount} (ledger ${ledger})`;

const showMoment = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
