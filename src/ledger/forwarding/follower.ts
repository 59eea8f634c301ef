import type { Clock } from '../../kernel/clock.ts';
import type { LedgerLimits } from '../ledger-limits.ts';
import { LedgerBusy, LedgerTooLate, LedgerUnavailable } from '../ledger-errors.ts';
import type { WriterDesk } from '../neighbours.ts';
import type { Reader } from '../stored-rows.ts';
import { rejectCall, type Call } from '../waiting-calls.ts';
import { readAdvertisement } from './advertisement.ts';
import type { Answer } from './answers-on-the-wire.ts';
import { WriterLink } from './writer-link.ts';

/** Transfers of one frame: what one batch of the writer takes at most. */
const FRAME_TRANSFERS = 2_048;
/** Looks at the connection within the time after which a silent writer is replaced. */
const LOOKS_PER_LEASE = 20;
/** Part of that time within which a connection must stand. */
const CONNECTS_PER_LEASE = 5;
/** How much rarer it is asked who writes while the connection to it stands. */
const CALM = 5;

export type FollowerDeps = {
  desk: Pick<WriterDesk, 'calls' | 'releaseUnanswered'>;
  reader: Reader;
  pace: Clock;
  limits: LedgerLimits;
  /** Tells this process from every other one, also from itself before a restart. */
  process: string;
};

/**
 * Passes the calls of a process that does not write to the one that does. What was not answered when a connection ends
 * waits again, in its old place, and is asked once more: on a newer connection, of the next writer, or here when it is
 * this process's turn.
 */
export class Follower {
  readonly #deps: FollowerDeps;
  #stop: AbortController | undefined;
  #link: WriterLink | undefined;
  #connections = 0;
  #pumping = false;
  /** The writer is full: what must be asked again waits until then. */
  #pausedUntilMs = 0;
  #drained: (() => void) | undefined;
  #nap = new AbortController();

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    void this.#seek(stop.signal);
    void this.#watch(stop.signal);
  }

  /** Before this returns, everything that was passed on and not answered waits here. */
  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#link?.cut('this process follows no more');
    this.#tellDrained();
  }

  /** Something may be passed on. What is asked in the same turn of the event loop travels together. */
  wake(): void {
    if (this.#pumping || this.#link === undefined) return;
    this.#pumping = true;
    setImmediate(() => this.#pump());
  }

  /** Resolves when nothing waits or is under way any more, and when nobody takes calls. */
  async drain(): Promise<void> {
    if (this.#link === undefined || this.#isDrained()) return;
    await new Promise<void>((resolve) => {
      const before = this.#drained;
      this.#drained = () => {
        before?.();
        resolve();
      };
    });
  }

  #isDrained(): boolean {
    return this.#deps.desk.calls.isEmpty && (this.#link?.isIdle ?? true);
  }

  #tellDrained(): void {
    this.#drained?.();
    this.#drained = undefined;
  }

  #pump(): void {
    this.#pumping = false;
    const { desk, pace } = this.#deps;
    if (pace.now().getTime() < this.#pausedUntilMs) return;
    while (this.#link?.hasRoom && !desk.calls.isEmpty) {
      const calls = desk.calls.take(FRAME_TRANSFERS);
      if (calls.length > 0) this.#link.send(calls);
    }
    if (this.#isDrained()) this.#tellDrained();
  }

  /** Finds out who writes, and stays connected to it. */
  async #seek(signal: AbortSignal): Promise<void> {
    const { reader, pace, limits } = this.#deps;
    while (!signal.aborted) {
      try {
        const writer = await readAdvertisement(reader);
        if (signal.aborted) return;
        if (this.#link !== undefined && this.#link.epoch !== writer?.epoch) this.#link.cut('the writer has changed');
        if (this.#link === undefined && writer !== undefined) await this.#connect(writer, signal);
      } catch {
        // Nobody is there, or the database is away: as before, it is tried again, and callers wait only so long.
      }
      this.#nap = new AbortController();
      const nap = AbortSignal.any([signal, this.#nap.signal]);
      await pace.sleep(this.#link === undefined ? limits.retryMs : limits.retryMs * CALM, nap);
    }
  }

  async #connect(writer: Parameters<typeof WriterLink.open>[0], signal: AbortSignal): Promise<void> {
    const { desk, limits, process } = this.#deps;
    this.#connections += 1;
    const hello = { process, connection: this.#connections };
    const link = await WriterLink.open(writer, hello, limits.leaseMs / CONNECTS_PER_LEASE, {
      onAnswer: (call, answer) => this.#answer(call, answer),
      onRoom: () => this.wake(),
      onLost: (calls) => {
        this.#link = undefined;
        desk.calls.putBack(calls);
        this.#tellDrained();
        this.#nap.abort();
      },
    });
    if (signal.aborted) {
      link.cut('this process follows no more');
      return;
    }
    this.#link = link;
    // Somebody else has an epoch: nothing that this process had under way can be committed any more.
    desk.releaseUnanswered();
    this.wake();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { pace, limits } = this.#deps;
    const lookMs = Math.min(limits.watchMs, limits.leaseMs / LOOKS_PER_LEASE);
    while (!signal.aborted) {
      await pace.sleep(lookMs, signal);
      if (signal.aborted) return;
      this.#giveUp(pace.now().getTime() - limits.giveUpMs);
      this.#link?.look();
      this.wake();
    }
  }

  /** Whoever waited too long for the writer hears that nobody knows. */
  #giveUp(askedBeforeMs: number): void {
    for (const call of this.#link?.underWay() ?? []) {
      if (call.askedAtMs >= askedBeforeMs) continue;
      rejectCall(call, new LedgerUnavailable('the process that writes does not answer'));
    }
  }

  #answer(call: Call, answer: Answer): void {
    if (call.settled) return;
    if ('outcomes' in answer) {
      call.settled = true;
      call.resolve(answer.outcomes);
    } else if (call.lookUp && answer.error instanceof LedgerBusy) {
      // An earlier try may have been carried out, so it cannot be said that nothing was done.
      this.#pausedUntilMs = this.#deps.pace.now().getTime() + this.#deps.limits.retryMs;
      this.#deps.desk.calls.putBack([call]);
    } else if (call.lookUp && answer.error instanceof LedgerTooLate) {
      rejectCall(call, new LedgerUnavailable('the connection to the process that writes was lost', answer.error));
    } else {
      rejectCall(call, answer.error);
    }
  }
}
