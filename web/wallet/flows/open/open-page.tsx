import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { OperationOf } from '../../../../src/contract/operations.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { NotReadYet } from '../parts/not-read-yet.tsx';
import { OperationEnds } from '../parts/operation-ends.tsx';
import { usePageOperation, type PageOperation } from '../parts/use-page-operation.ts';
import { WorkingView } from '../parts/working-view.tsx';
import { paths, safeReturn } from '../paths.ts';
import { OpenCode } from './open-code.tsx';
import { OpenPin } from './open-pin.tsx';
import { PhoneForm } from './phone-form.tsx';
import { useSignIn } from './use-sign-in.ts';

/** Opens a wallet with a phone number, or signs in when the number has one: one way for both. */
export function OpenPage() {
  const { t } = useTranslation('flows');
  const page = usePageOperation();
  const navigate = useNavigate();
  const [firstPhone, setFirstPhone] = useState('');
  const back = () => void navigate(paths.home);
  const { operation } = page;

  if (page.problem || (page.id !== null && operation?.kind !== 'open_wallet'))
    return (
      <NotReadYet
        title={t('open.title')}
        problem={page.problem}
        again={page.reload}
        // Another visit cannot see it any more: a new one begins with the number.
        restart={() => page.leave()}
        kind="open_wallet"
        here={paths.open}
        onClose={page.problem ? () => page.leave() : back}
      />
    );
  if (operation?.kind === 'open_wallet') return <Opening operation={operation} page={page} onClose={back} />;
  return <PhoneForm first={firstPhone} onTyped={setFirstPhone} page={page} onBack={back} />;
}

type OpeningProps = { operation: OperationOf<'open_wallet'>; page: PageOperation; onClose: () => void };

function Opening({ operation, page, onClose }: OpeningProps) {
  const { t } = useTranslation('flows');
  const title = t('open.title');
  const restart = () => page.leave();
  switch (operation.state) {
    case 'needs_you':
      return operation.step === 'pin' ? (
        <OpenPin operation={operation} put={page.put} onBack={onClose} />
      ) : (
        <OpenCode operation={operation} put={page.put} onBack={restart} onClose={onClose} />
      );
    case 'succeeded':
      return <SigningIn operation={operation} returnTo={safeReturn(page.search.get('return'))} onClose={onClose} />;
    default:
      return (
        <OperationEnds
          title={title}
          operation={operation}
          page={page}
          working={
            operation.step === 'opening'
              ? { what: t('open.opening'), text: t('open.openingText') }
              : { what: t('code.sending'), text: t('code.sendingText') }
          }
          fields={['phone', 'contact']}
          here={paths.open}
          onClose={onClose}
        />
      );
  }
}

type SigningInProps = { operation: OperationOf<'open_wallet'>; returnTo: string | undefined; onClose: () => void };

/** The proof is there; it becomes a session of the person, and the way goes on to what is still missing. */
function SigningIn({ operation, returnTo, onClose }: SigningInProps) {
  const { t } = useTranslation('flows');
  const { problem, start } = useSignIn(operation.id, returnTo);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each operation
  useEffect(() => void start(), [operation.id]);
  if (problem)
    return (
      <FailureScreen
        title={t('open.title')}
        problem={problem}
        kind="open_wallet"
        here={paths.open}
        handlers={{ again: () => void start(), ask: () => void start() }}
        onClose={onClose}
      />
    );
  return (
    <WorkingView
      title={t('open.title')}
      operation={operation}
      what={t('open.signingIn')}
      text={t('open.signingInText')}
    />
  );
}
