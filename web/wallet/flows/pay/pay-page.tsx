import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { Problem } from '../../../../src/contract/problem.ts';
import type { Order } from '../../../../src/contract/wallet.ts';
import { isProblemError } from '../../../client/problem-error.ts';
import { Amount } from '../../../ui/amount.tsx';
import { ContextLine } from '../../../ui/failure-card.tsx';
import { Glyph } from '../../../ui/list-row.tsx';
import { formatMoney } from '../../../ui/format-money.ts';
import { Screen } from '../../../ui/screen.tsx';
import { AmountSkeleton, FactsSkeleton } from '../../../ui/skeletons.tsx';
import { isMoneyOperation } from '../operation/money-facts.tsx';
import { MoneyOperationView } from '../operation/money-operation.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { BeforeView } from '../parts/before-view.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { usePageOperation } from '../parts/use-page-operation.ts';
import type { RemedyHandlers } from '../parts/use-remedies.tsx';
import { useCallOff } from '../parts/use-call-off.ts';
import { useClient } from '../parts/wallet-door.ts';
import { paths } from '../paths.ts';
import { OrderView } from './order-view.tsx';

/** An order opened by its code or its link: what it is, then confirm and pay. */
export function PayPage() {
  const { t } = useTranslation('flows');
  const { orderId = '' } = useParams();
  const client = useClient();
  const navigate = useNavigate();
  const order = useQuery({
    queryKey: ['order', orderId],
    queryFn: ({ signal }) => client.order(orderId, signal),
    retry: false,
  });
  const pay = usePayment(orderId);
  const here = paths.pay(orderId);
  const goHome = () => void navigate(paths.home);
  const { page } = pay;

  if (page.operation && isMoneyOperation(page.operation)) {
    const back = () => {
      pay.callOff();
      page.leave();
    };
    return (
      <MoneyOperationView
        operation={page.operation}
        put={page.put}
        exits={{ onClose: goHome, onBack: back, onRestart: () => page.leave(), here: paths.home, fields: [] }}
      />
    );
  }
  const trouble = pay.problem ?? page.problem ?? (isProblemError(order.error) ? order.error.problem : null);
  const handlers: RemedyHandlers = {
    again: () => (pay.problem ? void pay.review() : void order.refetch()),
    ask: () => void pay.review(),
    restart: () => pay.clear(),
    scan: () => void navigate(paths.scan),
  };
  if (trouble)
    return (
      <FailureScreen
        title={t('pay.title')}
        problem={trouble}
        kind="pay"
        here={here}
        asked={{ orderId, amountMinor: order.data ? BigInt(order.data.amount.minor) : null }}
        intendedId={page.intendedId()}
        context={
          order.data && (
            <ContextLine
              leading={<Glyph icon="people" />}
              title={order.data.merchantName}
              note={order.data.description}
              end={<Amount money={order.data.amount} soft />}
            />
          )
        }
        handlers={handlers}
        onClose={pay.problem ? pay.clear : goHome}
        busy={pay.busy}
      />
    );
  if (!order.data || page.id !== null)
    return (
      <Screen title={t('pay.title')} onBack={goHome} leaves>
        <AmountSkeleton />
        <FactsSkeleton rows={3} />
      </Screen>
    );
  if (pay.obstacles.length > 0)
    return (
      <PayBefore order={order.data} obstacles={pay.obstacles} handlers={handlers} here={here} onClose={pay.clear} />
    );
  return <OrderView order={order.data} busy={pay.busy} onReview={() => void pay.review()} onClose={goHome} />;
}

function usePayment(orderId: string) {
  const client = useClient();
  const page = usePageOperation();
  const callOff = useCallOff(page.operation, page.put);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [obstacles, setObstacles] = useState<readonly Problem[]>([]);
  const [busy, setBusy] = useState(false);
  const clear = () => {
    setProblem(null);
    setObstacles([]);
  };
  const review = async () => {
    if (busy) return;
    setBusy(true);
    clear();
    try {
      const { problems } = await client.preflight({ kind: 'pay', input: { orderId } });
      const [only] = problems;
      if (only && problems.length === 1) setProblem(only);
      else if (problems.length > 0) setObstacles(problems);
      else await page.begin('pay', { orderId });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { page, callOff, problem, obstacles, busy, clear, review };
}

type PayBeforeProps = {
  order: Order;
  obstacles: readonly Problem[];
  handlers: RemedyHandlers;
  here: string;
  onClose: () => void;
};

function PayBefore({ order, obstacles, handlers, here, onClose }: PayBeforeProps) {
  const { t } = useTranslation('flows');
  return (
    <BeforeView
      title={t('pay.beforeTitle')}
      sum={t('pay.beforeSum', { merchant: order.merchantName, amount: formatMoney(order.amount) })}
      problems={obstacles}
      setting={{
        kind: 'pay',
        fields: [],
        cardId: null,
        amountMinor: BigInt(order.amount.minor),
        orderId: order.id,
        here,
      }}
      handlers={handlers}
      onClose={onClose}
    />
  );
}
