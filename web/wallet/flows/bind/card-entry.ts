import { isWholePhone } from '../parts/typed-digits.ts';

/** What the person has entered about a card. Kept while the page is open, and nowhere else. */
export type CardEntry = {
  cardNumber: string;
  /** The number of this wallet is the bank's too; it is shown masked and need not be typed again. */
  usesOwnPhone: boolean;
  reservedPhone: string;
  agrees: boolean;
};
export type CardField = 'card_number' | 'reserved_phone';

export const firstEntry = (): CardEntry => ({
  cardNumber: '',
  usesOwnPhone: true,
  reservedPhone: '',
  agrees: false,
});

export type CardLack = 'needNumber' | 'needMore' | 'needPhone' | 'needAgree';

/** The first thing that is still missing, in the order of the form. */
export function lackOf(entry: CardEntry, length: number | undefined): CardLack | null {
  if (entry.cardNumber === '') return 'needNumber';
  if (entry.cardNumber.length < (length ?? 13)) return 'needMore';
  if (!entry.usesOwnPhone && !isWholePhone(entry.reservedPhone)) return 'needPhone';
  return entry.agrees ? null : 'needAgree';
}
