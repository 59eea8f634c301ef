import { addMs } from '../kernel/clock.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Rider } from '../database/rider.ts';
import type { AccountBook, Books, HoldBook, TransferRow } from './books.ts';
import type { AccountId } from './ledger.ts';
import { fillRiders } from './riders.ts';

type AccountMemo = { account: AccountBook } & Pick<
  AccountBook,
  'debitsPosted' | 'creditsPosted' | 'debitsPending' | 'creditsPending' | 'counted' | 'seq' | 'lastSeq'
>;
type HoldMemo = { hold: HoldBook } & Pick<HoldBook, 'state' | 'posted' | 'endedBy' | 'batch'>;

export type Mark = { rows: number; newHolds: number; endedHolds: number };

/** What one batch writes, filled in order. Can be taken back to a mark while a chain is being decided. */
export class Page {
  readonly books: Books;
  readonly batch: number;
  readonly at: Date;
  readonly atMs: number;
  readonly seqBefore: number;
  readonly rows: TransferRow[] = [];
  readonly accounts: AccountBook[] = [];
  readonly newHolds: HoldBook[] = [];
  readonly endedHolds: HoldBook[] = [];
  /** Whether a counter may have changed. */
  counts = false;
  /** Rows of other rooms that are written with the transfers they belong to. */
  readonly riders: Rider[] = [];
  readonly #accountMemos: AccountMemo[] = [];
  readonly #holdMemos: HoldMemo[] = [];
  /** The first so many rows by their ids; made when somebody asks. */
  readonly #byId = new Map<Uuid, TransferRow>();
  #indexed = 0;
  #remembering = false;

  constructor(books: Books, batch: number, now: Date) {
    this.books = books;
    this.batch = batch;
    // Time never runs backwards along seq, even when the machine's clock does.
    this.atMs = Math.max(now.getTime(), books.lastAtMs);
    this.at = addMs(now, this.atMs - now.getTime());
    this.seqBefore = books.seq;
    books.lastAtMs = this.atMs;
    books.transfers.begin(this);
  }

  /** An account that is about to change. */
  change(account: AccountBook): AccountBook {
    if (account.batch !== this.batch) {
      account.batch = this.batch;
      account.seqBefore = account.seq;
      account.flagsBefore = account.flags;
      this.accounts.push(account);
    }
    if (this.#remembering) {
      const { debitsPosted, creditsPosted, debitsPending, creditsPending, counted, seq, lastSeq } = account;
      const sums = { debitsPosted, creditsPosted, debitsPending, creditsPending, counted };
      this.#accountMemos.push({ account, ...sums, seq, lastSeq });
    }
    return account;
  }

  addHold(hold: HoldBook): void {
    this.newHolds.push(hold);
    this.books.holds.set(hold.id, hold);
  }

  /** A hold that is about to end. */
  endHold(hold: HoldBook): void {
    if (this.#remembering) {
      const { state, posted, endedBy, batch } = hold;
      this.#holdMemos.push({ hold, state, posted, endedBy, batch });
    }
    // One that began in this batch is written once, with its end.
    if (hold.batch !== this.batch) this.endedHolds.push(hold);
    hold.batch = this.batch;
  }

  addRow(row: TransferRow): void {
    this.rows.push(row);
    this.books.seq = row.seq;
    this.books.transfers.add(row);
  }

  /** The rows that ride with the last chain, which was posted just now; its transfers as they were posted. */
  ride(riders: readonly Rider[], chainLength: number): readonly TransferRow[] {
    const rows = this.rows.slice(-chainLength);
    this.riders.push(...fillRiders(riders, rows));
    return rows;
  }

  account(id: AccountId): AccountBook | undefined {
    return this.books.accounts.get(id);
  }
  hold(id: Uuid): HoldBook | undefined {
    return this.books.holds.get(id);
  }
  transfer(id: Uuid): TransferRow | undefined {
    return this.books.transfers.get(id);
  }

  /** A row of this batch. */
  find(id: Uuid): TransferRow | undefined {
    for (; this.#indexed < this.rows.length; this.#indexed += 1) {
      const row = this.rows[this.#indexed]!;
      this.#byId.set(row.id, row);
    }
    return this.#byId.get(id);
  }

  mark(): Mark {
    this.#remembering = true;
    this.#accountMemos.length = 0;
    this.#holdMemos.length = 0;
    return { rows: this.rows.length, newHolds: this.newHolds.length, endedHolds: this.endedHolds.length };
  }

  keep(): void {
    this.#remembering = false;
  }

  takeBack(mark: Mark): void {
    this.#remembering = false;
    for (const { account, ...before } of this.#accountMemos.toReversed()) Object.assign(account, before);
    for (const { hold, ...before } of this.#holdMemos.toReversed()) Object.assign(hold, before);
    for (const row of this.rows.splice(mark.rows)) this.#byId.delete(row.id);
    this.#indexed = Math.min(this.#indexed, this.rows.length);
    for (const hold of this.newHolds.splice(mark.newHolds)) this.books.holds.delete(hold.id);
    this.endedHolds.length = mark.endedHolds;
    this.books.seq = this.seqBefore + this.rows.length;
  }
}
