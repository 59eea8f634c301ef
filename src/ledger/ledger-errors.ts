/**
 * The outcome is unknown: the connection was lost, the server stopped, or nobody could write in time.
 * Ask again with the same ids; what is already there answers `exists`.
 */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable';
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Too much is waiting already. Certain: nothing of this call was or will be done. */
export class LedgerBusy extends Error {
  override readonly name = 'LedgerBusy';
  readonly waiting: number;
  constructor(waiting: number) {
    super(`the ledger has ${waiting} transfers waiting`);
    this.waiting = waiting;
  }
}

/**
 * The database refuses rows that were to ride with a movement: a used key, a broken rule. Certain: nothing of this call
 * was done. `cause` is the database's own error.
 */
export class RidersRefused extends Error {
  override readonly name = 'RidersRefused';
  constructor(cause: Error) {
    super(`rows that ride with a movement were refused: ${cause.message}`, { cause });
  }
}

/** The moment before which it had to be decided has passed. Certain: this call did nothing. An earlier one may have. */
export class LedgerTooLate extends Error {
  override readonly name = 'LedgerTooLate';
  constructor() {
    super('the time in which this could be written to the books is over');
  }
}

export const UNIQUE_VIOLATION = '23505';

/** Whether the database refused the data: no lost connection, want of resources, lock or intervention. */
export const isOfData = (code: string): boolean => /^(2[0-9]|4[24]|P0|XX)/.test(code);
