import type { Clock } from '../kernel/clock.ts';
import { BatchLine } from './batch-line.ts';
import { Books } from './books.ts';
import type { LedgerLimits } from './ledger-limits.ts';
import type { Head } from './leadership.ts';
import type { RiderTables } from './riders.ts';

/** What lasts from one beginning of an epoch to the next failure: the connections and the books made from the tables. */
export class WriterSession {
  readonly books: Books;
  readonly epoch: number;
  readonly lines: BatchLine[];
  readonly #secondLineFrom: number;
  readonly #onFailure: () => void;
  failure: Error | undefined;
  /** That the last batch has moved the head, until it is committed. */
  lastHead: Promise<void> | undefined;

  private constructor(books: Books, epoch: number, lines: BatchLine[], secondLineFrom: number, onFailure: () => void) {
    this.books = books;
    this.epoch = epoch;
    this.lines = lines;
    this.#secondLineFrom = secondLineFrom;
    this.#onFailure = onFailure;
  }

  static async open(
    deps: { connectionString: string; limits: LedgerLimits; clock: Clock; riders: RiderTables },
    head: Head,
    onFailure: () => void,
  ): Promise<WriterSession> {
    const { connectionString, limits, clock, riders } = deps;
    let session: WriterSession | undefined;
    const onBroken = (error: Error) => session?.fail(error);
    const lines: BatchLine[] = [];
    try {
      while (lines.length < limits.lines) lines.push(await BatchLine.open(connectionString, riders, onBroken));
    } catch (error) {
      for (const line of lines) line.drop();
      throw error;
    }
    const books = new Books(head, limits.cache, clock.now().getTime());
    session = new WriterSession(books, head.epoch, lines, limits.secondLineFrom, onFailure);
    return session;
  }

  /** A line on which a batch may travel now. A second one is used only when enough is waiting to fill it. */
  freeLine(waiting: number): BatchLine | undefined {
    const free = this.lines.find((line) => !line.busy);
    const noneBusy = this.lines.every((line) => !line.busy);
    return noneBusy || waiting >= this.#secondLineFrom ? free : undefined;
  }

  /** The session is over; whoever leads it finds out at its next step. */
  fail(error: Error): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    this.drop();
    this.#onFailure();
  }

  /** Cuts all connections without waiting for anything. */
  drop(): void {
    for (const line of this.lines) line.drop();
  }

  async close(): Promise<void> {
    await Promise.all(this.lines.map((line) => line.close()));
  }
}
