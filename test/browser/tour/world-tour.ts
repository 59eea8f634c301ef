import en from '../../../web/wallet/words/en.json' with { type: 'json' };
import zh from '../../../web/wallet/words/zh-CN.json' with { type: 'json' };
import type { Walker } from '../flows/walker.ts';
import { fails, type Look, seesRows, type Tour } from './steps.ts';

const walletWords = { 'zh-CN': zh, en };

/** The pages that wait for an answer, by the names they are looked at under. */
const waiting = [
  ['home', '/'],
  ['history', '/history'],
  ['cards', '/cards'],
  ['me', '/me'],
  ['limits', '/limits'],
  ['status', '/status'],
  ['top-up', '/top-up'],
  ['pay', '/pay/ord_01h455vb4pex5vsknk084sn02q'],
  ['operation', '/operations/op_01h455vb4pex5vsknk084sn02q'],
  ['small', '/small-payments'],
] as const;

/** Every page before its answer has come: the shape of what comes. */
async function waits(walker: Walker, look: Look): Promise<void> {
  const { page } = walker;
  const asked = /\/v1\/(me|balance|transactions|operations|cards|status|orders)/;
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  await page.route(asked, async (route) => {
    await held;
    await route.fallback().catch(() => undefined);
  });
  for (const [name, path] of waiting) {
    await walker.goTo(path);
    await page.locator('.bone').first().waitFor();
    await look(walker, `${name}-loading`);
  }
  release();
  await page.unroute(asked);
}

/** Waiting, no connection, a session that has ended, parts and answers that do not come. */
export async function tourWorldTrouble({ view, look, zhous }: Tour): Promise<void> {
  const walker = await zhous();
  const { page } = walker;
  const { flows } = walker.words;
  await waits(walker, look);

  await walker.goTo('/');
  await seesRows(walker);
  await page.waitForLoadState('networkidle');
  await walker.context.setOffline(true);
  await page.locator('.offline').waitFor();
  await look(walker, 'home-offline');
  await page.getByRole('link', { name: walletWords[view.language ?? 'zh-CN'].nav.history, exact: true }).click();
  await page.locator('.month').waitFor();
  await look(walker, 'history-offline');
  await walker.context.setOffline(false);
  await walker.goTo('/top-up');
  await walker.input.fill('47');
  await walker.context.setOffline(true);
  await walker.sees(flows.common.offlineButton);
  await look(walker, 'top-up-offline');
  await walker.context.setOffline(false);

  await page.route(/\/v1\/transactions/, (route) => route.abort('connectionrefused'));
  await walker.goTo('/history');
  await fails(walker);
  await look(walker, 'fail-history-unreachable');
  await page.unroute(/\/v1\/transactions/);
  await page.route(/\/v1\/me\/small/, (route) => route.abort('connectionrefused'));
  await walker.goTo('/small-payments');
  await fails(walker);
  await look(walker, 'fail-small-unreachable');
  await page.unroute(/\/v1\/me\/small/);
  await page.route(/\/assets\/cards-page/, (route) => route.fulfill({ status: 404, body: '' }));
  await walker.goTo('/cards');
  await fails(walker);
  // The page says of itself what it met; here that is meant.
  walker.faults.length = 0;
  await look(walker, 'fail-app-stale');
  await page.unroute(/\/assets\/cards-page/);

  await walker.goTo('/top-up');
  await walker.input.fill('48');
  await walker.context.clearCookies();
  await walker.press(flows.amount.review);
  await fails(walker);
  await look(walker, 'fail-session');
}
