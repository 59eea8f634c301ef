import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../../src/contract/problem.ts';
import type { Me } from '../../../../src/contract/wallet.ts';
import { isLuhn } from '../../../../src/kernel/luhn.ts';
import { Button } from '../../../ui/button.tsx';
import { CardNumberField } from '../../../ui/card-number-field.tsx';
import type { Content } from '../../../ui/content.ts';
import { Screen } from '../../../ui/screen.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { phoneToSend } from '../parts/typed-digits.ts';
import { useOnline } from '../parts/use-online.ts';
import type { PageOperation } from '../parts/use-page-operation.ts';
import { paths } from '../paths.ts';
import { Agreement } from './agreement.tsx';
import { lackOf, type CardEntry, type CardField } from './card-entry.ts';
import { HolderFacts } from './holder-facts.tsx';
import { useBankOfNumber } from './use-bank-of-number.ts';

type CardFormProps = {
  me: Me;
  entry: CardEntry;
  onEntry: (entry: CardEntry) => void;
  focus: CardField;
  page: PageOperation;
  onBack: () => void;
  skip: Content;
};

const AT_THE_FIELD = new Set([
  'input.missing',
  'input.card_number_typo',
  'card.issuer_unsupported',
  'card.type_unsupported',
  'contact.phone_invalid',
  'input.format_invalid',
]);

/** The card's details; the bank shows itself as soon as the number tells it. */
export function CardForm({ me, entry, onEntry, focus, page, onBack, skip }: CardFormProps) {
  const { t } = useTranslation('flows');
  const online = useOnline();
  const phone = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus === 'reserved_phone') phone.current?.focus();
  }, [focus]);
  const { bank, looking } = useBankOfNumber(entry.cardNumber);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const lack = lackOf(entry, bank?.length);
  const typo = lack !== 'needNumber' && lack !== 'needMore' && !isLuhn(entry.cardNumber);

  const change = (changed: Partial<CardEntry>) => {
    onEntry({ ...entry, ...changed });
    setProblem(null);
  };
  const send = async () => {
    if (busy || lack !== null || typo) return;
    setBusy(true);
    setProblem(null);
    try {
      const { cardNumber, usesOwnPhone } = entry;
      const typed = usesOwnPhone ? {} : { reservedPhone: phoneToSend(entry.reservedPhone) };
      await page.begin('bind_card', { cardNumber, ...typed });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const edit = (field: string) => {
    if (field === 'reserved_phone') onEntry({ ...entry, usesOwnPhone: false });
    setProblem(null);
    requestAnimationFrame(() => phone.current?.focus());
  };
  const atField = problem !== null && AT_THE_FIELD.has(problem.code) ? problem : null;
  if (problem && !atField)
    return (
      <FailureScreen
        title={t('bind.title')}
        problem={problem}
        kind="bind_card"
        fields={['card_number', 'reserved_phone']}
        here={paths.bind}
        busy={busy}
        intendedId={page.intendedId()}
        handlers={{ edit, again: () => void send(), ask: () => void send(), restart: () => setProblem(null) }}
        onClose={() => setProblem(null)}
      />
    );
  const numberTold = typo ? t('bind.numberTypo') : atField?.field === 'card_number' ? atField.detail : null;
  const reason = !online
    ? t('common.offlineButton')
    : lack !== null
      ? t(`bind.${lack}`)
      : typo
        ? t('bind.numberTypo')
        : undefined;
  return (
    <form
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Screen
        title={t('bind.title')}
        onBack={onBack}
        dock={
          <>
            <Agreement bankName={bank?.bankName} agrees={entry.agrees} onChange={(agrees) => change({ agrees })} />
            <Button submit busy={busy} reason={reason}>
              {t('bind.send')}
            </Button>
            {skip}
          </>
        }
      >
        <Stepper step={1} total={2} next={t('bind.stepCode')} />
        <div className="flow-gap">
          <CardNumberField
            value={entry.cardNumber}
            onChange={(cardNumber) => change({ cardNumber })}
            bank={bank}
            looking={looking}
            state={numberTold === null ? 'idle' : 'attend'}
            {...(numberTold === null ? {} : { message: numberTold })}
            autoFocus={focus === 'card_number'}
          />
        </div>
        <HolderFacts
          me={me}
          entry={entry}
          onChange={change}
          inputRef={phone}
          complaint={atField?.field === 'reserved_phone' ? atField.detail : null}
        />
      </Screen>
    </form>
  );
}
