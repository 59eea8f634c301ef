import marks from './words/bank-marks.json' with { type: 'json' };

const markOf = (bankCode: string): string => (marks as Record<string, string>)[bankCode] ?? marks.other;

/** One character on the bank's colour; never a logo. The bank's name always stands beside it. */
export function BankPlate({ bankCode, small }: { bankCode: string; small?: boolean }) {
  return (
    <span className={small ? 'bank bank-s' : 'bank'} data-bank={bankCode} lang="zh-CN" aria-hidden="true">
      {markOf(bankCode)}
    </span>
  );
}
