/** The bounds within which the writer works. Times in milliseconds. */
export type LedgerLimits = {
  /** Transfers of one batch. */
  maxBatch: number;
  /** Transfers that may wait; more are turned away with `LedgerBusy`. */
  maxWaiting: number;
  /** How many accounts, transfers and holds each half of the writer's memory keeps. */
  cache: { accounts: number; transfers: number; holds: number };
  /** Connections that take turns. */
  lines: number;
  /** From how many waiting transfers on the second connection is worth its while. */
  secondLineFrom: number;
  /** From how many transfers on, asked and not answered, the lines share them evenly. */
  shareFrom: number;
  /** A call that waited longer hears `LedgerUnavailable`. */
  giveUpMs: number;
  /** A batch without an answer for longer means that the connection is lost. */
  batchTimeoutMs: number;
  /** A writer that was silent for longer is taken to hang and is replaced. */
  leaseMs: number;
  retryMs: number;
  watchMs: number;
};

export const defaultLimits: LedgerLimits = {
  maxBatch: 4_096,
  maxWaiting: 65_536,
  cache: { accounts: 100_000, transfers: 100_000, holds: 50_000 },
  lines: 2,
  secondLineFrom: 64,
  shareFrom: 256,
  giveUpMs: 15_000,
  batchTimeoutMs: 10_000,
  leaseMs: 10_000,
  retryMs: 200,
  watchMs: 250,
};
