import type { Failure } from '../../kernel/failure.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Allowance } from './allowances.ts';

/** The cause of a limit that is used up, with what is left of it and when it begins anew. */
export function limitFailure(allowance: Pick<Allowance, 'available' | 'resetsAt' | 'limit'>): Failure {
  const { available, resetsAt, limit } = allowance;
  if (limit.endsWith('_day') && resetsAt) {
    return refusal('limit.day', { params: { available, until: resetsAt }, retryAt: resetsAt });
  }
  if (limit.endsWith('_pause') && resetsAt) {
    return refusal('security.change_pause', { params: { available, until: resetsAt }, retryAt: resetsAt });
  }
  return limit.endsWith('_year')
    ? refusal('limit.year', { params: { available } })
    : refusal('limit.lifetime', { params: { available } });
}
