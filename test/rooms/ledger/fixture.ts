import pg from 'pg';
import { expect } from 'vitest';
import { columnTypes } from '../../../src/database/column-types.ts';
import type { Clock } from '../../../src/kernel/clock.ts';
import { checkLedger } from '../../../src/ledger/check-ledger.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { LedgerLimits } from '../../../src/ledger/ledger-limits.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { LedgerScene, StandingClock, type LedgerSubject } from '../../conformance/ledger-scene.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

export { hold, makeId, post, release, take, words } from '../../conformance/transfers.ts';

/** The ledger on a PostgreSQL database of its own. */
class PostgresSubject implements LedgerSubject {
  readonly database: TestDatabase;
  readonly problems: Error[] = [];
  readonly #clock: Clock;
  #limits: Partial<LedgerLimits>;
  #ledger: Ledger | undefined;

  constructor(database: TestDatabase, clock: Clock, limits: Partial<LedgerLimits>) {
    this.database = database;
    this.#clock = clock;
    this.#limits = limits;
  }

  get ledger(): Ledger {
    return this.#ledger!;
  }

  async open(limits = this.#limits): Promise<void> {
    this.#limits = limits;
    this.#ledger = await openLedger({
      connectionString: this.database.connectionString,
      clock: this.#clock,
      limits,
      onProblem: (error) => this.problems.push(error),
    });
  }

  async reopen(): Promise<void> {
    await this.ledger.close();
    await this.open();
  }

  async withOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.database.ownerConnectionString, types: columnTypes });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Closes, and holds that the books are right whatever was done to them. */
  async close(): Promise<void> {
    await this.ledger.close();
    const checked = await this.withOwner(checkLedger);
    await this.database.drop();
    expect(checked).toMatchObject({ ok: true });
  }
}

export class LedgerFixture extends LedgerScene {
  readonly #postgres: PostgresSubject;

  private constructor(postgres: PostgresSubject, clock: StandingClock) {
    super(postgres, clock);
    this.#postgres = postgres;
  }

  static async create(limits: Partial<LedgerLimits> = {}, clock = new StandingClock()): Promise<LedgerFixture> {
    const postgres = new PostgresSubject(await createTestDatabase(), clock, limits);
    await postgres.open();
    return new LedgerFixture(postgres, clock);
  }

  /** New books for a suite that knows only the interface; whatever goes wrong unseen shows when they are closed. */
  static async openSubject(clock: Clock, limits: Partial<LedgerLimits> = {}): Promise<LedgerSubject> {
    const postgres = new PostgresSubject(await createTestDatabase(), clock, limits);
    await postgres.open();
    return {
      get ledger() {
        return postgres.ledger;
      },
      reopen: () => postgres.reopen(),
      close: async () => {
        await postgres.close();
        // It would recover from a fault of its own, and nobody would notice.
        expect(postgres.problems.filter(({ message }) => message.startsWith('assertion'))).toEqual([]);
      },
    };
  }

  get database(): TestDatabase {
    return this.#postgres.database;
  }

  /** What the writer recovered from. */
  get problems(): readonly Error[] {
    return this.#postgres.problems;
  }

  open(limits?: Partial<LedgerLimits>): Promise<void> {
    return this.#postgres.open(limits);
  }

  withOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#postgres.withOwner(work);
  }

  check() {
    return this.withOwner(checkLedger);
  }
}
