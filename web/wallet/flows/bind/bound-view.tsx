import { useTranslation } from 'react-i18next';
import type { OperationOf } from '../../../../src/contract/operations.ts';
import { BankPlate } from '../../../ui/bank-plate.tsx';
import { ButtonLink } from '../../../ui/button.tsx';
import { ListRow } from '../../../ui/list-row.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { StatusChip } from '../../../ui/status-chip.tsx';
import { paths, withQuery } from '../paths.ts';
import { Headline } from '../parts/headline.tsx';

type BoundViewProps = { operation: OperationOf<'bind_card'>; isFirst: boolean; back: string };

/** The card is there; what one came for goes on, or the first top-up is near. */
export function BoundView({ operation, isFirst, back }: BoundViewProps) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const { bankCode, bankName, cardMasked, cardKind } = operation.details;
  const last4 = cardMasked.slice(-4);
  const cameFrom = back !== paths.home;
  const topUp = withQuery(paths.topUp, { card: operation.result?.cardId });
  return (
    <Screen
      title={t('bind.title')}
      dock={
        cameFrom ? (
          <ButtonLink to={back}>{t('common.goOn')}</ButtonLink>
        ) : (
          <>
            <ButtonLink to={topUp}>{t('bind.doneTopUp')}</ButtonLink>
            <ButtonLink to={paths.home} kind="quiet">
              {isFirst ? t('bind.doneFirst') : t('bind.doneHome')}
            </ButtonLink>
          </>
        )
      }
    >
      <Headline>{t('bind.doneTitle')}</Headline>
      <p className="soft flow-lead">{t('bind.doneText', { bank: bankName, last4 })}</p>
      <div className="panel">
        <ListRow
          leading={<BankPlate bankCode={bankCode} />}
          title={<span className="strong">{ui('bankCard', { bank: bankName, last4 })}</span>}
          note={ui(`cardKind.${cardKind}`)}
          end={<StatusChip kind="good">{t('bind.ready')}</StatusChip>}
        />
      </div>
    </Screen>
  );
}
