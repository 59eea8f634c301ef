import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { atMs } from '../client/clock.ts';
import { OfflineBar } from '../ui/offline-bar.tsx';
import { RowsSkeleton } from '../ui/skeletons.tsx';
import { WelcomePage } from './pages/welcome-page.tsx';
import { useMe, useSession } from './queries.ts';
import { needsSignIn, rememberSignedIn, wasSignedIn } from './session.ts';
import { Tabs } from './tabs.tsx';

/** The main pages with their tabs: beneath on a phone, beside on a desk. Without a session, the welcome. */
export function Shell() {
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
        <Tabs />
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
