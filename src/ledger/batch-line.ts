import pg from 'pg';
import { columnTypes } from '../database/column-types.ts';
import { encodePage, type Encoded } from './batch-statements.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Page } from './page.ts';
import type { RiderTables } from './riders.ts';

export const lineName = 'purser ledger line';
const INITIAL_CAPACITY = 256 * 1024;
const OPENING_MS = 5_000;

/**
 * Plans are made once, when a table may still be empty, and must be right for millions of rows: every row is found by
 * its key, never by reading a table.
 */
const sessionSettings =
  "set role purser_app; set search_path to public; set timezone to 'UTC'; set synchronous_commit to on; " +
  'set statement_timeout to 0; set plan_cache_mode to force_generic_plan; ' +
  'set enable_seqscan to off; set enable_hashjoin to off; set enable_mergejoin to off';

/** `head`: the head is moved, if this is committed. A rejection of `commit` leaves open whether it was. */
export type Written = { head: Promise<void>; commit: Promise<void> };

/** A connection on which batches travel, one at a time. After any failure it is of no more use. */
export class BatchLine {
  readonly #client: pg.Client;
  readonly #writer = new ByteWriter(INITIAL_CAPACITY);
  readonly #prepared = new Set<string>();
  readonly #riders: RiderTables;
  busy = false;

  private constructor(client: pg.Client, riders: RiderTables) {
    this.#client = client;
    this.#riders = riders;
  }

  static async open(
    connectionString: string,
    riders: RiderTables,
    onBroken: (error: Error) => void,
    withinMs = OPENING_MS,
  ): Promise<BatchLine> {
    const client = new pg.Client({
      connectionString,
      types: columnTypes,
      application_name: lineName,
      connectionTimeoutMillis: withinMs,
      keepAlive: true,
    });
    client.on('error', onBroken);
    await client.connect();
    // A server that greets and then says nothing must not hold whoever waits for the line, or closes meanwhile.
    const settings: pg.QueryConfig & { query_timeout: number } = { text: sessionSettings, query_timeout: withinMs };
    try {
      await client.query(settings);
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
    return new BatchLine(client, riders);
  }

  /**
   * Writes the page in one transaction. Its rows travel at once, the move of the head follows when `before` (the batch
   * before, on another line) has moved it: the server lets this one wait for its commit, and the fence refuses it if
   * that never comes. The bytes are taken before this returns, so that the books may move on.
   */
  write(page: Page, epoch: number, before: Promise<void> | undefined): Written {
    const head = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const fence = { epoch, isBehind: before !== undefined };
    const { rows, rest, ...due } = encodePage(this.#writer, page, fence, this.#prepared, this.#riders);
    this.#client.query(new BatchQuery(rows, due, head.resolve, commit));
    const { stream } = this.#client.connection;
    if (before === undefined) stream.write(rest);
    // When the one before fails, its failure ends this line too.
    else before.then(() => stream.write(rest), commit.reject);
    commit.promise.catch(head.reject);
    // Nobody may be behind it.
    head.promise.catch(() => undefined);
    return { head: head.promise, commit: commit.promise };
  }

  /** Cuts the connection without waiting for anything. */
  drop(): void {
    this.#client.connection.stream.destroy();
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}

declare module 'pg' {
  interface ClientBase {
    readonly connection: pg.Connection;
  }
}

type Due = Pick<Encoded, 'expected' | 'headAt'>;

/** One run of messages ended by one Sync, as pg's client wants a query of someone else's making. */
class BatchQuery {
  readonly #bytes: Buffer;
  readonly #due: Due;
  readonly #headMoved: () => void;
  readonly #commit: PromiseWithResolvers<void>;
  #completed = 0;
  #problem: string | undefined;

  constructor(bytes: Buffer, due: Due, headMoved: () => void, commit: PromiseWithResolvers<void>) {
    this.#bytes = bytes;
    this.#due = due;
    this.#headMoved = headMoved;
    this.#commit = commit;
  }

  submit(connection: pg.Connection): void {
    connection.stream.write(this.#bytes);
  }

  handleCommandComplete(message: { text: string }): void {
    const expected = this.#due.expected[this.#completed];
    const isHead = this.#completed === this.#due.headAt;
    this.#completed += 1;
    const words = message.text.split(' ');
    if (expected === undefined || words[0] !== expected.tag || Number(words.at(-1)) !== expected.rows) {
      this.#problem ??= `the server answered ${message.text} where ${expected?.tag} ${expected?.rows} was due`;
    }
    if (isHead && this.#problem === undefined) this.#headMoved();
  }

  handleReadyForQuery(): void {
    if (this.#completed !== this.#due.expected.length) this.#problem ??= 'the server left out a statement';
    if (this.#problem === undefined) this.#commit.resolve();
    else this.#commit.reject(new Error(`assertion: ${this.#problem}`));
  }

  handleError(error: Error): void {
    this.#commit.reject(error);
  }

  // The bytes of the copy are on their way already; nothing else that can arrive says anything.
  handleCopyInResponse(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
}
