import type { LocalText } from '../../kernel/failure.ts';
import { findBank } from '../../policy/banks.ts';

/** The bank's short name in both languages; its code where the directory does not know it. */
export function bankName(bankCode: string): LocalText {
  const bank = findBank(bankCode);
  return bank ? bank.shortName : { 'zh-CN': bankCode, en: bankCode };
}
