import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperationOf, OperationShape } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import { msUntil } from '../../../client/clock.ts';
import { Button } from '../../../ui/button.tsx';
import { CodeFacts, CodeField } from '../../../ui/code-field.tsx';
import type { Content } from '../../../ui/content.ts';
import { useNow } from '../../../ui/use-now.ts';
import { submitSafely, problemOf } from './ask-safely.ts';
import { useClient } from './wallet-door.ts';

type CodeDetails = NonNullable<OperationOf<'bind_card'>['details']['code']>;

const TRIES = 5;
/** Told beneath the code, since another code or another try is the cure. */
const AT_THE_CODE = new Set([
  'otp.wrong',
  'otp.expired',
  'otp.used',
  'otp.bank_code_failed',
  'limit.too_fast',
  'input.format_invalid',
  'network.interrupted',
  'network.slow',
  'network.offline',
  'network.weak',
  'wallet.unreachable',
  'wallet.overloaded',
]);

/** The code of an operation: entering it, asking for a new one, and what went wrong with either. */
export function useCodeStep(operation: OperationShape, put: (operation: OperationShape) => void) {
  const client = useClient();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState<'checking' | 'sending' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [resent, setResent] = useState(false);

  const run = async (what: 'checking' | 'sending', deed: () => Promise<OperationShape>) => {
    if (busy) return;
    setBusy(what);
    setProblem(null);
    setResent(false);
    try {
      put(await deed());
      setResent(what === 'sending');
    } catch (error) {
      setProblem(problemOf(error));
      await refresh();
    } finally {
      setTyped('');
      setBusy(null);
    }
  };
  /** A refusal has changed the tries that are left. */
  const refresh = () => client.operation(operation.id).then(put, () => undefined);
  return {
    typed,
    setTyped: (digits: string) => {
      setTyped(digits);
      if (digits !== '') setProblem((before) => (before && AT_THE_CODE.has(before.code) ? null : before));
    },
    busy,
    problem,
    resent,
    atCode: problem !== null && AT_THE_CODE.has(problem.code),
    forget: () => setProblem(null),
    enter: (code: string) => void run('checking', () => submitSafely(client, operation, { code })),
    resend: () => void run('sending', () => client.resendCode(operation)),
  };
}

export type CodeStep = ReturnType<typeof useCodeStep>;

type CodeEntryProps = {
  step: CodeStep;
  code: CodeDetails;
  /** What the bank or we said about the last entry, kept with the operation. */
  lastRefusal?: Problem | null;
  waitMinutes: number;
  children?: Content;
};

/** The code field with the wait and the tries beside it, and what to do when nothing came. */
export function CodeEntry({ step, code, lastRefusal = null, waitMinutes, children }: CodeEntryProps) {
  const { t } = useTranslation('flows');
  useNow(1000);
  const expired = msUntil(code.expiresAt) === 0;
  const told = step.atCode ? step.problem : step.typed === '' ? lastRefusal : null;
  const message = told
    ? `${told.title}${t('common.stop')}${told.detail}`
    : expired && step.busy === null
      ? t('code.expired')
      : step.resent && step.typed === ''
        ? t('code.resent')
        : null;
  const attends = told !== null || (expired && step.busy === null);
  return (
    <>
      <CodeField
        value={step.typed}
        onChange={step.setTyped}
        onComplete={step.enter}
        state={step.busy === 'checking' ? 'locked' : attends ? 'attend' : 'idle'}
        {...(message === null ? {} : { message })}
        autoFocus
      />
      <CodeFacts
        resendAt={code.resendAt}
        expiresAt={code.expiresAt}
        triesLeft={code.triesLeft}
        triesInAll={TRIES}
        waitMinutes={waitMinutes}
        resending={step.busy === 'sending'}
        onResend={step.resend}
      />
      <NothingCame>{children}</NothingCame>
    </>
  );
}

/** Help for a message that did not arrive; nothing here needs anybody else. */
function NothingCame({ children }: { children?: Content }) {
  const { t } = useTranslation('flows');
  return (
    <section className="flow-help">
      <h3 className="section-head">{t('code.notReceived')}</h3>
      <div className="panel rows">
        {children}
        <details className="flow-more">
          <summary className="row">{t('code.checkBlocked')}</summary>
          <p className="note">{t('code.checkBlockedText')}</p>
        </details>
      </div>
    </section>
  );
}

export function HelpRow({ title, text }: { title: string; text: string }) {
  return (
    <details className="flow-more">
      <summary className="row">{title}</summary>
      <p className="note">{text}</p>
    </details>
  );
}

/** The dock of a step that goes on by itself. */
export function CodeDock({ step }: { step: CodeStep }) {
  const { t } = useTranslation('flows');
  return (
    <>
      <Button busy={step.busy === 'checking'} reason={step.busy === 'checking' ? undefined : t('code.auto')}>
        {t('code.auto')}
      </Button>
      <p className="note">{t('common.leaveSafe')}</p>
    </>
  );
}
