import { useTranslation } from 'react-i18next';
import { Navigate, useNavigate, useParams } from 'react-router';
import type { OperationShape } from '../../../../src/contract/operations.ts';
import { NotReadYet } from '../parts/not-read-yet.tsx';
import { useOperation } from '../parts/use-operation.ts';
import { paths, startOf, withQuery } from '../paths.ts';
import type { OperationExits } from './exits.ts';
import { isMoneyOperation } from './money-facts.tsx';
import { MoneyOperationView } from './money-operation.tsx';

const orderOf = (operation: OperationShape) => (operation.kind === 'pay' ? operation.details.orderId : undefined);

/** The flows whose steps are screens of their own go on there. Who has signed in with one need not do it again. */
function placeOf(operation: OperationShape): string {
  if (operation.kind === 'open_wallet' && operation.state === 'succeeded') return paths.home;
  return withQuery(startOf(operation.kind), { operation: operation.id });
}

/** Any operation by its address: after a restart, from the list at home, from a failure that names another one. */
export function OperationPage() {
  const { t } = useTranslation('flows');
  const { id = null } = useParams();
  const navigate = useNavigate();
  const { operation, problem, put, reload } = useOperation(id);
  const go = (to: string) => void navigate(to);
  const goHome = () => go(paths.home);

  if (!operation)
    return (
      <NotReadYet
        title={t('operation.title')}
        problem={problem}
        again={reload}
        here={paths.operation(id ?? '')}
        rows={5}
        leaves
        onClose={goHome}
      />
    );
  if (!isMoneyOperation(operation)) return <Navigate to={placeOf(operation)} replace />;
  const start = startOf(operation.kind, orderOf(operation));
  const exits: OperationExits = {
    onClose: goHome,
    onBack: goHome,
    onRestart: () => go(start),
    here: paths.home,
    fields: operation.kind === 'pay' ? [] : ['amount', 'payee'],
    ...(operation.kind === 'pay' ? {} : againWith(start, go, operation.amount?.minor)),
  };
  return <MoneyOperationView operation={operation} put={put} exits={exits} />;
}

/** Begins anew with one thing changed and the rest filled in. */
function againWith(start: string, go: (to: string) => void, minor: string | undefined): Partial<OperationExits> {
  return {
    onEdit: () => go(withQuery(start, { minor })),
    onLower: (least) => go(withQuery(start, { minor: least.toString() })),
    onUseCard: (card) => go(withQuery(start, { minor, card: card.id })),
    onChooseCard: () => go(withQuery(start, { minor })),
    onChoosePayee: () => go(start),
  };
}
