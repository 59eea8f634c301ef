import type { OperationShape } from '../../../../src/contract/operations.ts';
import type { Content } from '../../../ui/content.ts';
import { EndedView } from '../operation/ended-view.tsx';
import { FailureScreen } from './failure-screen.tsx';
import type { PageOperation } from './use-page-operation.ts';
import { WorkingView } from './working-view.tsx';

type OperationEndsProps = {
  title: string;
  operation: OperationShape;
  page: PageOperation;
  /** What is being done while it is at work, and what it means. */
  working: { what: string; text: string };
  /** Which thing it is about, above what is told of it. */
  above?: Content;
  /** The inputs that `onEdit` can open. */
  fields?: readonly string[];
  onEdit?: (field: string) => void;
  here: string;
  onClose: () => void;
};

/**
 * An operation that moves no money while nothing is wanted of the person, and each of its ends but the good one: the
 * same for every flow. What waits for the person, and what was reached, are screens of the flow itself.
 */
export function OperationEnds({
  title,
  operation,
  page,
  working,
  above,
  fields = [],
  onEdit,
  here,
  onClose,
}: OperationEndsProps) {
  const restart = () => page.leave();
  switch (operation.state) {
    case 'working':
    case 'asking':
    case 'in_review':
      return <WorkingView title={title} operation={operation} {...working} above={above} onClose={onClose} />;
    case 'cancelled':
      return (
        <EndedView title={title} state="cancelled" operation={operation} exits={{ onClose, onRestart: restart }} />
      );
    default:
      return operation.failure ? (
        <FailureScreen
          title={title}
          problem={operation.failure}
          kind={operation.kind}
          operation={operation}
          fields={fields}
          here={here}
          context={above}
          handlers={{ edit: onEdit ?? restart, restart, again: restart, ask: page.reload }}
          onClose={restart}
        />
      ) : (
        <EndedView title={title} state="expired" operation={operation} exits={{ onClose, onRestart: restart }} />
      );
  }
}
