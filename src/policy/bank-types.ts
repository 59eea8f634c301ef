import type { LocalText } from '../kernel/failure.ts';

export type Bank = {
  readonly bankCode: string;
  readonly name: LocalText;
  /** As sentences call it: 工商银行, ICBC. */
  readonly shortName: LocalText;
  /** From our own directory, never from a message; null when it is not known. */
  readonly hotline: string | null;
};

export type CardKind = 'debit' | 'credit' | 'semi_credit' | 'prepaid';

/** Prefixes that share bank, kind and length; several to a line, with spaces between them. */
export type BinGroup = {
  readonly bankCode: string;
  readonly kind: CardKind;
  readonly length: number;
  readonly prefixes: readonly string[];
};
