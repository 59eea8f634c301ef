import type { Failure } from '../../kernel/failure.ts';
import { refusal } from '../../causes/refusal.ts';
import { accountObstacle, type Mover } from './person.ts';

/** What must be right with a person before any money moves, in the order in which it is told. */
export function whatKeepsFromMoving(person: Mover, pinSet: boolean): Failure[] {
  const found: Failure[] = [];
  const obstacle = accountObstacle(person);
  if (obstacle) found.push(obstacle);
  if (!person.isVerified) found.push(refusal('identity.verification_required'));
  if (!pinSet) found.push(refusal('security.pin_not_set'));
  return found;
}
