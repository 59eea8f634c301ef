import type { TransferOutcome } from './ledger.ts';
import type { Asked, WaitingCalls } from './waiting-calls.ts';

/** What the other processes on the same database may do with the one that may write here. */
export type WriterDesk = {
  readonly calls: WaitingCalls;
  ask(asked: Asked, size: number): Promise<TransferOutcome[][]>;
  /** Whether what is asked now is decided in this epoch or not at all. */
  writesIn(epoch: number): boolean;
  /** What was under way when this process stopped writing waits again. */
  releaseUnanswered(): void;
};

/**
 * The other processes on the same database: one that does not write passes its calls to the one that does, and takes
 * the calls of others while it does. Told of every turn by the writer; nothing here may keep it waiting.
 */
export type Neighbours = {
  /** This process does not write: its calls go to whoever does. */
  follow(): void;
  /** It is about to write: before this returns, what was passed on and not answered waits here again. */
  stopFollowing(): void;
  /** It writes in this epoch: others may bring their calls. */
  lead(epoch: number): void;
  /** It writes no more. */
  stopLeading(): void;
  /** Somebody asked while it does not write. */
  wake(): void;
  /** It closes and does not write: resolves when what it passed on is answered, at once when nobody takes its calls. */
  finishFollowing(): Promise<void>;
  /** It closes and writes: takes nothing new from others, and answers what it took. */
  leave(): void;
  /** All connections are given up. */
  close(): Promise<void>;
};
