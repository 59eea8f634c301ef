import type { fields } from './field-names.ts';
import type { flows, httpStatuses, moneyFacts, namespaces, outcomes, params, rails, retries, sides } from './lists.ts';
import type { sourceFailures } from './source-failures.ts';
import type { LocalText } from '../kernel/failure.ts';

export type Language = 'zh-CN' | 'en';
export type Namespace = (typeof namespaces)[number];
export type CauseFlow = keyof typeof flows;
export type Side = keyof typeof sides;
export type Retry = (typeof retries)[number];
export type Outcome = (typeof outcomes)[number];
export type FieldName = keyof typeof fields;
export type ParamName = keyof typeof params;
export type Rail = (typeof rails)[number];
/** What became of the money, as the registry knows it beforehand. */
export type MoneyFact = (typeof moneyFacts)[number];
/** What became of the money in one attempt. */
export type MoneyMoved = Exclude<MoneyFact, 'per_attempt'>;

export type ActionEntry = {
  readonly does: string;
  /** `field`: the target is an input; a list: one of these; null: the action takes none. */
  readonly target: null | 'field' | readonly string[];
  /** Could pay twice when the outcome of the attempt before it is not known. */
  readonly needsKnownOutcome: boolean;
  readonly label: LocalText;
};
export type ActionTable = Readonly<Record<string, ActionEntry>>;

export type RemedyEntry = { readonly action: string; readonly target?: string };
export type RawCode = {
  readonly rail: Rail;
  readonly institution?: string;
  readonly flow?: CauseFlow;
  readonly code: string;
};

export type CauseWords = {
  /** What happened, in one plain sentence without a full stop. */
  readonly title: string;
  /** What to do, in two sentences at most. */
  readonly text: string;
  /** Whose hands it is in, beside the icon of the side. */
  readonly sideNote: string;
  /** Where a supporter looks first; never shown to the person. */
  readonly supportHint: string;
};

/** One cause of failure, the same in every flow in which it occurs. */
export type Cause = {
  readonly flows: readonly CauseFlow[];
  readonly side: Side;
  readonly retry: Retry;
  /** With `later`: what decides the moment. */
  readonly retryAfter: string | null;
  readonly money: MoneyFact;
  readonly outcome: Outcome;
  /** null: only the app can notice it, or a person reports it. */
  readonly httpStatus: (typeof httpStatuses)[number] | null;
  /** The input it is about; `*`: the one that the failure names. */
  readonly field: FieldName | '*' | null;
  readonly countsAsAttempt: boolean;
  /** In the order in which they are offered. */
  readonly remedies: readonly RemedyEntry[];
  readonly raw: readonly RawCode[];
  /** Rows of the source documents' list of failures that this cause stands for. */
  readonly covers: readonly (typeof sourceFailures)[number][];
  readonly params: readonly ParamName[];
  readonly words: Readonly<Record<Language, CauseWords>>;
};
export type CauseTable = Readonly<Record<`${Namespace}.${string}`, Cause>>;
