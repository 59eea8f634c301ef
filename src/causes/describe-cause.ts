import { assert } from '../kernel/assert.ts';
import type { FailureParams } from '../kernel/failure.ts';
import type { Cause, Language, MoneyMoved, RemedyEntry, Retry, Side } from './cause.ts';
import { actions, isPlaced } from './actions.ts';
import { paramsForWire, type ReadingContext } from './format-params.ts';
import { sides } from './lists.ts';
import { labelOf, wordsFor } from './words.ts';

export type OfferedRemedy = { action: string; target: string | null; label: string };

/** A failure as the wire carries it: an RFC 9457 problem document. */
export type ProblemDocument = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  flow: string | null;
  step: string | null;
  side: Side;
  sideLabel: string;
  sideNote: string;
  retry: Retry;
  retryAt: string | null;
  moneyMoved: MoneyMoved;
  remedies: OfferedRemedy[];
  operation: string | null;
  field: string | null;
  params: Record<string, string | number>;
  reference: string | null;
};

/** What is known about one failure beyond its cause. */
export type FailureContext = {
  readonly params?: FailureParams | undefined;
  readonly language: Language;
  /** The present moment, by which the words tell today from other days. */
  readonly now: Date;
  readonly timeZone?: string | undefined;
  readonly flow?: string | null | undefined;
  readonly step?: string | null | undefined;
  /** From the record of the operation, where there is one: it decides, not the registry. */
  readonly moneyMoved?: MoneyMoved | undefined;
  readonly operation?: string | null | undefined;
  readonly field?: string | null | undefined;
  readonly retryAt?: Date | null | undefined;
  readonly reference?: string | null | undefined;
  /** True for a remedy that cannot work for this person in this flow: no second card, no higher limit. */
  readonly leaveOut?: ((remedy: RemedyEntry) => boolean) | undefined;
  /** Where the pages of the causes are published. */
  readonly docsBase?: string | undefined;
};

const DOCS_BASE = '/docs/causes';

/** The address of the page that documents a cause: the same in every language, since it also names the kind of problem. */
const docsPageOf = (code: string, docsBase = DOCS_BASE): string => `${docsBase}/${code}`;

/** Flows that move no money always answer "no": the person never had any in it. */
const MOVES_NO_MONEY = new Set([
  'open',
  'open_wallet',
  'verify_identity',
  'reset_pin',
  'sign_in',
  'bind_card',
  'manage_card',
  'notify',
]);

function moneyMovedIn(cause: Cause, { flow, moneyMoved }: FailureContext): MoneyMoved {
  if (moneyMoved !== undefined) return moneyMoved;
  if (flow && MOVES_NO_MONEY.has(flow)) return 'no';
  if (cause.money !== 'per_attempt') return cause.money;
  return cause.retry === 'query_first' ? 'unknown' : 'no';
}

function needsKnownOutcome(action: string): boolean {
  assert(Object.hasOwn(actions, action), `no such action ${action}`);
  return actions[action as keyof typeof actions].needsKnownOutcome;
}

function offeredRemedies(cause: Cause, field: string | null, moneyMoved: MoneyMoved, context: FailureContext) {
  const offered: OfferedRemedy[] = [];
  for (const remedy of cause.remedies) {
    const target = remedy.target === '*' ? field : (remedy.target ?? null);
    // Nothing that could pay twice is offered while the outcome is open, whatever the registry says.
    if (moneyMoved === 'unknown' && needsKnownOutcome(remedy.action)) continue;
    if (remedy.target === '*' && target === null) continue;
    if (!isPlaced(remedy.action) || context.leaveOut?.(remedy)) continue;
    offered.push({ action: remedy.action, target, label: labelOf(remedy.action, context.language) ?? remedy.action });
  }
  return offered;
}

/** The problem document of a cause; `code` is the cause's own. A cause that only the app notices has status 0. */
export function describeCause(code: string, cause: Cause, context: FailureContext): ProblemDocument {
  const { language, params = {} } = context;
  const reading: ReadingContext = { language, now: context.now, timeZone: context.timeZone };
  const words = wordsFor(cause, params, reading);
  const field = context.field ?? (cause.field === '*' ? null : cause.field);
  const moneyMoved = moneyMovedIn(cause, context);
  return {
    type: docsPageOf(code, context.docsBase),
    title: words.title,
    status: cause.httpStatus ?? 0,
    detail: words.text,
    code,
    flow: context.flow ?? null,
    step: context.step ?? null,
    side: cause.side,
    sideLabel: sides[cause.side][language],
    sideNote: words.sideNote,
    retry: cause.retry,
    retryAt: context.retryAt?.toISOString() ?? null,
    moneyMoved,
    remedies: offeredRemedies(cause, field, moneyMoved, context),
    operation: context.operation ?? null,
    field,
    params: paramsForWire(params, language),
    reference: context.reference ?? null,
  };
}
