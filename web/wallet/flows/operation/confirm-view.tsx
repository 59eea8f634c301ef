import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperationShape } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import { Amount } from '../../../ui/amount.tsx';
import { Button } from '../../../ui/button.tsx';
import type { Content } from '../../../ui/content.ts';
import { formatMoney, formatWhole, subtractMoney, type WireMoney } from '../../../ui/format-money.ts';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { submitSafely, problemOf } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { PinSheet } from '../parts/pin-sheet.tsx';
import { stationsBefore } from '../parts/stations-before.ts';
import { useOnline } from '../parts/use-online.ts';
import { useSmallSums } from '../parts/use-small-sums.ts';
import { useBalance, useCards, useClient, useLimits } from '../parts/wallet-door.ts';
import { paths, withQuery } from '../paths.ts';
import type { OperationExits } from './exits.ts';
import { MoneyContext, useCounterparty, wordsOfKind, type MoneyOperation } from './money-facts.tsx';

type ConfirmViewProps = { operation: MoneyOperation; put: (operation: OperationShape) => void; exits: OperationExits };

/** Told beside the keypad, since another try is the cure; anything else takes the screen. */
const AT_THE_KEYPAD = new Set([
  'security.pin_wrong',
  'network.interrupted',
  'network.slow',
  'network.offline',
  'network.weak',
  'wallet.unreachable',
  'wallet.overloaded',
]);

/** Taking the PIN, or letting a small sum go without it until the server asks for it after all. */
function useConfirming({ operation, put, exits }: ConfirmViewProps) {
  const { t } = useTranslation('flows');
  const client = useClient();
  const small = useSmallSums();
  const [asksPin, setAsksPin] = useState(false);
  const [pinAfterAll, setPinAfterAll] = useState(
    exits.pinAfterAll === true || operation.timeline.some(({ event }) => event === 'pin_needed'),
  );
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { kind, amount } = operation;

  const askAfterAll = () => {
    void small.readAgain();
    setPinAfterAll(true);
    setAsksPin(true);
  };
  const submit = async (entry: { pin?: string }) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const next = await submitSafely(client, operation, entry);
      put(next);
      if (next.state === 'needs_you') askAfterAll();
    } catch (error) {
      const told = problemOf(error);
      if (told.code === 'security.pin_required') askAfterAll();
      else setProblem(told);
    } finally {
      setBusy(false);
    }
  };
  const counts = amount !== null && (kind === 'pay' || kind === 'transfer');
  return {
    asksPin,
    setAsksPin,
    busy,
    problem,
    clear: () => setProblem(null),
    submit,
    /** How much goes without the PIN, where this sum does. */
    letGo: kind === 'pay' && amount && !pinAfterAll && small.isLetGo(amount) ? small.small?.upTo : undefined,
    because: counts ? (small.whyPin(amount) ?? (pinAfterAll ? t('small.whyNow') : undefined)) : undefined,
  };
}

/** What leaves, what arrives, the fee, to whom, what is left afterwards; then the payment PIN. */
export function ConfirmView({ operation, put, exits }: ConfirmViewProps) {
  const { t } = useTranslation('flows');
  const online = useOnline();
  const { asksPin, setAsksPin, busy, problem, clear, submit, letGo, because } = useConfirming({
    operation,
    put,
    exits,
  });
  const words = wordsOfKind[operation.kind];
  const items = useConfirmFacts(operation);
  const offline = online ? undefined : t('common.offlineButton');

  const atKeypad = asksPin && problem !== null && AT_THE_KEYPAD.has(problem.code);
  if (problem && !atKeypad)
    return (
      <FailureScreen
        title={t(`${words}.title`)}
        problem={problem}
        kind={operation.kind}
        operation={operation}
        stations={stationsBefore(operation.kind, problem.side)}
        fields={exits.fields}
        here={exits.here}
        context={<MoneyContext operation={operation} />}
        handlers={{
          again: clear,
          ask: clear,
          restart: exits.onRestart,
          ...(exits.onEdit ? { edit: exits.onEdit } : {}),
          ...(exits.onLower ? { lower: exits.onLower } : {}),
          ...(exits.onUseCard ? { useCard: exits.onUseCard } : {}),
          ...(exits.onChooseCard ? { chooseCard: exits.onChooseCard } : {}),
          ...(exits.onChoosePayee ? { choosePayee: exits.onChoosePayee } : {}),
        }}
        onClose={clear}
      />
    );
  return (
    <Screen
      title={t(`${words}.title`)}
      onBack={exits.onBack}
      dock={
        letGo && operation.amount ? (
          <Button onPress={() => void submit({})} busy={busy} reason={offline}>
            {t('small.payNow', { amount: formatMoney(operation.amount) })}
          </Button>
        ) : (
          <Button onPress={() => setAsksPin(true)} reason={offline}>
            {t('confirm.enterPin')}
          </Button>
        )
      }
    >
      <h2 className="title flow-head">{t(`${words}.confirmTitle`)}</h2>
      {operation.amount && (
        <div className="flow-sum">
          <Amount money={operation.amount} size={5} rule="held" />
        </div>
      )}
      <div className="flow-gap">
        <Facts panel ruled items={items} />
      </div>
      <p className="note flow-gap">
        {letGo ? t('small.noPinToPay', { amount: formatWhole(letGo) }) : t(`confirm.safe.${words}`)}
      </p>
      <PinSheet
        open={asksPin}
        complaint={atKeypad ? `${problem.title}${t('common.stop')}${problem.detail}` : null}
        busy={busy}
        onPin={(pin) => void submit({ pin })}
        onClose={() => setAsksPin(false)}
        because={because}
        forgotTo={withQuery(paths.resetPin, { return: paths.operation(operation.id) })}
      />
    </Screen>
  );
}

function useConfirmFacts(operation: MoneyOperation): { label: Content; value: Content }[] {
  const { t } = useTranslation('flows');
  const counterparty = useCounterparty(operation);
  const { balance } = useBalance();
  const left = useLeftAfter(operation);
  const { amount } = operation;
  if (!amount) return [];
  const sum = <span className="num">{formatMoney(amount)}</span>;
  const fee =
    operation.kind === 'top_up' || operation.kind === 'withdraw' ? operation.details.fee : { ...amount, minor: '0' };
  const feeLine = { label: t('confirm.fee'), value: <span className="num">{formatMoney(fee)}</span> };
  const leftLine = left
    ? [{ label: t('confirm.limitLeft'), value: <span className="num">{formatMoney(left)}</span> }]
    : [];
  const balanceAfter = balance
    ? [
        {
          label: t('confirm.balanceAfter'),
          value: <span className="num">{formatMoney(subtractMoney(balance.available, amount))}</span>,
        },
      ]
    : [];
  switch (operation.kind) {
    case 'top_up':
      return [
        { label: t('confirm.from'), value: counterparty },
        { label: t('topUp.leaves'), value: sum },
        feeLine,
        { label: t('topUp.enters'), value: sum },
        ...leftLine,
      ];
    case 'withdraw':
      return [
        { label: t('confirm.to'), value: counterparty },
        { label: t('withdraw.leaves'), value: sum },
        feeLine,
        { label: t('withdraw.enters'), value: sum },
        ...balanceAfter,
      ];
    case 'pay':
      return [
        { label: t('pay.to'), value: counterparty },
        { label: t('pay.what'), value: operation.details.description },
        { label: t('pay.leaves'), value: sum },
        feeLine,
        ...balanceAfter,
        ...leftLine,
      ];
    case 'transfer':
      return [
        {
          label: t('confirm.to'),
          value: (
            <>
              {counterparty} <MaskedText text={operation.details.payeePhoneMasked} />
            </>
          ),
        },
        ...(operation.details.note ? [{ label: t('confirm.note'), value: operation.details.note }] : []),
        { label: t('send.leaves'), value: sum },
        feeLine,
        ...balanceAfter,
        ...leftLine,
      ];
  }
}

/** What is left of today's limit when this is done; nothing when it is not known. */
function useLeftAfter(operation: MoneyOperation): WireMoney | undefined {
  const { cards } = useCards();
  const { limits } = useLimits();
  const { amount } = operation;
  if (!amount || operation.kind === 'withdraw') return undefined;
  const available =
    operation.kind === 'top_up'
      ? cards?.find((card) => card.id === operation.details.card.cardId)?.topUp.available
      : limits?.find((one) => one.limit === 'balance_day')?.available;
  return available && subtractMoney(available, amount);
}
