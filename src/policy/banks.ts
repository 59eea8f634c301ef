import type { LocalText } from '../kernel/failure.ts';
import type { Bank } from './bank-types.ts';
import { bankDirectory, otherBankNames } from './data/bank-directory.ts';

const byCode = new Map<string, Bank>(bankDirectory.map((bank) => [bank.bankCode, bank]));

/** The bank with this code, or `undefined`. */
export function findBank(bankCode: string): Bank | undefined {
  const known = byCode.get(bankCode);
  const name = Object.hasOwn(otherBankNames, bankCode) ? otherBankNames[bankCode] : undefined;
  if (known || name === undefined) return known;
  const both = { 'zh-CN': name, en: name };
  return { bankCode, name: both, shortName: both, hotline: null };
}

/** How sentences call a bank, for the `bank` of a failure's words; a bank that we do not know is "the bank". */
export const bankNameOf = (bankCode: string): LocalText =>
  findBank(bankCode)?.shortName ?? { 'zh-CN': '银行', en: 'the bank' };
