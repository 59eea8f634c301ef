import type { Judgement, Problem } from '../../src/proof/judge-receipt.ts';
import type { PathStep } from '../../src/proof/merkle.ts';
import type { ReceiptDocument } from '../../src/proof/read-document.ts';
import type { SignedHead } from '../../src/proof/receipt.ts';
import { toHex } from '../../src/proof/receipt.ts';
import { instant } from '../client/clock.ts';
import { formatMoney, moneyParts } from '../ui/format-money.ts';
import { formatExact } from '../ui/format-time.ts';
import { make, makeIcon } from './elements.ts';
import type { Found } from './hand.ts';
import { fill, type Words } from './words.ts';

/** Something is missing to say more; nothing is wrong with the receipt. */
const OPEN: readonly Problem[] = ['unreadable_key', 'old_head_unknown_key', 'needs_consistency', 'other_heads'];
const ADDRESS: readonly Problem[] = ['needs_consistency', 'other_heads'];

const timeOf = (at: string): string => formatExact(instant(at));
const grouped = (digits: string | number): string => BigInt(digits).toLocaleString('en');

/** Ledgers of money have the number of their currency (ISO 4217). */
function amountOf({ transfer }: ReceiptDocument, words: Words): string {
  if (transfer.ledger === 156) return formatMoney({ minor: transfer.amount, currency: 'CNY' });
  return fill(words.facts.units, { amount: grouped(transfer.amount), ledger: transfer.ledger });
}

/** What was found: the verdict in a sentence, the facts that it speaks of, and the way from the entry to the signature. */
export function makeVerdict(
  words: Words,
  receipt: ReceiptDocument,
  found: Found,
  oldHead: SignedHead | undefined,
): HTMLElement {
  const { judgement, steps } = found;
  const isOpen = !judgement.holds && OPEN.includes(judgement.problem);
  const [sentence = '', ...more] = sayWhy(words, receipt, judgement, oldHead);
  return make(
    'article',
    { class: 'panel slip verdict', 'aria-labelledby': 'verdict' },
    make(
      'div',
      { class: 'sum' },
      makeChip(judgement, isOpen),
      judgement.holds && makeAmount(receipt),
      make('h2', { id: 'verdict', class: 'title', tabindex: '-1' }, sentence),
      ...more.map((text) => make('p', { class: 'soft' }, text)),
      !judgement.holds && ADDRESS.includes(judgement.problem) && makeAddress(receipt, oldHead),
    ),
    // What does not hold is not shown as if it did.
    (judgement.holds || (isOpen && judgement.problem !== 'unreadable_key')) && makeFacts(words, receipt),
    steps && makePath(words, receipt, steps),
  );

  function makeChip(result: Judgement, open: boolean): HTMLElement {
    const [kind, icon] = result.holds
      ? (['good', 'check'] as const)
      : open
        ? (['open', 'clock'] as const)
        : (['attend', 'no'] as const);
    return make('span', { class: `chip chip-${kind}` }, makeIcon(icon, 16), titleOf(words, result, open));
  }
}

function makeAmount({ transfer }: ReceiptDocument): HTMLElement | undefined {
  if (transfer.ledger !== 156) return undefined;
  const { mark, figure } = moneyParts({ minor: transfer.amount, currency: 'CNY' });
  const sum = make('span', { class: 'amt amt-5' }, make('i', {}, mark), make('span', {}, figure));
  sum.style.setProperty('--chars', String(figure.length + 1));
  return make('div', {}, make('span', { class: 'ruled rule-final' }, sum));
}

const titleOf = (words: Words, judgement: Judgement, isOpen: boolean): string =>
  judgement.holds ? words.holds : isOpen ? words.open : words.fails;

function sayWhy(
  words: Words,
  receipt: ReceiptDocument,
  judgement: Judgement,
  oldHead: SignedHead | undefined,
): string[] {
  if (!judgement.holds) return [words.problem[judgement.problem]];
  return [
    fill(words.sentence, {
      amount: amountOf(receipt, words),
      seq: grouped(receipt.transfer.seq),
      signedAt: timeOf(receipt.head.at),
    }),
    ...(judgement.oldHead === 'fits' ? [fill(words.headFits, { size: grouped(oldHead?.size ?? 0) })] : []),
    { kept: words.keyKept, endorsed: words.keyEndorsed, receipt: words.keyOwn }[judgement.keyFrom],
  ];
}

/** Where the proof between both heads is to be had; as text, since this page goes nowhere. */
function makeAddress({ wallet, head }: ReceiptDocument, oldHead: SignedHead | undefined): HTMLElement {
  const [from, to] = [head.size, oldHead?.size ?? head.size].sort((a, b) => a - b);
  return make('p', { class: 'address' }, `${wallet}/v1/ledger/consistency?from=${from}&to=${to}`);
}

function makeFacts(words: Words, { transfer, head, told }: ReceiptDocument): HTMLElement {
  const { facts } = words;
  const place = fill(facts.seqOf, { seq: grouped(transfer.seq), size: grouped(head.size) });
  const list = make(
    'dl',
    {},
    makeFact(facts.at, timeOf(transfer.at)),
    makeFact(facts.seq, place),
    // Whose they are is not in the proof, so that nobody's is called yours here.
    makeFact(facts.debit, transfer.debitAccountId),
    makeFact(facts.credit, transfer.creditAccountId),
    makeFact(facts.signedAt, timeOf(head.at)),
    makeFact(facts.key, head.keyId),
  );
  const who = told.counterparty === '' ? '' : `${words.counterparty} ${told.counterparty} · `;
  return make(
    'div',
    {},
    list,
    make('p', { class: 'note zone' }, facts.zone),
    make(
      'div',
      { class: 'told' },
      make('p', { class: 'note' }, words.told),
      make('p', { class: 'soft' }, who, `${words.reference} `, make('span', { class: 'nowrap' }, told.reference)),
      make('p', { class: 'soft' }, fill(words.holder, { account: told.account })),
    ),
  );
}

const makeFact = (label: string, value: string): HTMLElement =>
  make('div', { class: 'kv' }, make('dt', {}, label), make('dd', { class: 'num' }, value));

/** The first sixteen digits in fours, as receipts show them. */
const shortHash = (hex: string): string =>
  hex
    .slice(0, 16)
    .toUpperCase()
    .replace(/(.{4})(?=.)/g, '$1 ');

function makePath(words: Words, { leaf, head }: ReceiptDocument, steps: readonly PathStep[]): HTMLElement {
  const gives = toHex(steps.at(-1)?.gives ?? new Uint8Array()) || leaf;
  const isSigned = gives === head.root;
  const line = (hex: string, text: string, kind = '') =>
    make(
      'li',
      { class: kind },
      make('span', { class: 'd' }),
      make('span', { class: 'num hash' }, shortHash(hex)),
      make('span', { class: 'note' }, text),
    );
  return make(
    'details',
    { class: 'proof-path' },
    make('summary', {}, fill(words.path, { count: steps.length }), makeIcon('down', 20)),
    make(
      'ol',
      {},
      line(leaf, words.leaf, 'cur'),
      ...steps.map(({ beside, side }) => line(toHex(beside), words[side], 'step')),
      isSigned ? line(head.root, words.root, 'cur') : line(head.root, words.otherRoot, 'off'),
    ),
    make('p', { class: 'note' }, words.standards),
  );
}
