import { assert } from '../kernel/assert.ts';
import { uuid } from '../kernel/ids.ts';
import type { AnyTransfer } from './books.ts';
import { checkRiders, type RiderTables } from './riders.ts';
import type { Asked } from './waiting-calls.ts';

/** The form of what is asked; a wrong one is the caller's bug, and nothing of its call is done. */
export function checkAsked(tables: RiderTables, asked: Asked): void {
  if (asked.kind !== 'post') return;
  for (const chain of asked.chains) checkChain(chain);
  if (asked.riders !== undefined) checkRiders(tables, asked.chains, asked.riders);
}

const BEGINNINGS: readonly string[] = ['post', 'pending'];
const ENDS: readonly string[] = ['post_pending', 'void_pending', 'expire'];

/** One that PostgreSQL can hold: its time begins in the year 4713 before ours. */
const isStorable = (at: Date): boolean => at.getTime() > -2e14;

function checkChain(chain: readonly AnyTransfer[]): void {
  for (const transfer of chain) {
    uuid(transfer.id);
    const isEnd = 'pendingId' in transfer;
    assert((isEnd ? ENDS : BEGINNINGS).includes(transfer.kind), 'a transfer has a kind');
    if (isEnd) {
      uuid(transfer.pendingId);
      const amount = transfer.kind === 'post_pending' ? transfer.amount : undefined;
      assert(amount === undefined || typeof amount === 'bigint', 'an amount is a bigint');
    } else {
      assert(typeof transfer.amount === 'bigint', 'an amount is a bigint');
      assert(typeof transfer.debitAccountId === 'bigint', 'an account is a bigint');
      assert(typeof transfer.creditAccountId === 'bigint', 'an account is a bigint');
      assert(!transfer.expiresAt || isStorable(transfer.expiresAt), 'expiresAt is no moment');
    }
    if (transfer.operationId !== undefined) uuid(transfer.operationId);
    assert(Number.isInteger(transfer.code) && transfer.code >= 0 && transfer.code < 2 ** 31, 'a code is an int4');
  }
  assert(chain.length < 2 || new Set(chain.map((each) => each.id)).size === chain.length, 'an id twice in one chain');
}
