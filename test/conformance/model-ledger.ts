import { assert } from '../../src/kernel/assert.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type {
  Account,
  AccountId,
  Count,
  HistoryEntry,
  Ledger,
  NewAccount,
  NewTransfer,
  Transfer,
  TransferOutcome,
  TransferRefusal,
} from '../../src/ledger/ledger.ts';
import { LedgerTooLate, LedgerUnavailable } from '../../src/ledger/ledger-errors.ts';
import type { LedgerSubject } from './ledger-scene.ts';
import { PlainModel, type ModelAnswer, type ModelCall, type ModelRow } from './plain-model.ts';

/**
 * The plain model behind the ledger's interface, without any database: a second implementation, by which the
 * conformance suite shows that it asks for what the interface says and for nothing of PostgreSQL's.
 */
export function openModelLedger(clock: Clock): LedgerSubject {
  const books = new ModelBooks(clock);
  let ledger = openOn(books);
  return {
    get ledger() {
      return ledger;
    },
    reopen: async () => {
      await ledger.close();
      ledger = openOn(books);
    },
    close: () => ledger.close(),
  };
}

/** What lasts when the ledger is closed. */
class ModelBooks {
  readonly model = new PlainModel();
  readonly made = new Map<bigint, NewAccount>();
  readonly #clock: Clock;
  #waiting: { call: ModelCall; answer: (answer: ModelAnswer) => void }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whoever asks in the same turn of the event loop asks at the same moment. */
  ask(call: ModelCall): Promise<ModelAnswer> {
    if (this.#waiting.length === 0) setImmediate(() => this.#answer());
    return new Promise((answer) => this.#waiting.push({ call, answer }));
  }

  expireHolds(limit: number): number {
    this.model.clock = this.#clock.now().getTime();
    return this.model.expireHolds(limit);
  }

  #answer(): void {
    const asked = this.#waiting;
    this.#waiting = [];
    this.model.clock = this.#clock.now().getTime();
    const answers = this.model.together(asked.map((each) => each.call));
    for (const [index, { answer }] of asked.entries()) answer(answers[index]);
  }
}

function openOn(books: ModelBooks): Ledger {
  const { model } = books;
  let closed = false;
  const ask = (call: ModelCall) => {
    if (closed) throw new LedgerUnavailable('the ledger is closed');
    return books.ask(call);
  };
  const account = async (id: AccountId) => accountOf(books, id);
  return {
    createAccounts: async (accounts) => {
      for (const each of accounts) createAccount(books, each);
    },
    post: async (chains, limit) => {
      for (const chain of chains) checkForm(chain);
      const answer = await ask({ chains, ...(limit?.before === undefined ? {} : { before: limit.before.getTime() }) });
      if (!Array.isArray(answer)) throw new LedgerTooLate();
      return answer.map((words, i) => words.map((word, j) => outcomeOf(model, chains[i]![j]!, word)));
    },
    account,
    accounts: async (ids) => {
      const found = ids.map((id) => [id, accountOf(books, id)] as const);
      return new Map(found.flatMap(([id, each]) => (each === undefined ? [] : [[id, each]])));
    },
    transfer: async (id) => {
      const row = model.transfers.get(id);
      return row && transferOf(books, row);
    },
    transfersOf: async (operationId) =>
      [...model.transfers.values()]
        .filter((row) => row.operationId === operationId)
        .map((row) => transferOf(books, row)),
    history: async (id, { beforeSeq = 2n ** 63n, limit }) => {
      const entries = entriesOf(books, id).filter((each) => each.seq < beforeSeq);
      const page = entries.slice(-limit).reverse();
      return { entries: page, nextBeforeSeq: entries.length > limit ? page.at(-1)?.seq : undefined };
    },
    balanceAt: async (id, at) => {
      if (!books.made.has(id)) return undefined;
      const last = entriesOf(books, id).findLast((each) => each.at <= at);
      return { balance: last?.balanceAfter ?? 0n, lastSeq: last?.seq, lastAt: last?.at };
    },
    setAccountState: async (id, state) => {
      assert(books.made.has(id), `no account ${id}`);
      await ask({ account: id, ...state });
    },
    expireHolds: async (limit) => books.expireHolds(limit),
    close: async () => {
      closed = true;
    },
  };
}

function createAccount({ model, made }: ModelBooks, account: NewAccount): void {
  const [debits, credits] = capsOf(account);
  const there = made.get(account.id);
  if (there === undefined) {
    made.set(account.id, account);
    model.addAccount(account.id, account.ledger, debits, credits);
    return;
  }
  const same = there.ledger === account.ledger && there.code === account.code;
  assert(same && String(capsOf(there)) === String([debits, credits]), `account ${account.id} has other content`);
}

const capsOf = ({ flags = {} }: NewAccount): [boolean, boolean] => [
  flags.debitsMustNotExceedCredits === true,
  flags.creditsMustNotExceedDebits === true,
];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function checkForm(chain: readonly NewTransfer[]): void {
  for (const each of chain) {
    const ids = [each.id, each.operationId ?? each.id, 'pendingId' in each ? each.pendingId : each.id];
    assert(
      ids.every((id) => UUID.test(id)),
      'an id has no form',
    );
    const ends = each.kind === 'post_pending' || each.kind === 'void_pending';
    assert(ends === 'pendingId' in each && (ends || each.kind === 'post' || each.kind === 'pending'), 'no such kind');
    const amount = 'amount' in each ? each.amount : 0n;
    assert(typeof amount === 'bigint', 'an amount is a bigint');
    if ('counts' in each && each.counts !== undefined) checkCounts(each.kind, each.counts);
    if (each.kind === 'pending' && each.expiresAt) assert(each.expiresAt.getTime() > -2e14, 'no moment');
    assert(Number.isInteger(each.code) && each.code >= 0 && each.code < 2 ** 31, 'a code is an int4');
  }
  assert(new Set(chain.map((each) => each.id)).size === chain.length, 'an id twice in one chain');
}

function checkCounts(kind: NewTransfer['kind'], counts: readonly Count[]): void {
  assert(kind === 'post' && Array.isArray(counts), 'not what can be counted');
  for (const { counter, upTo } of counts) {
    assert(counter === 0 || counter === 1, 'no such counter');
    assert(typeof upTo === 'bigint' && upTo < 2n ** 63n, 'farther than a counter goes');
  }
  assert(counts.length < 2 || counts[0]?.counter !== counts[1]?.counter, 'a counter twice');
  assert(counts.length <= 2, 'a counter twice');
}

function outcomeOf(model: PlainModel, { id }: NewTransfer, word: string): TransferOutcome {
  if (word !== 'posted' && word !== 'exists') return { outcome: 'refused', reason: word as TransferRefusal };
  const { seq, at } = model.transfers.get(id)!;
  return { outcome: word, seq: BigInt(seq), at: new Date(at) };
}

function accountOf({ model, made }: ModelBooks, id: AccountId): Account | undefined {
  const account = made.get(id);
  if (account === undefined) return undefined;
  const { frozen, closed, debitsCapped, creditsCapped, dp, cp, dh, ch, counted } = model.accounts.get(id)!;
  const flags = {
    ...(debitsCapped && { debitsMustNotExceedCredits: true }),
    ...(creditsCapped && { creditsMustNotExceedDebits: true }),
  };
  const totals = { debitsPosted: dp, creditsPosted: cp, debitsPending: dh, creditsPending: ch };
  return { id, ledger: account.ledger, code: account.code, flags, frozen, closed, ...totals, counted };
}

function transferOf({ made }: ModelBooks, row: ModelRow): Transfer {
  return {
    id: row.id,
    seq: BigInt(row.seq),
    kind: row.kind === 'expire' ? 'void_pending' : row.kind,
    debitAccountId: row.debit,
    creditAccountId: row.credit,
    amount: row.amount,
    ledger: made.get(row.debit)!.ledger,
    code: row.code,
    pendingId: row.pendingId,
    operationId: row.operationId,
    counters: row.counters,
    at: new Date(row.at),
  } as unknown as Transfer;
}

/** What was posted to an account, oldest first, added up from the beginning. */
function entriesOf(books: ModelBooks, id: AccountId): HistoryEntry[] {
  let balanceAfter = 0n;
  return [...books.model.transfers.values()].flatMap((row) => {
    if ((row.kind !== 'post' && row.kind !== 'post_pending') || (row.debit !== id && row.credit !== id)) return [];
    const side = row.debit === id ? ('debit' as const) : ('credit' as const);
    balanceAfter += side === 'debit' ? -row.amount : row.amount;
    return [{ ...transferOf(books, row), side, balanceAfter }];
  });
}
