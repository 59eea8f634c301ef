import { assert } from '../../kernel/assert.ts';
import type { AccountFlags, AccountId, Counter, NewAccount } from '../../ledger/ledger.ts';

/** The chart of accounts: which numbers, ledgers and codes the house uses. Numbers are never given twice. */

/** Money in yuan, by its ISO 4217 number; limits in yuan are counted in a ledger of their own. */
const MONEY_LEDGER = 156;
const LIMIT_LEDGER = 1156;

const accountCodes = {
  balance: 1,
  merchant: 2,
  bankClearing: 3,
  suspense: 4,
  allowanceSource: 5,
  allowance: 6,
  allowanceUsed: 7,
  differences: 8,
} as const;
export const transferCodes = {
  topUp: 1,
  withdrawal: 2,
  payment: 3,
  transfer: 4,
  allowanceGrant: 5,
  allowanceUse: 6,
  /** Money that a bank took and has to give back: into suspense, and out of it. */
  toReturn: 7,
  returned: 8,
  /** What people decided about a bank's word against an operation that had ended. */
  correction: 9,
  /** From a merchant's balance to a wallet. */
  payout: 10,
} as const;

/** What a balance counts of that which leaves it. */
export const balanceCounters = {
  /** Payments and transfers. */
  paid: 0,
  /** Those of them that took no PIN. */
  paidWithoutPin: 1,
} as const satisfies Record<string, Counter>;

export const accountId = (number: bigint): AccountId => {
  assert(number > 0n, 'account numbers are positive');
  return number as AccountId;
};

/** What a customer or merchant holds: never below zero. */
const NEVER_BELOW_ZERO: AccountFlags = { debitsMustNotExceedCredits: true };

/** What each bank owes the house for its customers: debited by top-ups, credited by withdrawals. */
const BANK_NUMBERS: Readonly<Record<string, bigint>> = {
  ICBC: 1001n,
  ABC: 1002n,
  BOC: 1003n,
  CCB: 1004n,
  COMM: 1005n,
  PSBC: 1006n,
  CMB: 1007n,
  CITIC: 1008n,
  CEB: 1009n,
  CMBC: 1010n,
  SPDB: 1011n,
  CIB: 1012n,
  SPABANK: 1013n,
  HXBANK: 1014n,
  GDB: 1015n,
};
const TO_RETURN = 4001n;
const DIFFERENCES = 4002n;
const ALLOWANCE_SOURCE = 5001n;
const ALLOWANCE_USED = 5002n;

/** The banks whose cards can be bound: those with a clearing account. */
export const clearingBanks: readonly string[] = Object.keys(BANK_NUMBERS);

export function bankClearingAccount(bankCode: string): AccountId {
  const number = BANK_NUMBERS[bankCode];
  assert(number !== undefined, `no clearing account for ${bankCode}`);
  return accountId(number);
}

/** Taken from cards whose wallets cannot have it: owed to those cards until their banks have taken it back. */
export const toReturnAccount = accountId(TO_RETURN);
/** What banks have by their books and customers do not owe: the loss, or gain, of the house until it is cleared up. */
export const differencesAccount = accountId(DIFFERENCES);
export const allowanceSource = accountId(ALLOWANCE_SOURCE);
export const allowanceUsed = accountId(ALLOWANCE_USED);

/** The accounts of the house itself; made at every start, a repetition changes nothing. */
export const houseAccounts: readonly NewAccount[] = [
  ...Object.values(BANK_NUMBERS).map((number) => ({
    id: accountId(number),
    ledger: MONEY_LEDGER,
    code: accountCodes.bankClearing,
  })),
  { id: toReturnAccount, ledger: MONEY_LEDGER, code: accountCodes.suspense },
  { id: differencesAccount, ledger: MONEY_LEDGER, code: accountCodes.differences },
  { id: allowanceSource, ledger: LIMIT_LEDGER, code: accountCodes.allowanceSource },
  { id: allowanceUsed, ledger: LIMIT_LEDGER, code: accountCodes.allowanceUsed },
];

export const balanceAccount = (number: bigint): NewAccount => ({
  id: accountId(number),
  ledger: MONEY_LEDGER,
  code: accountCodes.balance,
  flags: NEVER_BELOW_ZERO,
});
export const merchantAccount = (number: bigint): NewAccount => ({
  id: accountId(number),
  ledger: MONEY_LEDGER,
  code: accountCodes.merchant,
  flags: NEVER_BELOW_ZERO,
});
export const allowanceAccount = (number: bigint): NewAccount => ({
  id: accountId(number),
  ledger: LIMIT_LEDGER,
  code: accountCodes.allowance,
  flags: NEVER_BELOW_ZERO,
});
