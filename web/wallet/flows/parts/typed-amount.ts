import { CNY, currencyDigits } from '../../../../src/kernel/currencies.ts';

/** An amount while it is being typed: digits with at most one point, as the keys were pressed. */
export type TypedAmount = string;
export type AmountKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '.' | 'delete';
/** Why a key changed nothing; told at once, so that nobody finds out at the end. */
export type AmountComplaint = 'too_many_decimals' | 'too_large';

const DECIMALS = currencyDigits(CNY);
const WHOLE_DIGITS = 8;

const isComplete = (typed: TypedAmount): boolean => /^[0-9]*\.?[0-9]*$/.test(typed);

/** The text after a key, and the reason when the key was not taken. */
export function pressKey(
  typed: TypedAmount,
  key: AmountKey,
): { typed: TypedAmount; complaint: AmountComplaint | null } {
  if (key === 'delete') return { typed: typed.slice(0, -1), complaint: null };
  if (key === '.') return { typed: typed.includes('.') ? typed : `${typed === '' ? '0' : typed}.`, complaint: null };
  const [whole = '', decimals] = typed.split('.');
  if (decimals !== undefined) {
    return decimals.length < DECIMALS
      ? { typed: typed + key, complaint: null }
      : { typed, complaint: 'too_many_decimals' };
  }
  if (whole === '0') return { typed: key, complaint: null };
  return whole.length < WHOLE_DIGITS ? { typed: typed + key, complaint: null } : { typed, complaint: 'too_large' };
}

/** The key of a real keyboard, if it is one of these. */
export function keyFromKeyboard(key: string): AmountKey | undefined {
  if (/^[0-9]$/.test(key)) return key as AmountKey;
  if (key === '.' || key === ',' || key === '。') return '.';
  return key === 'Backspace' || key === 'Delete' ? 'delete' : undefined;
}

/** Pasted text as an amount, typed key by key: spaces, commas of thousands and currency marks do not matter. */
export function typeText(text: string): { typed: TypedAmount; complaint: AmountComplaint | null } {
  let state: ReturnType<typeof pressKey> = { typed: '', complaint: null };
  for (const character of text.normalize('NFKC').replace(/,/g, '')) {
    const key = /^[0-9.]$/.test(character) ? (character as AmountKey) : undefined;
    if (key === undefined) continue;
    state = pressKey(state.typed, key);
    if (state.complaint) return state;
  }
  return state;
}

/** Fen, exact: no float ever holds it. Nothing typed is nothing, not zero. */
export function minorOf(typed: TypedAmount): bigint | undefined {
  if (typed === '' || !isComplete(typed)) return undefined;
  const [whole = '', decimals = ''] = typed.split('.');
  return BigInt(`${whole === '' ? '0' : whole}${decimals.padEnd(DECIMALS, '0')}`);
}

/** A sum as it would have been typed: `300`, `88.5`. */
export function typedFromMinor(minor: bigint): TypedAmount {
  const text = minor.toString().padStart(DECIMALS + 1, '0');
  const decimals = text.slice(-DECIMALS).replace(/0+$/, '');
  return decimals === '' ? text.slice(0, -DECIMALS) : `${text.slice(0, -DECIMALS)}.${decimals}`;
}

/** With separators between thousands, the point kept where it was typed. */
export function groupThousands(typed: TypedAmount): string {
  const [whole = '', decimals] = typed.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}
