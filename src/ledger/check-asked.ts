import { assert } from '../kernel/assert.ts';
import { uuid } from '../kernel/ids.ts';
import { INT8_MAX, type AnyTransfer } from './books.ts';
import { counters, type Count } from './ledger.ts';
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

function checkCounts(kind: AnyTransfer['kind'], counts: readonly Count[]): void {
  // What is held may be given back, and a counter only grows.
  assert(kind === 'post', 'only what is posted at once is counted');
  for (const { counter, upTo } of counts) {
    assert(counters.includes(counter), 'a counter that accounts have');
    assert(typeof upTo === 'bigint' && upTo <= INT8_MAX, 'what a counter can hold');
  }
  assert(new Set(counts.map(({ counter }) => counter)).size === counts.length, 'a counter twice');
}

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
      if (transfer.counts !== undefined) checkCounts(transfer.kind, transfer.counts);
    }
    if (transfer.operationId !== undefined) uuid(transfer.operationId);
    assert(Number.isInteger(transfer.code) && transfer.code >= 0 && transfer.code < 2 ** 31, 'a code is an int4');
  }
  assert(chain.length < 2 || new Set(chain.map((each) => each.id)).size === chain.length, 'an id twice in one chain');
}
