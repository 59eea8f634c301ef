import { useTranslation } from 'react-i18next';
import type { Balance } from '../../../../src/contract/wallet.ts';
import { Amount } from '../../../ui/amount.tsx';
import { Button, ButtonLink } from '../../../ui/button.tsx';
import { isZero } from '../../../ui/format-money.ts';
import { Icon } from '../../../ui/icon.tsx';
import { Phrases } from '../../../ui/phrases.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { paths } from '../paths.ts';
import { AfterClosing } from './after-closing.tsx';

type ClosedViewProps = { title: string; left: Balance['available']; onDone: () => void };

/** The wallet is closed: what is in it, what can still be seen, and the way back. */
export function ClosedView({ title, left, onDone }: ClosedViewProps) {
  const { t } = useTranslation('flows');
  const empty = isZero(left);
  return (
    <Screen
      title={title}
      dock={
        <>
          <Button onPress={onDone}>{t('common.done')}</Button>
          <ButtonLink kind="quiet" to={paths.history}>
            {t('pay.toHistory')}
          </ButtonLink>
        </>
      }
    >
      <div className="flow-done">
        <Icon name="check" />
        <h2 className="headline">
          <Phrases text={t('close.doneTitle')} />
        </h2>
        <p className="soft">{t(empty ? 'close.doneText' : 'close.leftText')}</p>
      </div>
      <div className="stack flow-gap">
        <div className="panel pad between">
          <span className="soft">{t('close.empty')}</span>
          <Amount money={left} size={4} rule={empty ? 'final' : 'held'} />
        </div>
        <AfterClosing />
      </div>
    </Screen>
  );
}
