import type { Rider } from '../database/rider.ts';
import type { AnyTransfer } from './books.ts';
import type { AccountId, TransferOutcome } from './ledger.ts';
import { LedgerBusy, type LedgerUnavailable } from './ledger-errors.ts';

/** For each chain the rows that are written with it. */
export type Riders = readonly (readonly Rider[])[];
export type AccountStateChange = { frozen?: boolean; closed?: boolean };

export type Asked = (
  | {
      kind: 'post';
      chains: readonly (readonly AnyTransfer[])[];
      before?: Date | undefined;
      riders?: Riders | undefined;
    }
  | { kind: 'state'; accountId: AccountId; state: AccountStateChange }
) & {
  /** Brought by another process: carried out in the epoch in which it came, or not at all. */
  bound?: boolean;
  /** It may have been written before: its ids are to be looked up. */
  lookUp?: boolean;
};

/** What one caller asked and waits for. */
export type Call = Asked & {
  /** In the order of asking. */
  readonly no: number;
  readonly size: number;
  readonly askedAtMs: number;
  outcomes: TransferOutcome[][];
  /** Heard its answer, or was told that nobody knows. */
  settled: boolean;
  lookUp: boolean;
  /** How often the database refused the batch that held it alone. */
  refusals: number;
  readonly resolve: (outcomes: TransferOutcome[][]) => void;
  readonly reject: (error: Error) => void;
};

/** Calls in the order in which they were asked; bounded, so that a flood gets a clear answer and not an endless wait. */
export class WaitingCalls {
  readonly #maxWaiting: number;
  #calls: Call[] = [];
  #head = 0;
  #transfers = 0;
  #nextNo = 1;

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  get transfers(): number {
    return this.#transfers;
  }
  get isEmpty(): boolean {
    return this.#head === this.#calls.length;
  }
  /** The number that the next call will have. */
  get nextNo(): number {
    return this.#nextNo;
  }

  add(asked: Asked, size: number, askedAtMs: number): Promise<TransferOutcome[][]> {
    // One call alone may be as large as it likes, as long as nothing else waits.
    if (this.#transfers > 0 && this.#transfers + size > this.#maxWaiting) {
      return Promise.reject(new LedgerBusy(this.#transfers));
    }
    return new Promise((resolve, reject) => {
      const no = this.#nextNo;
      this.#nextNo += 1;
      this.#transfers += size;
      this.#calls.push({
        ...asked,
        no,
        size,
        askedAtMs,
        outcomes: [],
        settled: false,
        lookUp: asked.lookUp === true,
        refusals: 0,
        resolve,
        reject,
      });
    });
  }

  /** Takes the oldest calls, whole, up to `maxTransfers`; at least one. */
  take(maxTransfers: number): Call[] {
    const taken: Call[] = [];
    let size = 0;
    while (this.#head < this.#calls.length) {
      const call = this.#calls[this.#head]!;
      if (taken.length > 0 && size + call.size > maxTransfers) break;
      this.#head += 1;
      this.#transfers -= call.size;
      if (call.settled) continue;
      taken.push(call);
      size += call.size;
    }
    if (this.#head > 4_096 && this.#head * 2 > this.#calls.length) this.#compact();
    return taken;
  }

  /** Gives back, in front, what could not be carried out. */
  putBack(calls: readonly Call[]): void {
    const unsettled = calls.filter((call) => !call.settled);
    for (const call of unsettled) {
      call.lookUp = true;
      call.outcomes = [];
      this.#transfers += call.size;
    }
    this.#calls = [...unsettled, ...this.#calls.slice(this.#head)];
    this.#head = 0;
  }

  /** Tells those who were asked before that moment that nobody knows. */
  giveUp(error: LedgerUnavailable, askedBeforeMs: number): void {
    const waiting = this.#calls.slice(this.#head);
    for (const call of waiting) if (call.askedAtMs < askedBeforeMs) rejectCall(call, error);
    this.#calls = waiting.filter((call) => !call.settled);
    this.#head = 0;
    this.#transfers = this.#calls.reduce((sum, call) => sum + call.size, 0);
  }

  /** The epoch is over for which they came. */
  withdrawBound(error: LedgerUnavailable): void {
    const waiting = this.#calls.slice(this.#head);
    if (!waiting.some((call) => call.bound)) return;
    for (const call of waiting) if (call.bound) rejectCall(call, error);
    this.#calls = waiting.filter((call) => !call.settled);
    this.#head = 0;
    this.#transfers = this.#calls.reduce((sum, call) => sum + call.size, 0);
  }

  #compact(): void {
    this.#calls = this.#calls.slice(this.#head);
    this.#head = 0;
  }
}

/** Resolves when whoever was told just now has passed it on: to its caller, or to the process that the call came from. */
export async function untilHeard(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise(setImmediate);
}

export function rejectCall(call: Call, error: Error): void {
  if (call.settled) return;
  call.settled = true;
  call.reject(error);
}
