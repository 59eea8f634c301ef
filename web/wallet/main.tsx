import '../ui/styles.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { assert } from '../../src/kernel/assert.ts';
import { createClient } from '../client/client.ts';
import { isProblemError } from '../client/problem-error.ts';
import { currentLanguage, startWords } from '../ui/language.ts';
import { applyTheme, chosenTheme } from '../ui/theme.ts';
import { keepShell } from './keep-shell.ts';
import { loadMissingGlyphs } from './load-glyphs.ts';
import { fetchHome, fetchTabs, Routes } from './routes.tsx';
import { wasSignedIn } from './session.ts';
import { ClientContext } from './use-client.ts';
import { wordAreas } from './words.ts';

const TROUBLE_ON_THE_WAY = /^network\.|^wallet\.(unreachable|not_loaded|overloaded)$/;

/** Reading is tried again only when the answer did not come; a refusal would be the same. */
const readsAgain = (failures: number, error: unknown): boolean =>
  failures < 2 && isProblemError(error) && TROUBLE_ON_THE_WAY.test(error.problem.code);

/** A second after the first screen has what it asked for, so that nothing fetched ahead keeps it waiting. */
const firstAnswers = (queries: QueryClient): Promise<void> =>
  new Promise((resolve) => {
    const cache = queries.getQueryCache();
    const look = () => {
      const isAnswered = cache.getAll().some(({ state }) => state.status !== 'pending');
      if (!isAnswered || queries.isFetching() > 0) return;
      stop();
      setTimeout(resolve, 1000);
    };
    const stop = cache.subscribe(look);
    look();
  });

async function start(): Promise<void> {
  applyTheme(chosenTheme());
  const place = document.getElementById('app');
  assert(place, 'the page has no place for the app');
  // Beside the words, not after them; what fails here fails again where the page is drawn, and is told there.
  if (wasSignedIn()) fetchHome().catch(() => undefined);
  await startWords(wordAreas, ['ui', 'wallet']);
  const client = createClient({ baseUrl: '', language: currentLanguage });
  const queries = new QueryClient({
    defaultOptions: {
      // A screen that tells a failure must not ask again by being drawn: that would take it away, and go round for ever.
      queries: { retry: readsAgain, retryOnMount: false, staleTime: 5000, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  createRoot(place).render(
    <StrictMode>
      <ClientContext value={client}>
        <QueryClientProvider client={queries}>
          <BrowserRouter>
            <Routes />
          </BrowserRouter>
        </QueryClientProvider>
      </ClientContext>
    </StrictMode>,
  );
  await loadMissingGlyphs();
  await firstAnswers(queries);
  // Only a favour: a page that did not come now comes when it is opened.
  await fetchTabs().catch(() => undefined);
  await keepShell().catch(() => undefined);
}

await start();
