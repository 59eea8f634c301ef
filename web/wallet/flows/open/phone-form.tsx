import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../../src/contract/problem.ts';
import { Button } from '../../../ui/button.tsx';
import { Field } from '../../../ui/field.tsx';
import { useLanguage } from '../../../ui/language.ts';
import { Screen } from '../../../ui/screen.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { groupPhone, isWholePhone, phoneToSend } from '../parts/typed-digits.ts';
import { useOnline } from '../parts/use-online.ts';
import type { PageOperation } from '../parts/use-page-operation.ts';
import { useClient } from '../parts/wallet-door.ts';
import { paths } from '../paths.ts';
import { Headline } from '../parts/headline.tsx';

type PhoneFormProps = { first: string; onTyped: (phone: string) => void; page: PageOperation; onBack: () => void };

const AT_THE_FIELD = new Set(['contact.phone_invalid', 'input.missing', 'input.format_invalid']);

/** The phone number, which opens a wallet or signs in. */
export function PhoneForm({ first, onTyped, page, onBack }: PhoneFormProps) {
  const { t } = useTranslation('flows');
  const client = useClient();
  const language = useLanguage();
  const online = useOnline();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(first);
  useEffect(() => input.current?.focus(), []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const begin = async () => {
    const phone = phoneToSend(typed);
    // With nobody's session yet a visit is begun, in which the number is given.
    if ((await client.session()).state === 'none') await client.startVisit();
    await page.begin('open_wallet', { phone, language });
  };
  const send = async () => {
    if (busy || !isWholePhone(typed)) return;
    setBusy(true);
    setProblem(null);
    onTyped(typed);
    try {
      await begin();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const edit = () => {
    setProblem(null);
    requestAnimationFrame(() => input.current?.focus());
  };
  const atField = problem !== null && AT_THE_FIELD.has(problem.code);
  if (problem && !atField)
    return (
      <FailureScreen
        title={t('open.title')}
        problem={problem}
        kind="open_wallet"
        fields={['phone', 'contact']}
        here={paths.open}
        intendedId={page.intendedId()}
        busy={busy}
        handlers={{ edit, again: () => void send(), ask: () => void send(), restart: edit }}
        onClose={edit}
      />
    );
  const reason = !online ? t('common.offlineButton') : isWholePhone(typed) ? undefined : t('open.phoneShort');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Screen
        title={t('open.title')}
        onBack={onBack}
        dock={
          <>
            <Button submit busy={busy} reason={reason}>
              {t('open.send')}
            </Button>
            <p className="note">{t('open.noteFree')}</p>
          </>
        }
      >
        <Stepper step={1} total={4} next={t('open.stepCode')} />
        <Headline>{t('open.headline')}</Headline>
        <p className="soft flow-lead">{t('open.intro')}</p>
        <Field
          label={t('open.phone')}
          value={typed}
          onChange={(text) => {
            setTyped(text);
            setProblem(null);
          }}
          clean={phoneToSend}
          group={groupPhone}
          inputMode="tel"
          autoComplete="tel"
          inputRef={input}
          state={atField ? 'attend' : 'idle'}
          {...(atField ? { message: `${problem.title}${t('common.stop')}${problem.detail}` } : {})}
        />
      </Screen>
    </form>
  );
}
