import type { Count, Counter, NewTransfer } from '../../src/ledger/ledger.ts';

/**
 * The ledger's rules once more, written from its interface alone: plain maps, one transfer after the other, whatever a
 * chain could touch copied before it. Easy to believe. Shares nothing with the ledger but the types.
 */

export type ModelAccount = {
  ledger: number;
  debitsCapped: boolean;
  creditsCapped: boolean;
  frozen: boolean;
  closed: boolean;
  dp: bigint;
  cp: bigint;
  dh: bigint;
  ch: bigint;
  counted: readonly [bigint, bigint];
};
export type ModelRow = {
  seq: number;
  at: number;
  id: string;
  kind: string;
  debit: bigint;
  credit: bigint;
  amount: bigint;
  code: number;
  pendingId: string | undefined;
  operationId: string | undefined;
  counters: Counter[];
};
type Hold = {
  id: string;
  state: 'open' | 'posted' | 'voided' | 'expired';
  amount: bigint;
  expiresAt: number | undefined;
  debit: bigint;
  credit: bigint;
};

const MOST = 9_007_199_254_740_991n;
const TOP = 2n ** 63n - 1n;

export type ModelState = { account: bigint; frozen?: boolean; closed?: boolean };
/** What one caller asks: chains of transfers, with a moment before which they must be decided; or a state. */
export type ModelCall = { chains: readonly (readonly NewTransfer[])[]; before?: number } | ModelState;
/** A word for each transfer; `too late` for a call that came after its moment, nothing for a state. */
export type ModelAnswer = string[][] | 'too late' | undefined;

export class PlainModel {
  accounts = new Map<bigint, ModelAccount>();
  /** In the order of seq. */
  transfers = new Map<string, ModelRow>();
  holds = new Map<string, Hold>();
  /** What the clock says. */
  clock = 0;
  /** The time of the books, which never runs back. */
  now = 0;
  #refusedNow = new Map<string, { asked: NewTransfer; reason: string }>();

  addAccount(id: bigint, ledger: number, debitsCapped: boolean, creditsCapped: boolean): void {
    this.accounts.set(id, {
      ledger,
      debitsCapped,
      creditsCapped,
      frozen: false,
      closed: false,
      dp: 0n,
      cp: 0n,
      dh: 0n,
      ch: 0n,
      counted: [0n, 0n],
    });
  }

  /** Calls asked at the same moment, in the order of asking: they share what is refused to the first of them. */
  together(calls: readonly ModelCall[]): ModelAnswer[] {
    this.#refusedNow.clear();
    this.now = Math.max(this.now, this.clock);
    return calls.map((call) => {
      if ('account' in call) {
        const account = this.accounts.get(call.account)!;
        account.frozen = call.frozen ?? account.frozen;
        account.closed = call.closed ?? account.closed;
        return undefined;
      }
      if (call.before !== undefined && call.before <= this.clock) return 'too late';
      return call.chains.map((chain) => this.#chain(chain));
    });
  }

  expireHolds(limit: number): number {
    this.now = Math.max(this.now, this.clock);
    const due = [...this.holds.values()].filter(
      (each) => each.state === 'open' && (each.expiresAt ?? TOP) <= this.clock,
    );
    due.sort((a, b) => a.expiresAt! - b.expiresAt! || (a.id < b.id ? -1 : 1));
    for (const hold of due.slice(0, limit)) {
      const { code, operationId } = this.transfers.get(hold.id)!;
      hold.state = 'expired';
      this.#unreserve(hold);
      this.#record({ id: `expired ${hold.id}`, kind: 'expire', code, operationId }, hold, hold.amount, hold.id);
    }
    return Math.min(due.length, limit);
  }

  #chain(chain: readonly NewTransfer[]): string[] {
    if (chain.some((each) => this.transfers.has(each.id))) return chain.map((each) => this.#known(each));
    const takeBack = this.#remember(chain);
    for (const [index, asked] of chain.entries()) {
      const refused = this.#refusedNow.get(asked.id);
      // How far a counter may go is of the asking: for who asks otherwise nothing has been said yet.
      const isOther = refused?.reason === 'exceeds_counter' && limitsOf(refused.asked) !== limitsOf(asked);
      const shared = isOther ? undefined : refused;
      const same = shared !== undefined && JSON.stringify(plain(shared.asked)) === JSON.stringify(plain(asked));
      const reason =
        shared === undefined ? this.#apply(asked) : same ? shared.reason : 'id_already_failed_with_other_content';
      if (reason === undefined) continue;
      takeBack();
      if (refused === undefined) this.#refusedNow.set(asked.id, { asked, reason });
      return chain.map((_, i) => (i === index ? reason : 'linked_event_failed'));
    }
    return chain.map(() => 'posted');
  }

  /** All that a chain of new ids can change: accounts, the holds that it ends, and what it adds. */
  #remember(chain: readonly NewTransfer[]): () => void {
    const accounts = copy(this.accounts);
    const holds = chain.flatMap((each) => ('pendingId' in each ? [this.holds.get(each.pendingId)] : []));
    const before = holds.flatMap((each) => (each === undefined ? [] : [{ ...each }]));
    return () => {
      this.accounts = accounts;
      for (const { id } of chain) this.transfers.delete(id);
      for (const { id } of chain) this.holds.delete(id);
      for (const hold of before) this.holds.set(hold.id, hold);
    };
  }

  #known(asked: NewTransfer): string {
    const there = this.transfers.get(asked.id);
    if (there === undefined) return 'linked_event_failed';
    if (there.kind !== asked.kind) return 'exists_with_different_kind';
    if (asked.kind === 'post_pending' || asked.kind === 'void_pending') {
      if (there.pendingId !== asked.pendingId) return 'exists_with_different_pending_id';
      if (asked.kind === 'post_pending') {
        const wanted = asked.amount ?? this.holds.get(asked.pendingId)!.amount;
        if (there.amount !== wanted) return 'exists_with_different_amount';
      }
    } else {
      if (there.debit !== asked.debitAccountId) return 'exists_with_different_debit_account';
      if (there.credit !== asked.creditAccountId) return 'exists_with_different_credit_account';
      if (there.amount !== asked.amount) return 'exists_with_different_amount';
    }
    if (there.code !== asked.code) return 'exists_with_different_code';
    if (there.operationId !== asked.operationId) return 'exists_with_different_operation';
    return 'exists';
  }

  #apply(asked: NewTransfer): string | undefined {
    return 'pendingId' in asked ? this.#end(asked) : this.#direct(asked);
  }

  #direct(asked: Extract<NewTransfer, { kind: 'post' | 'pending' }>): string | undefined {
    const amount = asked.amount;
    if (amount < 1n) return 'amount_must_be_positive';
    if (amount > MOST) return 'amount_too_large';
    if (asked.debitAccountId === asked.creditAccountId) return 'accounts_must_be_different';
    const from = this.accounts.get(asked.debitAccountId);
    const to = this.accounts.get(asked.creditAccountId);
    if (!from) return 'debit_account_not_found';
    if (!to) return 'credit_account_not_found';
    if (from.ledger !== to.ledger) return 'accounts_must_have_the_same_ledger';
    if (from.closed) return 'debit_account_closed';
    if (to.closed) return 'credit_account_closed';
    if (from.frozen) return 'debit_account_frozen';
    const counts = asked.counts ?? [];
    if (counts.some(({ counter, upTo }) => from.counted[counter] + amount > upTo)) return 'exceeds_counter';
    if (from.dp + from.dh + amount > TOP || to.cp + to.ch + amount > TOP) return 'overflows_account';
    if (from.debitsCapped && from.cp - from.dp - from.dh < amount) return 'exceeds_credits';
    if (to.creditsCapped && to.dp - to.cp - to.ch < amount) return 'exceeds_debits';
    if (asked.kind === 'post') {
      from.dp += amount;
      to.cp += amount;
      for (const { counter } of counts)
        from.counted = from.counted.with(counter, from.counted[counter] + amount) as never;
    } else {
      from.dh += amount;
      to.ch += amount;
      this.holds.set(asked.id, {
        id: asked.id,
        state: 'open',
        amount,
        expiresAt: asked.expiresAt?.getTime(),
        debit: asked.debitAccountId,
        credit: asked.creditAccountId,
      });
    }
    const parties = { debit: asked.debitAccountId, credit: asked.creditAccountId };
    this.#record(asked, parties, amount, undefined, counts.map(({ counter }) => counter).sort());
    return undefined;
  }

  #end(asked: Extract<NewTransfer, { pendingId: string }>): string | undefined {
    const part = asked.kind === 'post_pending' ? asked.amount : undefined;
    if (part !== undefined && part < 1n) return 'amount_must_be_positive';
    if (part !== undefined && part > MOST) return 'amount_too_large';
    const hold = this.holds.get(asked.pendingId);
    if (!hold)
      return this.transfers.has(asked.pendingId) ? 'pending_transfer_not_pending' : 'pending_transfer_not_found';
    if (hold.state === 'posted') return 'pending_transfer_already_posted';
    if (hold.state === 'voided') return 'pending_transfer_already_voided';
    if (hold.state === 'expired' || (hold.expiresAt !== undefined && hold.expiresAt <= this.now))
      return 'pending_transfer_expired';
    if (asked.kind === 'void_pending') {
      hold.state = 'voided';
      this.#unreserve(hold);
      this.#record(asked, hold, hold.amount, asked.pendingId);
      return undefined;
    }
    const amount = part ?? hold.amount;
    if (amount > hold.amount) return 'exceeds_pending_transfer_amount';
    if (this.accounts.get(hold.debit)!.closed) return 'debit_account_closed';
    if (this.accounts.get(hold.credit)!.closed) return 'credit_account_closed';
    hold.state = 'posted';
    this.#unreserve(hold);
    this.accounts.get(hold.debit)!.dp += amount;
    this.accounts.get(hold.credit)!.cp += amount;
    this.#record(asked, hold, amount, asked.pendingId);
    return undefined;
  }

  #unreserve(hold: Hold): void {
    this.accounts.get(hold.debit)!.dh -= hold.amount;
    this.accounts.get(hold.credit)!.ch -= hold.amount;
  }

  #record(
    asked: { id: string; kind: string; code: number; operationId?: string | undefined },
    { debit, credit }: { debit: bigint; credit: bigint },
    amount: bigint,
    pendingId: string | undefined,
    counters: Counter[] = [],
  ): void {
    const { id, kind, code, operationId } = asked;
    const seq = this.transfers.size + 1;
    const said = { id, kind, debit, credit, amount, code, pendingId, operationId, counters };
    this.transfers.set(id, { seq, at: this.now, ...said });
  }
}

const copy = <K, V extends object>(map: Map<K, V>): Map<K, V> =>
  new Map([...map].map(([key, value]) => [key, { ...value }]));

const plain = (asked: NewTransfer): unknown => {
  const { expiresAt: _, counts: __, ...rest } = asked as NewTransfer & { expiresAt?: Date; counts?: unknown };
  return Object.entries(rest)
    .map(([key, value]) => [key, String(value)])
    .sort();
};

/** The counters that it is counted in and how far they may go, in any order. */
const limitsOf = (asked: NewTransfer): string =>
  'pendingId' in asked
    ? 'none'
    : [`of ${asked.debitAccountId}`, ...(asked.counts ?? []).map(({ counter, upTo }: Count) => `${counter} to ${upTo}`)]
        .sort()
        .join();
