import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../../src/contract/problem.ts';
import { Button } from '../../../ui/button.tsx';
import { Field } from '../../../ui/field.tsx';
import { Glyph } from '../../../ui/list-row.tsx';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { groupPhone, isWholePhone, phoneToSend } from '../parts/typed-digits.ts';
import { useOnline } from '../parts/use-online.ts';
import { useClient } from '../parts/wallet-door.ts';
import { paths } from '../paths.ts';
import { Headline } from '../parts/headline.tsx';

export type Payee = { phone: string; nameMasked: string; phoneMasked: string };

type PayeeFormProps = { first: string; onFound: (payee: Payee) => void; onBack: () => void };

/** Told beneath the number, since the number is what to mend. */
const AT_THE_FIELD = new Set([
  'third_party.payee_not_found',
  'input.payee_self',
  'contact.phone_invalid',
  'input.missing',
  'input.format_invalid',
]);

/** Whom: a phone number, and the masked name that the person checks before anything goes on. */
export function PayeeForm({ first, onFound, onBack }: PayeeFormProps) {
  const { t } = useTranslation('flows');
  const client = useClient();
  const online = useOnline();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(first);
  const [found, setFound] = useState<Payee | null>(null);
  useEffect(() => input.current?.focus(), []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const find = async () => {
    if (busy || !isWholePhone(typed)) return;
    setBusy(true);
    setProblem(null);
    try {
      setFound({ phone: typed, ...(await client.lookUpPayee(phoneToSend(typed))) });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const edit = () => {
    setProblem(null);
    setFound(null);
    requestAnimationFrame(() => input.current?.focus());
  };
  const atField = problem !== null && AT_THE_FIELD.has(problem.code);
  if (problem && !atField)
    return (
      <FailureScreen
        title={t('send.title')}
        problem={problem}
        kind="transfer"
        fields={['payee']}
        here={paths.send}
        handlers={{ edit, choosePayee: edit, again: () => void find(), ask: () => void find() }}
        onClose={edit}
      />
    );
  const reason = !online ? t('common.offlineButton') : isWholePhone(typed) ? undefined : t('send.phoneShort');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      <Screen
        title={t('send.title')}
        onBack={onBack}
        dock={
          <Button submit busy={busy} reason={reason}>
            {t('send.find')}
          </Button>
        }
      >
        <Headline>{t('send.toWhom')}</Headline>
        <p className="soft flow-lead">{t('send.phoneNote')}</p>
        <Field
          label={t('send.phone')}
          value={typed}
          onChange={(text) => {
            setTyped(text);
            setProblem(null);
          }}
          clean={phoneToSend}
          group={groupPhone}
          inputMode="tel"
          autoComplete="off"
          inputRef={input}
          state={atField ? 'attend' : 'idle'}
          {...(atField ? { message: `${problem.title}${t('common.stop')}${problem.detail}` } : {})}
        />
        <Sheet open={found !== null} onClose={edit} title={t('send.checkName')}>
          {found && (
            <div className="stack">
              <div className="flow-person">
                <Glyph icon="you" />
                <p className="headline">{found.nameMasked}</p>
                <p className="soft">
                  <MaskedText text={found.phoneMasked} />
                </p>
              </div>
              <p className="soft">{t('send.checkNameText')}</p>
              <Button onPress={() => onFound(found)}>{t('send.yes')}</Button>
              <Button kind="quiet" onPress={edit}>
                {t('send.no')}
              </Button>
            </div>
          )}
        </Sheet>
      </Screen>
    </form>
  );
}
