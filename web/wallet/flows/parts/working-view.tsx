import { useTranslation } from 'react-i18next';
import type { OperationShape } from '../../../../src/contract/operations.ts';
import type { Content } from '../../../ui/content.ts';
import { OperationLog } from '../../../ui/operation-log.tsx';
import { PathLine } from '../../../ui/path-line.tsx';
import { Screen } from '../../../ui/screen.tsx';

type WorkingViewProps = {
  title: string;
  operation: OperationShape;
  /** What is being done, and what it means. */
  what: string;
  text: string;
  sum?: Content;
  above?: Content;
  onClose?: () => void;
};

/** Something is at work: where it stands on its way, what was done, and that leaving is safe. */
export function WorkingView({ title, operation, what, text, sum, above, onClose }: WorkingViewProps) {
  const { t } = useTranslation('flows');
  return (
    <Screen
      title={title}
      {...(onClose ? { onBack: onClose, leaves: true } : {})}
      dock={<p className="note">{t('common.leaveSafe')}</p>}
    >
      {above}
      <section className="panel flow-working" aria-live="polite" aria-busy="true">
        <div className="fail-side">
          <PathLine stations={operation.path} />
        </div>
        <div className="fail-say">
          <h2 className="title">{what}</h2>
          <p className="soft">{text}</p>
          {sum}
        </div>
      </section>
      <div className="flow-gap">
        <OperationLog operation={{ ...operation, deadlineAt: null, nextAskAt: null }} />
      </div>
    </Screen>
  );
}
