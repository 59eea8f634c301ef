import type { Clock } from '../kernel/clock.ts';
import type { Uuid } from '../kernel/ids.ts';
import { answerBatch, countCommitted, decideBatch, shareOfLine, takeMisled, verifyBatch, type Batch } from './batch.ts';
import { isOfData, LedgerUnavailable, RidersRefused, UNIQUE_VIOLATION } from './ledger-errors.ts';
import { Leadership } from './leadership.ts';
import type { Neighbours, WriterDesk } from './neighbours.ts';
import { findMissing, isNothingMissing, loadMissing } from './load-books.ts';
import { isOfRiders, type RiderTables } from './riders.ts';
import { rejectCall, untilHeard, WaitingCalls, type Call } from './waiting-calls.ts';
import { WriterSession } from './writer-session.ts';
import { SharedRefusals } from './shared-refusals.ts';
import type { LedgerLimits } from './ledger-limits.ts';
import type { Reader } from './stored-rows.ts';

/** For how many batches ids are looked up beforehand after one turned out to be there already. */
const CAREFUL_BATCHES = 32;

export type WriterDeps = {
  connectionString: string;
  clock: Clock;
  /** Waits and time-outs of the machinery; real time even where the clock of the books is a test's. */
  pace: Clock;
  limits: LedgerLimits;
  /** Looks up what the books do not hold. */
  reader: Reader;
  /** Tables of other rooms whose rows may ride with a movement. */
  riders: RiderTables;
  /** Hears of every failure that the writer recovers from, and of those it cannot. */
  onProblem: (error: Error) => void;
  /** The other processes on the same database. */
  neighbours?: ((desk: WriterDesk) => Neighbours) | undefined;
};

/**
 * The one who writes. Takes calls in the order of asking, decides them against the books in memory and writes them
 * batch by batch on two connections in turn. A caller is answered only after the commit of its batch and of all before.
 * After any failure it starts over from the tables: batches that were committed unheard are answered, the rest is
 * decided again.
 */
export class LedgerWriter {
  readonly #deps: WriterDeps;
  readonly calls: WaitingCalls;
  readonly #neighbours: Neighbours | undefined;
  readonly #refusals = new SharedRefusals();
  readonly #stop = new AbortController();
  #unanswered: Batch[] = [];
  #batchNo = 0;
  #answeredNo = 0;
  #careful = 0;
  #suspects: { left: number; hand: number } | undefined;
  #progressed = false;
  #leadership: Leadership | undefined;
  #session: WriterSession | undefined;
  #wakeLoop: (() => void) | undefined;
  #lastProblem: Error | undefined;
  #closing = false;
  readonly #done: Promise<void>;

  constructor(deps: WriterDeps) {
    this.#deps = deps;
    this.calls = new WaitingCalls(deps.limits.maxWaiting);
    this.#neighbours = deps.neighbours?.(this);
    this.#done = Promise.all([this.#run(), this.#watch()]).then(() => undefined);
  }

  get isLeading(): boolean {
    return this.#session !== undefined;
  }

  ask(asked: Parameters<WaitingCalls['add']>[0], size: number): Promise<Call['outcomes']> {
    if (this.#closing) return Promise.reject(new LedgerUnavailable('the ledger is closed'));
    const answer = this.calls.add(asked, size, this.#nowMs());
    this.#wake();
    if (this.#session === undefined) this.#neighbours?.wake();
    return answer;
  }

  /** Whether what is asked now is decided in this epoch or not at all. */
  writesIn(epoch: number): boolean {
    const session = this.#session;
    return session !== undefined && session.epoch === epoch && session.failure === undefined && !this.#closing;
  }

  /**
   * Another process has begun to write: what this one had under way is committed or never will be, so it is asked
   * again like everything that waits. Not while this one has the lock.
   */
  releaseUnanswered(): void {
    this.calls.putBack(this.#unanswered.flatMap((batch) => batch.calls));
    this.#unanswered = [];
    this.#answeredNo = this.#batchNo;
    this.#refusals.forgetUnanswered();
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#session === undefined) await this.#neighbours?.finishFollowing();
    else this.#neighbours?.leave();
    if (this.#session === undefined) this.#stop.abort();
    this.#wake();
    await this.#done;
  }

  /** Leads whenever it may, until closed. */
  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const session = await this.#begin();
        if (session === undefined) break;
        await this.#lead(session);
        await session.close();
        this.#stop.abort();
      } catch (error) {
        this.#recordProblem(error);
        await untilHeard();
        if (this.#closing && !this.#isAnyoneWaiting()) break;
        // What worked until now is tried again at once; what did not is given time.
        if (!this.#progressed) await this.#deps.pace.sleep(this.#deps.limits.retryMs, this.#stop.signal);
        this.#progressed = false;
      } finally {
        this.#session?.drop();
        this.#session = undefined;
        this.#neighbours?.stopLeading();
        this.#withdrawBound();
      }
    }
    this.#stop.abort();
    await this.#neighbours?.close();
    this.#giveUp(new LedgerUnavailable('the ledger is closed', this.#lastProblem), Number.POSITIVE_INFINITY);
    await this.#leadership?.resign().catch(() => undefined);
  }

  #recordProblem(error: unknown): void {
    const problem = error instanceof Error ? error : new Error(String(error));
    this.#lastProblem = problem;
    const code = (problem as { code?: string }).code ?? '';
    const ofRiders = isOfRiders(this.#deps.riders, problem);
    if (ofRiders) this.#progressed = true;
    if (code === UNIQUE_VIOLATION && !ofRiders) {
      this.#careful = CAREFUL_BATCHES;
      this.#progressed = true;
    } else {
      this.#deps.onProblem(problem);
    }
    if (isOfData(code) && (code !== UNIQUE_VIOLATION || ofRiders)) this.#isolate(problem);
  }

  /** What the database itself refuses may be due to one call: they go again in ever smaller hands, until it is alone. */
  #isolate(problem: Error): void {
    const calls = this.#unanswered.flatMap((batch) => batch.calls).filter((call) => !call.settled);
    const [suspect] = calls;
    if (suspect === undefined) return;
    if (calls.length > 1) {
      const size = calls.reduce((sum, call) => sum + call.size, 0);
      // Counted, not named: those that other processes brought go back with their epoch and come again as new ones.
      const left = Math.max(size, this.#suspects?.left ?? 0);
      this.#suspects = { left, hand: Math.max(1, Math.floor(size / 8)) };
      return;
    }
    suspect.refusals += 1;
    // What a table of the ledger refuses, such as a writer that was replaced, is not of the rows that ride.
    const ofLedger = (problem as { table?: string }).table?.startsWith('ledger_') === true;
    if (suspect.kind === 'post' && suspect.riders && !ofLedger) rejectCall(suspect, new RidersRefused(problem));
    else if (suspect.refusals >= 3)
      rejectCall(suspect, new LedgerUnavailable('the database refuses this call', problem));
  }

  /** How many transfers may go in one batch while a call that the database refuses is looked for. */
  #handOfSuspects(): number | undefined {
    if (this.#suspects !== undefined && this.#suspects.left <= 0) this.#suspects = undefined;
    return this.#suspects?.hand;
  }

  /** Whether it closes while somebody else writes by now, who has answered what was asked here. */
  async #isDone(): Promise<boolean> {
    if (this.#closing) await this.#neighbours?.finishFollowing();
    return this.#closing && !this.#isAnyoneWaiting();
  }

  #isAnyoneWaiting(): boolean {
    return !this.calls.isEmpty || this.#unanswered.some((batch) => batch.calls.some((call) => !call.settled));
  }

  /** Waits for the lock, begins an epoch and settles what was under way; `undefined` when closed meanwhile. */
  async #begin(): Promise<WriterSession | undefined> {
    const { connectionString, pace, limits } = this.#deps;
    if (this.#leadership?.lost !== undefined) this.#leadership = undefined;
    if (this.#leadership === undefined) {
      const candidate = await Leadership.stand(connectionString, (error) => this.#session?.fail(error));
      try {
        const standsSinceMs = this.#nowMs();
        while (!(await candidate.tryLock())) {
          if (this.#stop.signal.aborted || (await this.#isDone())) {
            await candidate.resign();
            return undefined;
          }
          this.#neighbours?.follow();
          // One that has just taken the lock had no time to be heard of yet.
          if (this.#nowMs() - standsSinceMs > limits.leaseMs) await candidate.endSilentHolder(limits.leaseMs);
          await pace.sleep(limits.retryMs, this.#stop.signal);
        }
      } catch (error) {
        candidate.drop();
        throw error;
      }
      this.#neighbours?.stopFollowing();
      this.#leadership = candidate;
    }
    const leadership = this.#leadership;
    try {
      const head = await leadership.takeOver();
      const session = await WriterSession.open(this.#deps, head, () => this.#wake());
      this.#session = session;
      if (leadership.lost !== undefined) throw leadership.lost;
      await this.#settleUnanswered();
      this.#neighbours?.lead(session.epoch);
      return session;
    } catch (error) {
      leadership.drop();
      throw error;
    }
  }

  /** Finds out what became of the batches that were under way when the last session failed. */
  async #settleUnanswered(): Promise<void> {
    // Answering one may answer some behind it, so they are counted once and gone through by name.
    for (const batch of this.#unanswered.slice(0, await countCommitted(this.#deps.reader, this.#unanswered))) {
      if (batch.empty && !batch.verified) this.#decideAgain(batch);
      else if (!batch.verified) this.#tellOtherwise(await verifyBatch(this.#deps.reader, batch));
      batch.written = true;
      this.#answer();
    }
    this.releaseUnanswered();
  }

  /** No commit stands for what it refused, and somebody else may have written since. */
  #decideAgain(batch: Batch): void {
    this.#tellOtherwise(batch.refusedIds);
    this.calls.putBack(batch.calls);
    batch.calls = [];
    batch.verified = true;
  }

  /** Who was told that these were refused is not answered so: the call is decided again, with every id looked up. */
  #tellOtherwise(overturned: readonly Uuid[]): void {
    if (overturned.length === 0) return;
    for (const id of overturned) this.#refusals.takeBack(id);
    this.calls.putBack(takeMisled(this.#unanswered, overturned));
    this.#wake();
  }

  /** What other processes brought for this epoch ends with it: they ask again wherever is written next. */
  #withdrawBound(): void {
    const error = new LedgerUnavailable('the writer has changed');
    this.calls.withdrawBound(error);
    for (const batch of this.#unanswered) for (const call of batch.calls) if (call.bound) rejectCall(call, error);
  }

  async #lead(session: WriterSession): Promise<void> {
    for (;;) {
      if (session.failure !== undefined) throw session.failure;
      const hand = this.#handOfSuspects();
      const mayWrite = !this.calls.isEmpty && !(hand !== undefined && this.#unanswered.length > 0);
      const line = mayWrite ? session.freeLine(this.calls.transfers) : undefined;
      if (line === undefined) {
        if (this.#closing && !this.#isAnyoneWaiting()) return;
        await this.#sleepUntilWoken();
        continue;
      }
      // Whoever asks in this turn of the event loop joins the batch.
      await new Promise(setImmediate);
      const calls = this.calls.take(hand ?? shareOfLine(this.#deps.limits, this.calls.transfers, this.#unanswered));
      if (calls.length === 0) continue;
      try {
        const absent = await this.#load(session, calls);
        if (session.failure !== undefined) throw session.failure;
        this.#write(session, line, calls, absent);
      } catch (error) {
        this.calls.putBack(calls);
        throw error;
      }
    }
  }

  /** Fetches what the calls need; answers with the ids that are known not to be in the tables. */
  async #load({ books }: WriterSession, calls: readonly Call[]): Promise<ReadonlySet<Uuid>> {
    const nowMs = this.#deps.clock.now().getTime();
    books.trim(this.#answeredNo, nowMs);
    this.#refusals.forget(calls[0]!.no);
    const missing = findMissing(books, calls, nowMs, this.#careful > 0);
    if (this.#careful > 0) this.#careful -= 1;
    if (isNothingMissing(missing)) return missing.transfers;
    await loadMissing(this.#deps.reader, books, missing);
    return missing.transfers;
  }

  #write(
    session: WriterSession,
    line: WriterSession['lines'][number],
    calls: readonly Call[],
    absent: ReadonlySet<Uuid>,
  ): void {
    const { books } = session;
    this.#batchNo += 1;
    const now = { at: this.#deps.clock.now(), sentAtMs: this.#nowMs() };
    const batch = decideBatch(books, this.#batchNo, calls, now, absent, this.#refusals);
    this.#unanswered.push(batch);
    const fail = (error: unknown) => session.fail(error instanceof Error ? error : new Error(String(error)));
    if (batch.empty) {
      batch.written = true;
    } else {
      line.busy = true;
      const { head, commit } = line.write(batch.page, session.epoch, session.lastHead);
      session.lastHead = head;
      commit.then(() => {
        if (session.lastHead === head) session.lastHead = undefined;
        line.busy = false;
        batch.written = true;
        this.#progressed = true;
        this.#answer();
        this.#wake();
      }, fail);
    }
    if (!batch.verified) {
      verifyBatch(this.#deps.reader, batch, session.epoch).then((overturned) => {
        this.#tellOtherwise(overturned);
        this.#answer();
        this.#wake();
      }, fail);
    }
    this.#answer();
  }

  /** Answers in order: a refusal rests on all that was written before it. */
  #answer(): void {
    let batch = this.#unanswered[0];
    while (batch?.written && batch.verified) {
      this.#unanswered.shift();
      this.#answeredNo = batch.no;
      if (this.#suspects !== undefined) this.#suspects.left -= batch.size;
      this.#refusals.answered(batch.no, batch.refusedIds, this.calls.nextNo);
      answerBatch(batch);
      batch = this.#unanswered[0];
    }
  }

  /** Keeps promises about time: nobody waits for ever, a silent server is taken for lost, followers hear a beat. */
  async #watch(): Promise<void> {
    const { pace, limits } = this.#deps;
    let beatAtMs = 0;
    while (!this.#stop.signal.aborted) {
      await pace.sleep(limits.watchMs, this.#stop.signal);
      const nowMs = this.#nowMs();
      const why = this.#session === undefined ? 'nobody can write at present' : 'the database does not answer';
      this.#giveUp(new LedgerUnavailable(why, this.#lastProblem), nowMs - limits.giveUpMs);
      const session = this.#session;
      if (session === undefined) continue;
      const oldest = this.#unanswered[0];
      if (oldest !== undefined && oldest.sentAtMs < nowMs - limits.batchTimeoutMs) {
        session.fail(new LedgerUnavailable('the database does not answer'));
        this.#leadership?.drop();
      } else if (oldest === undefined && nowMs - beatAtMs >= limits.leaseMs / 5) {
        beatAtMs = nowMs;
        await this.#beat(session);
      }
    }
  }

  async #beat(session: WriterSession): Promise<void> {
    try {
      const holds = await this.#leadership?.beat(session.epoch);
      if (holds === false) throw new Error('another writer has begun an epoch');
    } catch (error) {
      session.fail(error instanceof Error ? error : new Error(String(error)));
      this.#leadership?.drop();
    }
  }

  #giveUp(error: LedgerUnavailable, askedBeforeMs: number): void {
    this.calls.giveUp(error, askedBeforeMs);
    for (const batch of this.#unanswered) {
      for (const call of batch.calls) if (call.askedAtMs < askedBeforeMs) rejectCall(call, error);
    }
  }

  #nowMs(): number {
    return this.#deps.pace.now().getTime();
  }

  #wake(): void {
    this.#wakeLoop?.();
    this.#wakeLoop = undefined;
  }

  #sleepUntilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeLoop = resolve;
    });
  }
}
