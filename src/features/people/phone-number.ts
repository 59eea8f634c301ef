import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { phone, type Phone } from '../../kernel/masked.ts';
import { refusal } from '../../causes/refusal.ts';

const E164 = /^\+[1-9]\d{7,14}$/;

/**
 * A number that is written as ours are stored, without a look at whether it is one. Who has it was asked for a real one
 * when their wallet was opened; where nobody has, `readPhone` tells what is wrong.
 */
export const asStored = (text: string): Phone | undefined => (E164.test(text) ? phone(text) : undefined);

/** A mobile number as people type it, in E.164. A number without a country is Chinese. Causes: `input.missing`, `contact.phone_invalid`. */
export function readPhone(text: string, field: 'phone' | 'reserved_phone' | 'payee' = 'phone'): Phone {
  if (text.trim() === '') throw refusal('input.missing', { field, params: {} });
  const parsed = parsePhoneNumberFromString(text.normalize('NFKC'), 'CN');
  // A number that is not valid is of no kind.
  const kind = parsed?.getType();
  if (!parsed || !(kind === 'MOBILE' || kind === 'FIXED_LINE_OR_MOBILE')) {
    throw refusal('contact.phone_invalid', { field });
  }
  return phone(parsed.number);
}
