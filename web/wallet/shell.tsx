import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, Outlet } from 'react-router';
import { atMs } from '../client/clock.ts';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon-shapes.ts';
import { OfflineBar } from '../ui/offline-bar.tsx';
import { RowsSkeleton } from '../ui/skeletons.tsx';
import { WelcomePage } from './pages/welcome-page.tsx';
import { useMe, useSession } from './queries.ts';
import { needsSignIn, rememberSignedIn, wasSignedIn } from './session.ts';

const tabs: readonly { to: string; icon: IconName; word: 'home' | 'history' | 'cards' | 'me' }[] = [
  { to: '/', icon: 'home', word: 'home' },
  { to: '/history', icon: 'list', word: 'history' },
  { to: '/cards', icon: 'card', word: 'cards' },
  { to: '/me', icon: 'you', word: 'me' },
];

/** The main pages with their tabs: beneath on a phone, beside on a desk. Without a session, the welcome. */
export function Shell() {
  const { t } = useTranslation('wallet');
  const { t: ui } = useTranslation('ui');
  const [guess] = useState(wasSignedIn);
  const session = useSession(!guess);
  const { error: refused, data } = useMe(guess || session.data?.state === 'person');
  const error = refused ?? session.error;
  const stranger = !data && (needsSignIn(error) || (session.data !== undefined && session.data.state !== 'person'));
  useEffect(() => {
    if (data || stranger) rememberSignedIn(!stranger);
  }, [data, stranger]);
  if (stranger) return <WelcomePage />;
  // Nobody known here: the pages would only ask for what they are not given.
  if (!data && !error && !wasSignedIn()) return <PageShape />;
  return (
    <>
      <a className="skip" href="#content">
        {ui('skip')}
      </a>
      <div className="shell">
        <nav className="tabs" aria-label={t('nav.label')}>
          <span className="logo" aria-hidden="true">
            <Icon name="mark" />
            {t('app')}
          </span>
          {tabs.map(({ to, icon, word }) => (
            <NavLink key={to} to={to} end={to === '/'}>
              <Icon name={icon} />
              <span>{t(`nav.${word}`)}</span>
            </NavLink>
          ))}
        </nav>
        <div>
          <LastKnown />
          <Suspense fallback={<PageShape />}>
            <Outlet />
          </Suspense>
        </div>
      </div>
    </>
  );
}

function PageShape() {
  return (
    <main className="page">
      <div className="page-head" />
      <RowsSkeleton rows={5} />
    </main>
  );
}

/** While there is no connection: of what moment the figures are. */
function LastKnown() {
  const queries = useQueryClient();
  return (
    <OfflineBar
      lastKnown={() => {
        const at = queries.getQueryState(['balance'])?.dataUpdatedAt;
        return at ? atMs(at) : null;
      }}
    />
  );
}
