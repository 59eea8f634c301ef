import { addMs, hourMs, minuteMs, parseInstant, secondMs, type Clock } from '../../kernel/clock.ts';
import type { Failure } from '../../kernel/failure.ts';
import type { CauseFlow } from '../../causes/cause.ts';
import { refusalFrom } from '../../causes/refusal.ts';
import type { CauseCode } from '../../causes/registry.ts';
import type { BankRail, MoneyRequest, RailAnswer } from '../../ports/bank-rail.ts';
import type { JsonObject, Move, OperationRecord, RunContext } from '../../operations/flow.ts';
import { bankNameOf } from '../../policy/banks.ts';
import { notCarriedOut, verdictDetail, type HandOutcome, type ReadVerdict } from './by-hand.ts';
import { readAnswer, type Verdict } from './read-answer.ts';

/** What every operation that moves money over a bank's line keeps. */
export type BankMovementData = JsonObject & {
  bankCode: string;
  last4: string;
  cardId: string;
  reference: string;
  /** After this moment the bank refuses the request, so that "not found" later than it is final. */
  validUntil: string;
  failure: { code: string; params: Record<string, string | number | { 'zh-CN': string; en: string }> } | null;
};

/** How long a bank may carry a request out; a lease of a step is shorter than this never matters, the bank refuses late ones. */
export const REQUEST_VALID_MS = 45 * secondMs;
/** Clocks differ and queues drain: only after this is "not found" believed. */
const NOT_FOUND_MARGIN_MS = 30 * secondMs;
const ASK_AGAIN_MS = [1, 2, 4, 8, 15, 30, 60].map((seconds) => seconds * secondMs);
/** What people look into is still asked about: every ten minutes, then less and less often, and every hour in the end. */
export const reconcilePause = ({ createdAt }: Pick<OperationRecord, 'createdAt'>, now: Date): number =>
  Math.min(hourMs, Math.max(10 * minuteMs, (now.getTime() - createdAt.getTime()) / 12));

export type BankSteps<D extends BankMovementData> = {
  flow: CauseFlow;
  rail: BankRail;
  clock: Clock;
  /** Where an approval leads, and where a certain "no" leads. */
  approved: string;
  refused: string;
  /** What people call an approval when they find it out by hand. */
  approvedByHand: HandOutcome;
  verdict: ReadVerdict;
  send: (request: MoneyRequest, operation: OperationRecord<D>) => Promise<RailAnswer>;
};

/**
 * The two steps that every movement over a bank's line goes through: send once, then only ask.
 * `operation.attempts` above 1 means that an earlier run may have sent the request, so it is asked about, never sent again.
 */
export function bankSteps<D extends BankMovementData>(deps: BankSteps<D>) {
  const { rail, clock } = deps;
  const read = (answer: RailAnswer, operation: OperationRecord<D>): Verdict =>
    readAnswer(answer, {
      rail: rail.name,
      bankCode: operation.data.bankCode,
      flow: deps.flow,
      movesMoney: true,
      known: { last4: operation.data.last4, until: operation.deadlineAt ?? clock.now() },
    });

  const refuse = (failure: Failure, detail: JsonObject): Move<D> => ({
    to: deps.refused,
    event: 'bank_refused',
    data: { failure: { code: failure.code, params: { ...failure.params } } } as Partial<D>,
    detail,
  });
  const approve = (bankReference: string): Move<D> => ({
    to: deps.approved,
    event: 'bank_agreed',
    detail: { bankReference },
  });

  async function send(operation: OperationRecord<D>, cardToken: string): Promise<Move<D>> {
    if (operation.attempts > 1) {
      return {
        to: 'asking',
        event: 'asked_again_after_restart',
        moneyMoved: 'unknown',
        cause: open('bank.no_answer', operation),
      };
    }
    const { amount, data } = operation;
    if (!amount) throw new Error('a movement has an amount');
    const answer = await deps.send(
      {
        reference: data.reference,
        bankCode: data.bankCode,
        cardToken,
        amount,
        validUntil: parseInstant(data.validUntil),
      },
      operation,
    );
    const verdict = read(answer, operation);
    switch (verdict.verdict) {
      case 'approved':
        return approve(verdict.bankReference);
      case 'declined':
        return refuse(verdict.failure, { rawCode: verdict.rawCode });
      case 'not_sent':
        return refuse(verdict.failure, {});
      case 'not_found':
        return {
          to: 'asking',
          event: 'bank_silent',
          moneyMoved: 'unknown',
          cause: open('bank.original_not_found', operation),
        };
      case 'open':
        return {
          to: 'asking',
          event: 'bank_silent',
          moneyMoved: 'unknown',
          cause: verdict.failure,
          runAgainInMs: secondMs,
          detail: verdict.rawCode === null ? {} : { rawCode: verdict.rawCode },
        };
    }
  }

  const open = (code: CauseCode, operation: OperationRecord<D>): Failure =>
    refusalFrom(code, { bank: bankNameOf(operation.data.bankCode), until: operation.deadlineAt ?? clock.now() });

  /** Asks about our reference, with growing pauses. Past its time it goes to people, and is still asked about. */
  async function ask(operation: OperationRecord<D>, context: RunContext): Promise<Move<D>> {
    return operation.step === 'reconciling' ? reconcile(operation, context) : askOnce(operation, context);
  }

  /** People may decide before the bank answers; their word then counts as its own. Late ones are told so, with a new term. */
  async function reconcile(operation: OperationRecord<D>, context: RunContext): Promise<Move<D>> {
    const verdict = await deps.verdict(operation.key, 'reconciling');
    if (!verdict) {
      const asked = await askOnce(operation, context);
      return asked.to === operation.step && context.overdue ? { ...asked, ...overdueReview(clock.now()) } : asked;
    }
    const detail = verdictDetail(verdict);
    if (verdict.outcome === deps.approvedByHand) return { to: deps.approved, event: 'settled_by_people', detail };
    return { ...refuse(notCarriedOut(operation.data.bankCode), detail), event: 'settled_by_people' };
  }

  async function askOnce(operation: OperationRecord<D>, context: RunContext): Promise<Move<D>> {
    const { data } = operation;
    const verdict = read(await rail.query({ reference: data.reference, bankCode: data.bankCode }), operation);
    const final = clock.now().getTime() > parseInstant(data.validUntil).getTime() + NOT_FOUND_MARGIN_MS;
    if (verdict.verdict === 'approved') return approve(verdict.bankReference);
    if (verdict.verdict === 'declined') return refuse(verdict.failure, { rawCode: verdict.rawCode });
    if (verdict.verdict === 'not_found' && final) {
      return refuse(refusalFrom('bank.unreachable', { bank: bankNameOf(data.bankCode) }), { query: 'not_found' });
    }
    if (context.overdue && operation.step === 'asking') {
      return { to: 'reconciling', event: 'given_to_people', cause: reviewOf(data, clock.now()) };
    }
    const pause =
      operation.step === 'reconciling'
        ? reconcilePause(operation, clock.now())
        : (ASK_AGAIN_MS[operation.attempts - 1] ?? ASK_AGAIN_MS.at(-1) ?? minuteMs);
    const stays = { to: operation.step, event: 'asked_bank', runAgainInMs: pause } as const;
    if (verdict.verdict === 'open')
      return {
        ...stays,
        ...(verdict.rawCode === null ? {} : { detail: { rawCode: verdict.rawCode } }),
        ...(operation.step === 'reconciling' ? {} : { cause: verdict.failure }),
      };
    return verdict.verdict === 'not_found' && operation.step === 'asking'
      ? { ...stays, cause: open('bank.original_not_found', operation) }
      : stays;
  }

  return { send, ask };
}

/** Operations that wait for this bank stand in a line of their own. */
export const laneOfBank = (bankCode: string): string => `bank:${bankCode}`;

/** The steps a bank movement shares, for the table of a flow. */
export const askingSteps = {
  asking: { state: 'asking', withinMs: 10 * minuteMs },
  reconciling: { state: 'in_review', withinMs: 24 * 60 * minuteMs },
} as const;

/** What a person is told when people take over: by when they will have looked into it. */
export const reviewOf = (data: BankMovementData, now: Date): Failure =>
  refusalFrom('operation.reconciling', {
    bank: bankNameOf(data.bankCode),
    until: addMs(now, askingSteps.reconciling.withinMs),
  });

/** What they are told when the people did not keep their term, with the term that holds now. */
export function overdueReview(now: Date): Pick<Move, 'event' | 'cause' | 'termMs'> {
  const termMs = askingSteps.reconciling.withinMs;
  const cause = refusalFrom('operation.review_overdue', { until: addMs(now, termMs) });
  return { event: 'review_overdue', cause, termMs };
}

/** The refusal that was kept while what had been reserved was given back. */
export function keptFailure(data: BankMovementData): {
  code: string;
  params: Record<string, string | number | { 'zh-CN': string; en: string }>;
} {
  return data.failure ?? { code: 'bank.declined_unspecified', params: { bank: bankNameOf(data.bankCode) } };
}
