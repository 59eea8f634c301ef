import pg from 'pg';
import { expect } from 'vitest';
import { columnTypes } from '../../../src/database/column-types.ts';
import { systemClock, type Clock } from '../../../src/kernel/clock.ts';
import { newId, type Uuid } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { checkLedger } from '../../../src/ledger/check-ledger.ts';
import type { LedgerLimits } from '../../../src/ledger/ledger-limits.ts';
import type {
  Account,
  AccountFlags,
  AccountId,
  Ledger,
  NewTransfer,
  TransferOutcome,
} from '../../../src/ledger/ledger.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

export const makeId = (): Uuid => newId(systemClock, systemRandom);

/** A clock that stands where it is put. */
class StandingClock implements Clock {
  #now: number;
  constructor(now = systemClock.now().getTime()) {
    this.#now = now;
  }
  now(): Date {
    return new Date(this.#now);
  }
  advance(ms: number): void {
    this.#now += ms;
  }
  sleep(ms: number): Promise<void> {
    this.#now += ms;
    return Promise.resolve();
  }
}

export class LedgerFixture {
  readonly database: TestDatabase;
  readonly clock = new StandingClock();
  readonly problems: Error[] = [];
  ledger: Ledger;
  #next = 1n;

  private constructor(database: TestDatabase, ledger: Ledger) {
    this.database = database;
    this.ledger = ledger;
  }

  static async create(limits: Partial<LedgerLimits> = {}): Promise<LedgerFixture> {
    const database = await createTestDatabase();
    const fixture = new LedgerFixture(database, undefined as unknown as Ledger);
    await fixture.open(limits);
    return fixture;
  }

  async open(limits: Partial<LedgerLimits> = {}): Promise<void> {
    this.ledger = await openLedger({
      connectionString: this.database.connectionString,
      clock: this.clock,
      limits,
      onProblem: (error) => this.problems.push(error),
    });
  }

  async makeAccount(options: { ledger?: number; flags?: AccountFlags; balance?: bigint } = {}): Promise<AccountId> {
    const id = this.#next as AccountId;
    this.#next += 1n;
    const { ledger = 1, flags = {}, balance = 0n } = options;
    await this.ledger.createAccounts([{ id, ledger, code: 10, flags }]);
    if (balance > 0n) {
      const source = (9_000_000n + BigInt(ledger)) as AccountId;
      await this.ledger.createAccounts([{ id: source, ledger, code: 1 }]);
      await this.one({
        id: makeId(),
        kind: 'post',
        debitAccountId: source,
        creditAccountId: id,
        amount: balance,
        code: 1,
      });
    }
    return id;
  }

  /** A customer's account: cannot be overdrawn. */
  makeCustomer(balance = 0n): Promise<AccountId> {
    return this.makeAccount({ flags: { debitsMustNotExceedCredits: true }, balance });
  }

  async one(transfer: NewTransfer): Promise<TransferOutcome> {
    return (await this.ledger.post([[transfer]]))[0]![0]!;
  }

  async account(id: AccountId): Promise<Account> {
    const account = await this.ledger.account(id);
    expect(account).toBeDefined();
    return account!;
  }

  async balance(id: AccountId): Promise<bigint> {
    const { creditsPosted, debitsPosted } = await this.account(id);
    return creditsPosted - debitsPosted;
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

  check() {
    return this.withOwner(checkLedger);
  }

  /** Closes, and holds that the books are right whatever was done to them. */
  async close(): Promise<void> {
    await this.ledger.close();
    const checked = await this.check();
    await this.database.drop();
    expect(checked).toMatchObject({ ok: true });
  }
}

export const post = (
  debitAccountId: AccountId,
  creditAccountId: AccountId,
  amount: bigint,
  more: object = {},
): NewTransfer => ({
  id: makeId(),
  kind: 'post',
  debitAccountId,
  creditAccountId,
  amount,
  code: 7,
  ...more,
});
export const hold = (
  debitAccountId: AccountId,
  creditAccountId: AccountId,
  amount: bigint,
  more: object = {},
): NewTransfer => ({
  id: makeId(),
  kind: 'pending',
  debitAccountId,
  creditAccountId,
  amount,
  code: 7,
  ...more,
});
export const take = (pendingId: Uuid, amount?: bigint, more: object = {}): NewTransfer => ({
  id: makeId(),
  kind: 'post_pending',
  pendingId,
  code: 7,
  ...(amount === undefined ? {} : { amount }),
  ...more,
});
export const release = (pendingId: Uuid, more: object = {}): NewTransfer => ({
  id: makeId(),
  kind: 'void_pending',
  pendingId,
  code: 7,
  ...more,
});

/** Outcomes as short words: `posted`, `exists`, or the reason of a refusal. */
export const words = (outcomes: readonly (readonly TransferOutcome[])[]): string[][] =>
  outcomes.map((chain) => chain.map((each) => (each.outcome === 'refused' ? each.reason : each.outcome)));
