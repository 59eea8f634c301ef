import { lazy, Suspense, useEffect } from 'react';
import { useLocation, useNavigationType, useRoutes, type RouteObject } from 'react-router';
import { Screen } from '../ui/screen.tsx';
import { FactsSkeleton } from '../ui/skeletons.tsx';
import { flowRoutes } from './flows/flow-routes.tsx';
import { Frame } from './frame.tsx';
import { Shell } from './shell.tsx';
import { TroubleBoundary } from './trouble.tsx';

/** Not among what a stranger loads; whoever was signed in here needs it at once. */
export const fetchHome = () => import('./pages/home-page.tsx');

/** The pages behind the tabs, fetched when there is nothing else to do, so that they open at once and without a connection. */
export const fetchTabs = () =>
  Promise.all([
    fetchHome(),
    import('./pages/history-page.tsx'),
    import('./pages/cards-page.tsx'),
    import('./pages/me-page.tsx'),
  ]);

const HomePage = lazy(async () => ({ default: (await fetchHome()).HomePage }));
const HistoryPage = lazy(async () => ({ default: (await import('./pages/history-page.tsx')).HistoryPage }));
const TransactionPage = lazy(async () => ({ default: (await import('./pages/transaction-page.tsx')).TransactionPage }));
const CardsPage = lazy(async () => ({ default: (await import('./pages/cards-page.tsx')).CardsPage }));
const CardPage = lazy(async () => ({ default: (await import('./pages/card-page.tsx')).CardPage }));
const MePage = lazy(async () => ({ default: (await import('./pages/me-page.tsx')).MePage }));
const LimitsPage = lazy(async () => ({ default: (await import('./pages/limits-page.tsx')).LimitsPage }));
const StatusPage = lazy(async () => ({ default: (await import('./pages/status-page.tsx')).StatusPage }));
const NotFoundPage = lazy(async () => ({ default: (await import('./pages/not-found-page.tsx')).NotFoundPage }));

/** The gallery of parts is only in a build that asks for it. */
const galleryRoutes: RouteObject[] = [];
if (__GALLERY__) {
  const Gallery = lazy(async () => ({ default: (await import('./gallery/gallery-page.tsx')).GalleryPage }));
  galleryRoutes.push({ path: '/gallery/:part?', element: <Gallery /> });
}

const routes: RouteObject[] = [
  {
    element: <Shell />,
    children: [
      { path: '/', element: <HomePage /> },
      { path: '/history', element: <HistoryPage /> },
      { path: '/cards', element: <CardsPage /> },
      { path: '/me', element: <MePage /> },
    ],
  },
  {
    element: <Frame />,
    children: [
      { path: '/history/:id', element: <TransactionPage /> },
      { path: '/cards/:id', element: <CardPage /> },
      { path: '/limits', element: <LimitsPage /> },
      { path: '/status', element: <StatusPage /> },
      ...flowRoutes,
      { path: '*', element: <NotFoundPage /> },
    ],
  },
  ...galleryRoutes,
];

/** Every address of the app. What is not needed to see the balance is fetched when it is opened. */
export function Routes() {
  const screens = useRoutes(routes);
  useBeginAtTop();
  return (
    <TroubleBoundary>
      <Suspense fallback={<ScreenShape />}>{screens}</Suspense>
    </TroubleBoundary>
  );
}

function ScreenShape() {
  return (
    <Screen title="">
      <FactsSkeleton rows={4} />
    </Screen>
  );
}

/** A new screen begins at its top; going back is left to the browser, which knows where one was. */
function useBeginAtTop(): void {
  const { pathname } = useLocation();
  const how = useNavigationType();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of the address counts
  useEffect(() => {
    if (how !== 'POP') scrollTo(0, 0);
  }, [pathname]);
}
