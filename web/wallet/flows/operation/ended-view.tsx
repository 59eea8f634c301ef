import { useTranslation } from 'react-i18next';
import type { OperationShape } from '../../../../src/contract/operations.ts';
import { Ruled } from '../../../ui/amount.tsx';
import { Button } from '../../../ui/button.tsx';
import { QuietLine } from '../../../ui/failure-card.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { isMoneyOperation } from './money-facts.tsx';
import type { OperationExits } from './exits.ts';

type EndedViewProps = {
  title: string;
  state: 'cancelled' | 'expired';
  operation: OperationShape;
  exits: Pick<OperationExits, 'onClose' | 'onRestart'>;
};

/** It was called off, or waited too long: nothing has happened, and that is said. */
export function EndedView({ title, state, operation, exits }: EndedViewProps) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  return (
    <Screen
      title={title}
      onBack={exits.onClose}
      leaves
      dock={
        <>
          <Button onPress={exits.onRestart}>{t('operation.startOver')}</Button>
          <QuietLine reference={operation.reference} />
        </>
      }
    >
      <section className="panel flow-ended">
        <Icon name={state === 'expired' ? 'clock' : 'no'} />
        <h2 className="title">{t(`operation.${state}Title`)}</h2>
        <p className="soft">{t(`operation.${state}Text`)}</p>
        <p className="headline">
          <Ruled rule="final">{isMoneyOperation(operation) ? ui('money.no') : t('operation.nothingChanged')}</Ruled>
        </p>
      </section>
    </Screen>
  );
}
