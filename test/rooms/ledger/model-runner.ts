import type { Uuid } from '../../../src/kernel/ids.ts';
import { MAX_MINOR } from '../../../src/kernel/money.ts';
import type { AccountId, Count, Ledger, NewTransfer, TransferOutcome } from '../../../src/ledger/ledger.ts';
import { PlainModel, type ModelAnswer, type ModelCall } from '../../conformance/plain-model.ts';
import { word } from '../../conformance/transfers.ts';
import {
  ACCOUNTS,
  AHEAD_IDS,
  expandFlood,
  FAR,
  HUGE,
  type ModelAsk,
  type ModelCount,
  type ModelStep,
  type ModelTransfer,
} from './model-program.ts';

/** A ledger that can be closed and opened again, and its clock. */
export type Subject = { ledger: Ledger; reopen(): Promise<void>; now(): Date; advance(ms: number): void };

/** Runs one program against the ledger and the model; answers with the first difference. */
export async function runProgram(
  subject: Subject,
  program: readonly ModelStep[],
  run: number,
): Promise<string | undefined> {
  return (await ProgramRun.begin(subject, run)).run(program);
}

/** How many transfers a program asks for. */
export const countTransfers = (program: readonly ModelStep[]): number =>
  program.reduce((sum, step) => {
    if (step.step === 'flood') return sum + step.transfers;
    if (step.step !== 'together') return sum;
    return sum + step.calls.reduce((count, call) => count + ('chains' in call ? call.chains.flat().length : 0), 0);
  }, 0);

class ProgramRun {
  readonly #subject: Subject;
  readonly #run: number;
  readonly #model = new PlainModel();
  readonly #startMs: number;
  /** The place of each transfer as its first caller heard it. */
  readonly #heard = new Map<string, bigint>();
  #lastSeq = 0n;
  #ticks = 0;

  private constructor(subject: Subject, run: number) {
    this.#subject = subject;
    this.#run = run;
    this.#startMs = subject.now().getTime();
  }

  static async begin(subject: Subject, run: number): Promise<ProgramRun> {
    // What earlier programs left must not be counted with this one's.
    subject.advance(1_000);
    await subject.ledger.expireHolds(1_000_000);
    const program = new ProgramRun(subject, run);
    await program.#makeAccounts();
    program.#model.clock = program.#startMs;
    const difference = await program.#tick();
    if (difference !== undefined) throw new Error(difference);
    return program;
  }

  async run(program: readonly ModelStep[]): Promise<string | undefined> {
    for (const [number, step] of program.entries()) {
      const difference = await this.#step(step);
      if (difference !== undefined) return `step ${number}: ${difference}`;
    }
    return (await this.#compareAccounts()) ?? (await this.#compareCounters()) ?? this.#compareHistory();
  }

  #accountId(index: number): AccountId {
    return BigInt(this.#run * 10 + index + 1) as AccountId;
  }

  /** Some ids look as if they were made long ago, some now, some in the far future, some by a clock that runs ahead. */
  #id(index: number): Uuid {
    const isAhead = index >= AHEAD_IDS.from && index < AHEAD_IDS.from + AHEAD_IDS.count;
    const time = isAhead ? this.#startMs + 3_000 : [0x0100_0000_0000, this.#startMs, 0x0f00_0000_0000][index % 3]!;
    const run = this.#run.toString(16).padStart(7, '0');
    const hex = `${time.toString(16).padStart(12, '0')}7${'abc'[index % 3]}018${run}${index.toString(16).padStart(8, '0')}`;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid;
  }

  #real(each: ModelTransfer): NewTransfer {
    const amount = realNumber(each.amount);
    const operation = each.operation === 0 ? {} : { operationId: this.#id(500) };
    const base = { id: this.#id(each.id), code: each.code, ...operation };
    if (each.kind === 'void_pending') return { ...base, kind: each.kind, pendingId: this.#id(each.pending) };
    if (each.kind === 'post_pending') {
      return { ...base, kind: each.kind, pendingId: this.#id(each.pending), ...(each.whole ? {} : { amount }) };
    }
    const counts = each.kind === 'post' && each.counts !== undefined ? { counts: each.counts.map(realCount) } : {};
    const runsOut = each.kind === 'pending' && each.expires !== 0;
    return {
      ...base,
      kind: each.kind,
      debitAccountId: this.#accountId(each.from),
      creditAccountId: this.#accountId(each.to),
      amount,
      ...counts,
      ...(runsOut ? { expiresAt: new Date(this.#subject.now().getTime() + each.expires) } : {}),
    };
  }

  async #makeAccounts(): Promise<void> {
    for (const [index, account] of ACCOUNTS.entries()) {
      this.#model.addAccount(this.#accountId(index), account.ledger, account.debits, account.credits);
      const flags = { debitsMustNotExceedCredits: account.debits, creditsMustNotExceedDebits: account.credits };
      const made = { id: this.#accountId(index), ledger: account.ledger, code: index, flags };
      await this.#subject.ledger.createAccounts([made]);
    }
  }

  async #step(step: ModelStep): Promise<string | undefined> {
    const { ledger } = this.#subject;
    switch (step.step) {
      case 'together':
        return this.#together(step.calls);
      case 'flood':
        return this.#together(expandFlood(step));
      case 'time':
        this.#subject.advance(step.ms);
        return undefined;
      case 'expire': {
        this.#model.clock = this.#subject.now().getTime();
        const tick = await this.#tick();
        if (tick !== undefined) return tick;
        const [ours, theirs] = [await ledger.expireHolds(step.limit), this.#model.expireHolds(step.limit)];
        this.#lastSeq += BigInt(theirs);
        return ours === theirs ? undefined : `${ours} holds expired, ${theirs} should have`;
      }
      case 'restart':
        await this.#subject.reopen();
        return undefined;
    }
  }

  async #together(asks: readonly ModelAsk[]): Promise<string | undefined> {
    this.#model.clock = this.#subject.now().getTime();
    const tick = await this.#tick();
    if (tick !== undefined) return tick;
    const calls = asks.map((each): ModelCall => {
      if ('account' in each) return { ...each, account: this.#accountId(each.account) };
      const chains = each.chains.map((chain) => chain.map((transfer) => this.#real(transfer)));
      return { chains, ...(each.before === undefined ? {} : { before: this.#model.clock + each.before }) };
    });
    const answers = await Promise.all(calls.map((call) => askLedger(this.#subject.ledger, call)));
    const difference = firstDifference(this.#model, calls, answers, this.#model.together(calls));
    return difference ?? this.#checkPlaces(calls, answers);
  }

  /**
   * What was decided but left nothing to write raises the time of the books until a restart only; so that both sides
   * know the same time, each later moment leaves something.
   */
  async #tick(): Promise<string | undefined> {
    if (this.#model.clock <= this.#model.now) return undefined;
    this.#ticks += 1;
    const parties = { debitAccountId: this.#accountId(6), creditAccountId: this.#accountId(7) };
    if (this.#ticks === 1) {
      for (const id of Object.values(parties)) {
        this.#model.addAccount(id, 3, false, false);
        await this.#subject.ledger.createAccounts([{ id, ledger: 3, code: 9 }]);
      }
    }
    const id = this.#id(200_000 + this.#ticks);
    const call = { chains: [[{ id, kind: 'post' as const, ...parties, amount: 1n, code: 1 }]] };
    const answer = await askLedger(this.#subject.ledger, call);
    return (
      firstDifference(this.#model, [call], [answer], this.#model.together([call])) ??
      this.#checkPlaces([call], [answer])
    );
  }

  /** Places follow each other in the order of asking, and whoever asks again hears the place of the first. */
  #checkPlaces(calls: readonly ModelCall[], answers: readonly Answer[]): string | undefined {
    for (const [i, call] of calls.entries()) {
      const answer = answers[i];
      if (!Array.isArray(answer) || !('chains' in call)) continue;
      for (const [j, outcome] of answer.flat().entries()) {
        const { id } = call.chains.flat()[j]!;
        if (outcome.outcome === 'refused') continue;
        if (outcome.outcome === 'posted') {
          if (this.#lastSeq > 0n && outcome.seq !== this.#lastSeq + 1n) {
            return `call ${i}: ${id} has place ${outcome.seq}, the one before it has ${this.#lastSeq}`;
          }
          this.#lastSeq = outcome.seq;
          this.#heard.set(id, outcome.seq);
        } else if (outcome.seq !== this.#heard.get(id)) {
          return `call ${i}: ${id} is told at place ${outcome.seq}, it was ${this.#heard.get(id)}`;
        }
      }
    }
    return undefined;
  }

  async #compareAccounts(): Promise<string | undefined> {
    const accounts = await this.#subject.ledger.accounts([...this.#model.accounts.keys()] as AccountId[]);
    for (const [id, theirs] of this.#model.accounts) {
      const ours = accounts.get(id as AccountId)!;
      const totals = [ours.debitsPosted, ours.creditsPosted, ours.debitsPending, ours.creditsPending];
      const a = [...totals, ...ours.counted, ours.frozen, ours.closed].join('/');
      const b = [theirs.dp, theirs.cp, theirs.dh, theirs.ch, ...theirs.counted, theirs.frozen, theirs.closed].join('/');
      if (a !== b) return `account ${id} has ${a}, should have ${b}`;
    }
    return undefined;
  }

  /** In which counters some of the movements say that they were counted. */
  async #compareCounters(): Promise<string | undefined> {
    const moved = [...this.#model.transfers.values()].filter(({ kind }) => kind !== 'expire');
    const step = Math.max(1, Math.floor(moved.length / 40));
    for (const { id, counters } of moved.filter((_, at) => at % step === 0)) {
      const ours = await this.#subject.ledger.transfer(id as Uuid);
      if (ours?.counters.join() !== counters.join())
        return `${id} is counted in ${ours?.counters.join() ?? 'nothing'}, should be in ${counters.join()}`;
    }
    return undefined;
  }

  /** One account's latest movements, page by page. */
  async #compareHistory(): Promise<string | undefined> {
    const id = this.#accountId(this.#run % ACCOUNTS.length);
    const moved = [...this.#model.transfers.values()].filter(
      ({ kind, debit, credit }) => (kind === 'post' || kind === 'post_pending') && (debit === id || credit === id),
    );
    let balance = 0n;
    const theirs = moved.map((row) => {
      balance += row.debit === id ? -row.amount : row.amount;
      return `${row.id} ${balance}`;
    });
    const ours: string[] = [];
    let page = await this.#subject.ledger.history(id, { limit: 7 });
    for (let pages = 0; pages < 5; pages += 1) {
      ours.push(...page.entries.map((each) => `${each.id} ${each.balanceAfter}`));
      if (page.nextBeforeSeq === undefined) break;
      page = await this.#subject.ledger.history(id, { limit: 7, beforeSeq: page.nextBeforeSeq });
    }
    const due = theirs.slice(-35).reverse();
    const at = due.findIndex((each, place) => each !== ours[place]);
    if (at < 0 && ours.length === due.length) return undefined;
    return `history of ${id} has ${ours[at] ?? ours.at(due.length)}, should have ${due[at]}`;
  }
}

const realNumber = (each: number): bigint => (each > HUGE / 2 ? MAX_MINOR + BigInt(each - HUGE) : BigInt(each));

const realCount = ({ counter, upTo }: ModelCount): Count => ({
  counter,
  upTo: upTo === FAR ? 2n ** 63n - 1n : realNumber(upTo),
});

type Answer = TransferOutcome[][] | 'too late' | 'perhaps done in time' | undefined;

async function askLedger(ledger: Ledger, call: ModelCall): Promise<Answer> {
  if ('account' in call) {
    const { account, ...state } = call;
    await ledger.setAccountState(account as AccountId, state);
    return undefined;
  }
  const limit = call.before === undefined ? undefined : { before: new Date(call.before) };
  return ledger.post(call.chains, limit).catch((error: Error) => {
    if (error.name === 'LedgerTooLate') return 'too late' as const;
    if (error.message.startsWith('its time is over')) return 'perhaps done in time' as const;
    throw error;
  });
}

/** What somebody else has posted under an id of a call that is asked again looks as if the call had done it in time. */
const mayBeThere = (model: PlainModel, call: ModelCall, answer: Answer): boolean =>
  'chains' in call &&
  call.chains.some((chain) => chain.length > 0 && chain.every(({ id }) => model.transfers.has(id))) &&
  (answer === 'perhaps done in time' ||
    (Array.isArray(answer) && answer.flat().every(({ outcome }) => outcome !== 'posted')));

function firstDifference(
  model: PlainModel,
  calls: readonly ModelCall[],
  answers: readonly Answer[],
  theirs: readonly ModelAnswer[],
): string | undefined {
  for (const [i, expected] of theirs.entries()) {
    const answer = answers[i];
    const call = calls[i]!;
    if (expected === 'too late' && mayBeThere(model, call, answer)) continue;
    if (!Array.isArray(expected) || !Array.isArray(answer) || !('chains' in call)) {
      if (answer !== expected) return `call ${i}: answered ${print(answer)}, should be ${print(expected)}`;
      continue;
    }
    for (const [j, chain] of expected.entries()) {
      const ours = answer[j]?.map(word);
      if (print(ours) !== print(chain)) {
        return `call ${i} chain ${j}: answered ${print(ours)}, should be ${print(chain)}: ${print(call.chains[j])}`;
      }
    }
  }
  return undefined;
}

const print = (value: unknown): string | undefined => {
  const text = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each));
  return text !== undefined && text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text;
};
