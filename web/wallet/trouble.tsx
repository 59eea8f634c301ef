import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { describeAppSide } from '../../src/causes/app-side.ts';
import type { Problem, RemedyShape } from '../../src/contract/problem.ts';
import { now } from '../client/clock.ts';
import { isProblemError, problemOfReading } from '../client/problem-error.ts';
import { Button } from '../ui/button.tsx';
import { FailureCard, QuietLine } from '../ui/failure-card.tsx';
import { currentLanguage } from '../ui/language.ts';
import { paths } from './flows/paths.ts';

/** A part of the app did not come: the connection is gone, or a newer version has taken the place of this one. */
const isMissingPart = (error: unknown): boolean => error instanceof TypeError && /import|module/i.test(error.message);

/** The problem document of anything thrown while a screen is drawn; what is none of ours is a fault of the app. */
function problemOfFault(error: unknown): Problem {
  if (isProblemError(error)) return error.problem;
  const code = !isMissingPart(error) ? 'wallet.fault' : navigator.onLine ? 'app.data_stale' : 'network.offline';
  return describeAppSide({ code, language: currentLanguage(), now: now(), moneyMoved: 'no' });
}

const signsIn = new Set(['sign_in_again', 'recover_account']);
const showsStatus = new Set(['see_status', 'notify_when_back', 'check_network']);
const reloads = new Set(['update_app', 'repair_app']);

/** A failure to read something: nothing was asked for, so every remedy either goes somewhere or reads again. */
export function ReadFailure({ error, again }: { error: unknown; again: () => void }) {
  const navigate = useNavigate();
  const problem = problemOfFault(error);
  const remedy = ({ action }: RemedyShape) => {
    if (signsIn.has(action)) void navigate(paths.open);
    else if (showsStatus.has(action) && problem.code !== 'wallet.not_loaded') void navigate(paths.status);
    else if (reloads.has(action)) location.reload();
    else again();
  };
  return (
    <>
      <FailureCard problem={withAgain(problem)} onRemedy={remedy} labelOf={useAgainLabel()} />
      <QuietLine reference={problem.reference} />
    </>
  );
}

const KNOWN = new Set([...signsIn, ...showsStatus, ...reloads, 'read_again']);

/** Reading can always be tried again; remedies that have no screen here are not offered. */
function withAgain(problem: Problem): Problem {
  const again: RemedyShape = { action: 'read_again', target: null, label: '' };
  const offered = problem.remedies.filter(({ action }) => KNOWN.has(action));
  const first = offered.find(({ action }) => signsIn.has(action) || reloads.has(action));
  return { ...problemOfReading(problem), remedies: first ? [first, again] : [again, ...offered] };
}

function useAgainLabel() {
  const { t } = useTranslation('wallet');
  return ({ action }: RemedyShape) => (action === 'read_again' ? t('trouble.again') : undefined);
}

type BoundaryProps = { children: ReactNode };

/** Catches what a screen throws and shows it as every failure is shown. */
export class TroubleBoundary extends Component<BoundaryProps, { error: unknown }> {
  override state: { error: unknown } = { error: null };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override componentDidCatch(error: unknown, info: ErrorInfo) {
    console.error(error, info.componentStack);
  }
  override render() {
    if (this.state.error === null) return this.props.children;
    const { error } = this.state;
    // What was imported in vain is not imported again by the same page.
    const forget = () =>
      isMissingPart(error) && navigator.onLine ? location.reload() : this.setState({ error: null });
    return <FaultPage error={error} forget={forget} />;
  }
}

function FaultPage({ error, forget }: { error: unknown; forget: () => void }) {
  const { t } = useTranslation('wallet');
  const navigate = useNavigate();
  const home = () => {
    void navigate(paths.home);
    forget();
  };
  return (
    <main className="screen body fault">
      <title>{`${t('trouble.faultTitle')} · ${t('app')}`}</title>
      <h1 className="hidden">{t('trouble.faultTitle')}</h1>
      <ReadFailure error={error} again={forget} />
      <Button kind="quiet" onPress={home}>
        {t('trouble.home')}
      </Button>
    </main>
  );
}
