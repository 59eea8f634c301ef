import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Problem } from '../../../../src/contract/problem.ts';
import { Amount } from '../../../ui/amount.tsx';
import { ContextLine } from '../../../ui/failure-card.tsx';
import { Glyph } from '../../../ui/list-row.tsx';
import { formatMoney } from '../../../ui/format-money.ts';
import { FactsSkeleton } from '../../../ui/skeletons.tsx';
import { Screen } from '../../../ui/screen.tsx';
import type { OperationExits } from '../operation/exits.ts';
import { isMoneyOperation } from '../operation/money-facts.tsx';
import { MoneyOperationView } from '../operation/money-operation.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { BeforeView } from '../parts/before-view.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { phoneToSend } from '../parts/typed-digits.ts';
import { useAmount } from '../parts/use-amount.ts';
import { useCallOff } from '../parts/use-call-off.ts';
import { usePageOperation } from '../parts/use-page-operation.ts';
import type { RemedyHandlers } from '../parts/use-remedies.tsx';
import { useClient } from '../parts/wallet-door.ts';
import { paths } from '../paths.ts';
import { PayeeForm, type Payee } from './payee-form.tsx';
import { SumForm } from './sum-form.tsx';

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
    again: () => void send.review(),
    ask: () => void send.review(),
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
      <Screen title={t('send.title')} onBack={goHome} leaves>
        <FactsSkeleton />
      </Screen>
    );
  return payee ? (
    <SumForm send={send} payee={payee} onBack={send.choosePayee} />
  ) : (
    <PayeeForm first={send.lastPhone} onFound={send.setPayee} onBack={goHome} />
  );
}

function useSending() {
  const client = useClient();
  const page = usePageOperation();
  const callOff = useCallOff(page.operation, page.put);
  const amount = useAmount(page.search.get('minor'));
  const [payee, setPayee] = useState<Payee | null>(null);
  const [lastPhone, setLastPhone] = useState('');
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [obstacles, setObstacles] = useState<readonly Problem[]>([]);
  const [busy, setBusy] = useState(false);

  const clear = () => {
    setProblem(null);
    setObstacles([]);
  };
  const change = ({ minor }: { minor?: bigint }) => {
    if (minor !== undefined) amount.set(minor);
    clear();
    if (page.id !== null) page.leave();
  };
  const choosePayee = () => {
    setLastPhone(payee?.phone ?? '');
    setPayee(null);
    change({});
  };
  const review = async () => {
    if (busy || !payee || amount.minor === undefined) return;
    setBusy(true);
    clear();
    try {
      const sum = { minor: amount.minor.toString(), currency: 'CNY' };
      const input = {
        payeePhone: phoneToSend(payee.phone),
        amount: sum,
        ...(note.trim() === '' ? {} : { note: note.trim() }),
      };
      const { problems } = await client.preflight({ kind: 'transfer', input });
      const [only] = problems;
      if (only && problems.length === 1) setProblem(only);
      else if (problems.length > 0) setObstacles(problems);
      else await page.begin('transfer', input);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return {
    page,
    callOff,
    amount,
    payee,
    setPayee,
    lastPhone,
    note,
    setNote,
    problem,
    obstacles,
    busy,
    clear,
    change,
    choosePayee,
    review,
  };
}

export type Sending = ReturnType<typeof useSending>;
