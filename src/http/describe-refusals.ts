import type { Cause } from '../causes/cause.ts';
import { describeCause, type ProblemDocument } from '../causes/describe-cause.ts';
import { causeOf, type CauseCode } from '../causes/registry.ts';
import { parseInstant } from '../kernel/clock.ts';
import { examplesFor } from './docs/cause-pages.ts';
import type { Policy, RouteEntry } from './route-policy.ts';

/** What a route may refuse with, as the description of the API says it: each status with its causes and examples. */

type Json = { [name: string]: unknown };

const OF_ALL: readonly CauseCode[] = ['app.request_invalid', 'limit.too_fast', 'wallet.overloaded', 'wallet.fault'];
const OF_POLICY: Readonly<Record<Policy, readonly CauseCode[]>> = {
  anyone: [],
  visit: ['security.session_expired'],
  person: ['security.session_expired'],
  merchant: ['security.api_key_unknown'],
  bank_line: [],
};
const EXAMPLE_MOMENT = parseInstant('2026-11-22T06:05:00.000Z');

export const problemAnswer = {
  description: 'Refused, and why',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** The causes that a route names, and those that every route with its policy may meet. */
const causesOf = ({ policy, schema }: RouteEntry): CauseCode[] => [
  ...new Set([...(schema?.causes ?? []), ...OF_POLICY[policy], ...OF_ALL]),
];

/** The answers of a route that are refusals, by status. */
export function refusalsOf(route: RouteEntry): Json {
  const byStatus = Map.groupBy(causesOf(route), (code) => String(causeOf(code).httpStatus ?? 422));
  return Object.fromEntries([...byStatus].map(([status, of]) => [status, answerWith(of)]));
}

function answerWith(codes: readonly CauseCode[]): Json {
  return {
    description: codes.map((code) => `- \`${code}\`: ${causeOf(code).words.en.title}`).join('\n'),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

/** One problem document for every cause that a route names. */
export function problemExamples(routes: readonly RouteEntry[]): Json {
  const codes = new Set(routes.flatMap(causesOf));
  return Object.fromEntries([...codes].sort().map((code) => [code, exampleOf(code)]));
}

const exampleOf = (code: CauseCode): Json => ({ summary: causeOf(code).words.en.title, value: exampleProblem(code) });

/** A refusal as a program could get it. */
export function exampleProblem(code: CauseCode, flow: string | null = null): ProblemDocument {
  const cause: Cause = causeOf(code);
  return describeCause(code, cause, {
    language: 'en',
    flow,
    now: EXAMPLE_MOMENT,
    params: examplesFor(cause, 'en'),
    retryAt: cause.httpStatus === 429 ? EXAMPLE_MOMENT : null,
    reference: 'P7K4-2M9X',
  });
}
