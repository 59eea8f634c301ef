import { assert } from '../../kernel/assert.ts';
import { CNY } from '../../kernel/currencies.ts';
import { money, type Money } from '../../kernel/money.ts';
import type { Account, Ledger } from '../../ledger/ledger.ts';
import { accountId } from './chart.ts';

export type Holdings = {
  /** What can be used now: posted credits less posted debits and holds. */
  available: Money;
  held: Money;
};

export const holdingsOf = (account: Account): Holdings => ({
  available: money(account.creditsPosted - account.debitsPosted - account.debitsPending, CNY),
  held: money(account.debitsPending, CNY),
});

/** What the account with this number holds. The account must exist. */
export async function readHoldings(ledger: Pick<Ledger, 'account'>, number: bigint): Promise<Holdings> {
  const account = await ledger.account(accountId(number));
  assert(account, `no account ${number}`);
  return holdingsOf(account);
}
