import type { Uuid } from '../kernel/ids.ts';
import { INT8_MAX, type AnyTransfer, type Books } from './books.ts';
import type { AccountId } from './ledger.ts';
import { readAccounts, readHolds, readTransfers, type Reader } from './stored-rows.ts';
import type { Call } from './waiting-calls.ts';

/** Fetches what a batch needs and the books do not hold, so that deciding never waits. */

export type Missing = { accounts: Set<AccountId>; holds: Set<Uuid>; transfers: Set<Uuid> };

/** The first characters of the id of something made at that moment, by which ids can be compared. */
function idFloor(atMs: number): string {
  const hex = Math.max(0, Math.min(atMs, 2 ** 48 - 1))
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}`;
}

/** Ids that claim to be of a moment this far ahead were not made by a clock like ours; they are looked up. */
const AHEAD_MS = 5_000;

/**
 * An id that says it was made since the books remember ids, and that they do not know, is taken for new without
 * asking. Where that is wrong (a clock that runs ahead) the unique key finds it, and the batch is decided again.
 */
export function findMissing(books: Books, calls: readonly Call[], nowMs: number, lookUpAll: boolean): Missing {
  const missing: Missing = { accounts: new Set(), holds: new Set(), transfers: new Set() };
  const floor = idFloor(books.knownSinceMs + 1);
  const ceiling = idFloor(nowMs + AHEAD_MS);
  for (const call of calls) {
    if (call.kind === 'state') {
      missAccount(books, missing, call.accountId);
      continue;
    }
    const lookUp = lookUpAll || call.lookUp;
    for (const chain of call.chains) {
      for (const transfer of chain) {
        if (
          (lookUp || transfer.id < floor || transfer.id >= ceiling || books.transfers.mayHold(transfer.id)) &&
          books.transfers.get(transfer.id) === undefined
        ) {
          missing.transfers.add(transfer.id);
        }
        missParties(books, missing, transfer);
      }
    }
  }
  return missing;
}

function missParties(books: Books, missing: Missing, transfer: AnyTransfer): void {
  if (!('pendingId' in transfer)) {
    missAccount(books, missing, transfer.debitAccountId);
    missAccount(books, missing, transfer.creditAccountId);
    return;
  }
  const hold = books.holds.get(transfer.pendingId);
  if (hold !== undefined) {
    missAccount(books, missing, hold.debitAccountId);
    missAccount(books, missing, hold.creditAccountId);
    return;
  }
  // The hold of a batch under way would be here; another kind of transfer there has none.
  if (books.transfers.get(transfer.pendingId) !== undefined) return;
  missing.transfers.add(transfer.pendingId);
  missing.holds.add(transfer.pendingId);
}

function missAccount(books: Books, missing: Missing, id: AccountId): void {
  if (books.accounts.get(id) === undefined && id > 0n && id <= INT8_MAX) missing.accounts.add(id);
}

export const isNothingMissing = (missing: Missing): boolean =>
  missing.accounts.size === 0 && missing.holds.size === 0 && missing.transfers.size === 0;

/** What is committed is what counts: rows that a batch under way has touched are in the books and never missing. */
export async function loadMissing(reader: Reader, books: Books, missing: Missing): Promise<void> {
  if (missing.transfers.size > 0) {
    for (const row of await readTransfers(reader, [...missing.transfers])) books.transfers.load(row);
  }
  if (missing.holds.size > 0) {
    for (const hold of await readHolds(reader, [...missing.holds])) {
      books.holds.set(hold.id, hold);
      missAccount(books, missing, hold.debitAccountId);
      missAccount(books, missing, hold.creditAccountId);
    }
  }
  if (missing.accounts.size > 0) {
    for (const account of await readAccounts(reader, [...missing.accounts])) books.accounts.set(account.id, account);
  }
}
