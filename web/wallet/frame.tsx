import { Outlet, useSearchParams } from 'react-router';
import { Promises } from './promises.tsx';
import { wasSignedIn } from './session.ts';
import { Tabs } from './tabs.tsx';

/**
 * A screen with one task. On a desk it keeps what stands beside everything: the main pages for whoever has a wallet, and
 * for whoever is about to open one what it promises. A phone shows neither.
 */
export function Frame() {
  const [search] = useSearchParams();
  const isOpening = search.get('first') === 'true';
  return (
    <div className="frame">
      {wasSignedIn() && !isOpening ? (
        <Tabs rail />
      ) : (
        <aside className="beside welcome">
          <Promises heading="p" />
        </aside>
      )}
      <div>
        <Outlet />
      </div>
    </div>
  );
}
