import { expect } from 'vitest';
import { systemClock, type Clock } from '../../src/kernel/clock.ts';
import type {
  Account,
  AccountFlags,
  AccountId,
  Ledger,
  NewTransfer,
  TransferOutcome,
} from '../../src/ledger/ledger.ts';
import { makeId, words } from './transfers.ts';

/** What a suite for ledgers needs of an implementation: the ledger itself, and the same books opened anew. */
export type LedgerSubject = {
  readonly ledger: Ledger;
  /** Ends everything that is only in memory and opens the same books again. */
  reopen(): Promise<void>;
  close(): Promise<void>;
};

/** A clock that stands where it is put. */
export class StandingClock implements Clock {
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

/** A ledger with accounts as the tests need them. */
export class LedgerScene {
  readonly clock: StandingClock;
  readonly #subject: LedgerSubject;
  #next = 1n;

  constructor(subject: LedgerSubject, clock: StandingClock) {
    this.#subject = subject;
    this.clock = clock;
  }

  get ledger(): Ledger {
    return this.#subject.ledger;
  }

  reopen(): Promise<void> {
    return this.#subject.reopen();
  }

  close(): Promise<void> {
    return this.#subject.close();
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

  /** One who has something, and one who has nothing. */
  async makePair(balance = 100n): Promise<[AccountId, AccountId]> {
    return [await this.makeCustomer(balance), await this.makeCustomer()];
  }

  async one(transfer: NewTransfer): Promise<TransferOutcome> {
    return (await this.ledger.post([[transfer]]))[0]![0]!;
  }

  async outcomes(...chains: NewTransfer[][]): Promise<string[][]> {
    return words(await this.ledger.post(chains));
  }

  /** The outcome of one transfer alone. */
  async outcome(transfer: NewTransfer): Promise<string> {
    return (await this.outcomes([transfer]))[0]![0]!;
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

  async balances(...ids: AccountId[]): Promise<bigint[]> {
    return Promise.all(ids.map((id) => this.balance(id)));
  }

  inMs(ms: number): Date {
    return new Date(this.clock.now().getTime() + ms);
  }
}
