import type { CardKind } from './bank-types.ts';
import { binGroups } from './data/bin-groups.ts';

export type CardBin = {
  readonly bankCode: string;
  readonly kind: CardKind;
  /** Digits of a whole card number of this range. */
  readonly length: number;
  readonly prefix: string;
};

function indexPrefixes(): ReadonlyMap<string, readonly CardBin[]> {
  const index = new Map<string, CardBin[]>();
  for (const { bankCode, kind, length, prefixes } of binGroups) {
    for (const prefix of prefixes.flatMap((line) => line.split(' '))) {
      const bins = index.get(prefix) ?? [];
      bins.push({ bankCode, kind, length, prefix });
      index.set(prefix, bins);
    }
  }
  return index;
}

const byPrefix = indexPrefixes();
const SHORTEST = Math.min(...[...byPrefix.keys()].map((prefix) => prefix.length));
const LONGEST = Math.max(...[...byPrefix.keys()].map((prefix) => prefix.length));

function findLongest(digits: string, fits: (bin: CardBin) => boolean): CardBin | undefined {
  for (let length = Math.min(LONGEST, digits.length); length >= SHORTEST; length -= 1) {
    const found = byPrefix.get(digits.slice(0, length))?.find(fits);
    if (found) return found;
  }
  return undefined;
}

/**
 * The range that a whole card number belongs to: the longest prefix among those of its length.
 * `undefined` means that we do not know the bank, not that there is no such card.
 */
export const findCardBin = (pan: string): CardBin | undefined => findLongest(pan, (bin) => bin.length === pan.length);

/** The range that the digits typed so far point to, for showing the bank before the number is complete. */
export const recogniseCard = (digits: string): CardBin | undefined =>
  findCardBin(digits) ?? findLongest(digits, (bin) => bin.length > digits.length);
