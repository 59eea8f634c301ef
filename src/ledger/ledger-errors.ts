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
  constructor(waiting: number) {
    super(`the ledger has ${waiting} transfers waiting`);
  }
}

/** The moment before which it had to be decided has passed. Certain: this call did nothing. An earlier one may have. */
export class LedgerTooLate extends Error {
  override readonly name = 'LedgerTooLate';
  constructor() {
    super('the time in which this could be written to the books is over');
  }
}
