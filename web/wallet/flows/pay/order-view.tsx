import { useTranslation } from 'react-i18next';
import type { Order } from '../../../../src/contract/wallet.ts';
import { Amount } from '../../../ui/amount.tsx';
import { Button, ButtonLink } from '../../../ui/button.tsx';
import { ContextLine } from '../../../ui/failure-card.tsx';
import { formatMoney } from '../../../ui/format-money.ts';
import { momentOf } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { Glyph } from '../../../ui/list-row.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { useOnline } from '../parts/use-online.ts';
import { useBalance, useMe } from '../parts/wallet-door.ts';
import { paths, withQuery } from '../paths.ts';

type OrderViewProps = { order: Order; busy: boolean; onReview: () => void; onClose: () => void };

/** Who asks for how much and what for. An order that is paid or closed says so instead of offering to pay. */
export function OrderView({ order, busy, onReview, onClose }: OrderViewProps) {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  const online = useOnline();
  const { me, error } = useMe();
  const { balance } = useBalance();
  const open = order.state === 'open';
  const signIn = !me && error !== null;
  const reason = online ? undefined : t('common.offlineButton');
  return (
    <Screen
      title={t('pay.title')}
      onBack={onClose}
      leaves
      dock={
        !open ? (
          <ButtonLink to={paths.history}>{t('pay.toHistory')}</ButtonLink>
        ) : signIn ? (
          <ButtonLink to={withQuery(paths.open, { return: paths.pay(order.id) })}>{t('pay.signIn')}</ButtonLink>
        ) : (
          <Button onPress={onReview} busy={busy} reason={reason}>
            {t('amount.review')}
          </Button>
        )
      }
    >
      <ContextLine
        leading={<Glyph icon="people" />}
        title={<span className="strong">{order.merchantName}</span>}
        note={order.description}
      />
      <div>
        <Amount money={order.amount} size={5} rule={open ? 'held' : 'final'} />
      </div>
      <div className="flow-gap">
        <Facts
          panel
          ruled
          items={[
            ...(balance
              ? [{ label: t('pay.from'), value: <span className="num">{formatMoney(balance.available)}</span> }]
              : []),
            ...(open
              ? [
                  {
                    label: t('pay.validUntil'),
                    value: <span className="num">{momentOf(order.expiresAt, language)}</span>,
                  },
                ]
              : []),
          ]}
        />
      </div>
      {!open && (
        <div className="flow-gap">
          <Notice
            icon={order.state === 'paid' ? 'check' : 'no'}
            lead={t(`pay.state.${order.state === 'paid' ? 'paid' : 'closed'}`)}
          >
            {t(`pay.stateText.${order.state === 'paid' ? 'paid' : 'closed'}`)}
          </Notice>
        </div>
      )}
    </Screen>
  );
}
