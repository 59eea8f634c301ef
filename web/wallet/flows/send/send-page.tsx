import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Amount } from '../../../ui/amount.tsx';
import { ContextLine } from '../../../ui/failure-card.tsx';
import { Glyph } from '../../../ui/list-row.tsx';
import { formatMoney } from '../../../ui/format-money.ts';
import type { OperationExits } from '../operation/exits.ts';
import { isMoneyOperation } from '../operation/money-facts.tsx';
import { MoneyOperationView } from '../operation/money-operation.tsx';
import { BeforeView } from '../parts/before-view.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { NotReadYet } from '../parts/not-read-yet.tsx';
import type { RemedyHandlers } from '../parts/use-remedies.tsx';
import { paths } from '../paths.ts';
import { PayeeForm } from './payee-form.tsx';
import { SmallSendView } from './small-send-view.tsx';
import { SumForm } from './sum-form.tsx';
import { useSending } from './use-sending.ts';

const FIELDS = ['amount', 'payee'] as const;

/** Money to another wallet: whom, is it really them, how much, review, PIN. */
export function SendPage() {
  const { t } = useTranslation('flows');
  const navigate = useNavigate();
  const send = useSending();
  const { page, payee, amount, problem, obstacles } = send;
  const goHome = () => void navigate(paths.home);
  const here = paths.send;

  const handlers: RemedyHandlers = {
    edit: (field) => (field === 'payee' ? send.choosePayee() : send.change({})),
    lower: (minor) => send.change({ minor }),
    choosePayee: send.choosePayee,
    restart: () => send.change({}),
    // What may have been sent is asked for again as what it was, under its id.
    again: () => void (send.withoutPin ? send.sendSmall() : send.review()),
    ask: () => void (send.withoutPin ? send.sendSmall() : send.review()),
    scan: () => void navigate(paths.scan),
  };
  if (page.operation && isMoneyOperation(page.operation)) {
    const exits: OperationExits = {
      onClose: goHome,
      onBack: () => {
        send.callOff();
        page.leave();
      },
      onRestart: () => send.change({}),
      pinAfterAll: send.pinAfterAll,
      here: paths.home,
      fields: FIELDS,
      onEdit: (field) => handlers.edit?.(field),
      onLower: (minor) => send.change({ minor }),
      onChoosePayee: send.choosePayee,
    };
    return <MoneyOperationView operation={page.operation} put={page.put} exits={exits} />;
  }
  const asked = { cardId: null, amountMinor: amount.minor ?? null };
  const trouble = problem ?? page.problem;
  if (trouble)
    return (
      <FailureScreen
        title={t('send.title')}
        problem={trouble}
        kind="transfer"
        fields={FIELDS}
        asked={asked}
        here={here}
        intendedId={page.intendedId()}
        handlers={handlers}
        onClose={problem ? send.clear : goHome}
        context={
          payee && (
            <ContextLine
              leading={<Glyph icon="you" />}
              title={payee.nameMasked}
              note={payee.phoneMasked}
              end={
                amount.minor !== undefined && (
                  <Amount money={{ minor: amount.minor.toString(), currency: 'CNY' }} soft />
                )
              }
            />
          )
        }
        busy={send.busy}
      />
    );
  if (obstacles.length > 0 && payee)
    return (
      <BeforeView
        title={t('send.beforeTitle')}
        sum={t('send.beforeSum', {
          payee: payee.nameMasked,
          amount: formatMoney({ minor: (amount.minor ?? 0n).toString(), currency: 'CNY' }),
        })}
        problems={obstacles}
        setting={{ kind: 'transfer', fields: FIELDS, ...asked, orderId: null, here }}
        handlers={handlers}
        onClose={send.clear}
      />
    );
  if (page.id !== null)
    return (
      <NotReadYet
        title={t('send.title')}
        problem={null}
        again={page.reload}
        here={here}
        leaves
        rows={4}
        onClose={goHome}
      />
    );
  if (payee && send.withoutPin) return <SmallSendView send={send} payee={payee} onBack={() => send.change({})} />;
  return payee ? (
    <SumForm send={send} payee={payee} onBack={send.choosePayee} />
  ) : (
    <PayeeForm first={send.lastPhone} onFound={send.setPayee} onBack={goHome} />
  );
}
