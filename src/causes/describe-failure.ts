import { assert } from '../kernel/assert.ts';
import { describeCause, type FailureContext, type ProblemDocument } from './describe-cause.ts';
import { findCause } from './find-cause.ts';

/** The problem document of a failure, thrown or recorded, in the language of whoever reads it. */
export function describeFailure(failure: FailureContext & { readonly code: string }): ProblemDocument {
  const cause = findCause(failure.code);
  assert(cause, `no cause with the code ${failure.code}`);
  return describeCause(failure.code, cause, failure);
}
