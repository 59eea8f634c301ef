import type { OperationKind } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import { isProblemError, problemOfReading } from '../../../client/problem-error.ts';
import { FactsSkeleton } from '../../../ui/skeletons.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { FailureScreen } from './failure-screen.tsx';

type NotReadYetProps = {
  title: string;
  /** Why it cannot be read; without one it is on its way. */
  problem: Problem | null;
  again: () => void;
  /** Where another visit cannot see the operation any more, a new one begins. */
  restart?: () => void;
  kind?: OperationKind;
  here: string;
  rows?: number;
  leaves?: boolean;
  onClose: () => void;
};

/** A page whose subject is not here: the shape of what comes, or why it does not. */
export function NotReadYet({
  title,
  problem,
  again,
  restart,
  kind,
  here,
  rows = 3,
  leaves = false,
  onClose,
}: NotReadYetProps) {
  if (problem)
    return (
      <FailureScreen
        title={title}
        problem={problem}
        kind={kind ?? null}
        here={here}
        handlers={{ again, ask: again, ...(restart ? { restart } : {}) }}
        onClose={onClose}
      />
    );
  return (
    <Screen title={title} onBack={onClose} leaves={leaves}>
      <FactsSkeleton rows={rows} />
    </Screen>
  );
}

/** The problem document of what a query threw; null while there is none. */
export const problemIn = (error: Error | null): Problem | null =>
  isProblemError(error) ? problemOfReading(error.problem) : null;
