import { assert } from '../kernel/assert.ts';
import { accountFlag, type AccountBook } from './books.ts';
import type { AccountFlags, NewAccount } from './ledger.ts';
import { readAccounts, type Reader } from './stored-rows.ts';

const LASTING_FLAGS = accountFlag.debitsMustNotExceedCredits | accountFlag.creditsMustNotExceedDebits;

const flagBits = (flags: AccountFlags | undefined): number =>
  (flags?.debitsMustNotExceedCredits ? accountFlag.debitsMustNotExceedCredits : 0) |
  (flags?.creditsMustNotExceedDebits ? accountFlag.creditsMustNotExceedDebits : 0);

/**
 * Makes what is not there yet. The writer needs not be asked: it remembers no account as missing, and a new one has
 * no balance that it could differ about.
 */
export async function createAccounts(reader: Reader, accounts: readonly NewAccount[]): Promise<void> {
  if (accounts.length === 0) return;
  // In the order of their ids, so that two callers who make the same accounts do not wait for each other in a circle.
  const sorted = [...accounts].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  await reader.query({
    name: 'ledger_create_accounts',
    text: `insert into ledger_account (id, ledger, code, flags)
           select * from unnest($1::int8[], $2::int4[], $3::int4[], $4::int4[]) on conflict (id) do nothing`,
    values: [
      sorted.map((each) => each.id),
      sorted.map((each) => each.ledger),
      sorted.map((each) => each.code),
      sorted.map((each) => flagBits(each.flags)),
    ],
  });
  const stored = new Map(
    (
      await readAccounts(
        reader,
        sorted.map((each) => each.id),
      )
    ).map((each) => [each.id, each]),
  );
  for (const account of accounts) {
    assert(isSame(account, stored.get(account.id)), `account ${account.id} is there with other content`);
  }
}

const isSame = (asked: NewAccount, stored: AccountBook | undefined): boolean =>
  stored !== undefined &&
  stored.ledger === asked.ledger &&
  stored.code === asked.code &&
  (stored.flags & LASTING_FLAGS) === flagBits(asked.flags);
