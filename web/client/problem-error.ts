import type { Problem } from '../../src/contract/problem.ts';

/** Every refusal of the server and every trouble on the way to it: always with a whole problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  constructor(problem: Problem, options?: { cause: unknown }) {
    super(problem.code, options);
    this.problem = problem;
  }
}

/** The problem document of anything that was thrown; what is none of ours is a fault of the app. */
export const isProblemError = (error: unknown): error is ProblemError => error instanceof ProblemError;

/** The problem of a reading: whatever it met, nothing was asked for, and reading again does no harm. */
export const problemOfReading = (problem: Problem): Problem => ({
  ...problem,
  moneyMoved: 'no',
  retry: problem.retry === 'query_first' ? 'later' : problem.retry,
});
