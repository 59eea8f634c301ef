import type { Failure, FailureParams } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Money } from '../kernel/money.ts';
import type { Transaction } from '../database/database.ts';

export const waitingStates = ['needs_you', 'working', 'asking', 'in_review'] as const;
export const endStates = ['succeeded', 'refused', 'failed', 'cancelled', 'expired'] as const;
export type WaitingState = (typeof waitingStates)[number];
export type EndState = (typeof endStates)[number];
export type MoneyMoved = 'no' | 'held' | 'yes' | 'unknown';

/** Who asks. `ownerId` of an operation is the person, or the visit when there is no person yet. */
export type Actor = {
  personId: Uuid | null;
  visitorId: Uuid;
  sessionId: Uuid;
  language: 'zh-CN' | 'en';
  ip: string;
};

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

export type OperationRecord<D extends JsonObject = JsonObject> = {
  key: Uuid;
  ownerId: Uuid;
  id: Uuid;
  kind: string;
  state: WaitingState | EndState;
  step: string;
  data: D;
  result: JsonObject | null;
  cause: string | null;
  causeParams: FailureParams;
  moneyMoved: MoneyMoved;
  amount: Money | null;
  policyVersion: string;
  deadlineAt: Date | null;
  wakeAt: Date | null;
  /** How often the present step was begun; above 1, an earlier run may have asked outside already. */
  attempts: number;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
};

/**
 * One step forward, back or to an end, written in one transaction together with its event.
 * `within` writes the rows of the feature that belong to it.
 */
export type Move<D extends JsonObject = JsonObject> = {
  /** The next step by name, an end state, or the same step again. */
  to: string;
  event: string;
  data?: Partial<D>;
  /** Sealed by the engine; `null` forgets it. */
  draft?: JsonObject | null;
  result?: JsonObject;
  cause?: { code: string; params?: FailureParams };
  moneyMoved?: MoneyMoved;
  /** How long the step may last from now on; from entering it when this is left out. */
  termMs?: number;
  /** When the step runs next; at once when it is left out. */
  runAgainInMs?: number;
  detail?: JsonObject;
  /** A Failure thrown in it is told to the person of a `submit`; after a `run` it is a fault, and the step is run again. */
  within?: (tx: Transaction) => Promise<void>;
  /** What a run's move becomes when `within` refuses it. Only for an operation without an amount: no money has moved. */
  ifRefused?: (failure: Failure) => Move<D>;
};

export type StepSpec = {
  state: WaitingState;
  /** How long this step may last, from entering it. */
  withinMs: number;
  /** Where it may go, by name of a step or an end. */
  next: readonly string[];
};

export type Begun<D extends JsonObject> = {
  data: D;
  /** Where it begins, if not at the flow's first step: one of `alsoFirst`. */
  first?: string;
  /** Who began it, if not its person. */
  by?: 'operator';
  amount?: Money;
  policyVersion: string;
  /** Only one unfinished operation of this owner may have this intent. */
  intent?: string;
  /** Whom outside its steps wait for, so that one who is silent keeps only their own waiting; `bank:ICBC`. */
  lane?: string;
  draft?: JsonObject;
  moneyMoved?: MoneyMoved;
  /** Counts the beginning, where beginnings are counted, once nothing else stands in its way. What it gives is added to `data`. */
  admit?: () => Promise<Partial<D>>;
  within?: (tx: Transaction) => Promise<void>;
};

export type RunContext = {
  /** The personal data of the draft, opened. */
  draft: JsonObject | undefined;
  /** True when the step has lasted longer than it may. */
  overdue: boolean;
};

export type StepContext = RunContext & {
  /** Until then nobody else runs this step. What it writes to the books must be decided before, however long it stood still. */
  mineUntil: Date;
};

/** A capability as durable steps. Moves that are not declared in `steps` cannot be made: the engine, the database and a test refuse them. */
export type Flow<D extends JsonObject = JsonObject> = {
  kind: string;
  first: string;
  /** Where else it may begin. */
  alsoFirst?: readonly string[];
  steps: Readonly<Record<string, StepSpec>>;
  /**
   * Decides whether it may start and with what. Throws the first cause that stands in the way, changes nothing.
   * `key` is the operation's key, known before it exists, so that ids of what it will make follow from it.
   */
  begin(input: unknown, actor: Actor, key: Uuid): Promise<Begun<D>>;
  /** Every cause that would refuse it now. */
  preflight(input: unknown, actor: Actor): Promise<Failure[]>;
  /** Takes what the person entered at a step that needs them. Throws a Failure to stay at the step. */
  submit?: Readonly<
    Record<
      string,
      (operation: OperationRecord<D>, input: JsonObject, actor: Actor, context: RunContext) => Promise<Move<D>>
    >
  >;
  /**
   * Does the work of a step that runs by itself, and returns also its refusals: what it throws is a fault, after which
   * it is run again. May be begun again after a crash: `operation.attempts` tells.
   */
  run: Readonly<Record<string, (operation: OperationRecord<D>, context: StepContext) => Promise<Move<D>>>>;
  /** What becomes of a step that needs a person when its time is over. Other steps learn it by `context.overdue`. */
  expire?: (operation: OperationRecord<D>) => Move<D>;
  /** May the person still call it back? */
  cancel?: (operation: OperationRecord<D>) => Move<D> | undefined;
  /** Sends the code of a step again. */
  resendCode?: Readonly<
    Record<string, (operation: OperationRecord<D>, actor: Actor, context: RunContext) => Promise<Move<D>>>
  >;
};

/** Every declared move of a flow, its start and its repetitions included. */
export function declaredMoves(
  flow: Pick<Flow, 'kind' | 'first' | 'alsoFirst' | 'steps'>,
): { kind: string; from: string; to: string }[] {
  const moves = [flow.first, ...(flow.alsoFirst ?? [])].map((to) => ({ kind: flow.kind, from: 'start', to }));
  for (const [from, step] of Object.entries(flow.steps)) {
    for (const to of [from, ...step.next]) moves.push({ kind: flow.kind, from, to });
  }
  return moves;
}

export const isEnd = (step: string): step is EndState => (endStates as readonly string[]).includes(step);
