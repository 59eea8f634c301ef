import { afterAll, beforeAll, expect, test } from 'vitest';
import { samplePerson } from '../support/samples.ts';
import { setStage, type Stage } from './flows/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
}, 180_000);
afterAll(() => stage?.close());

test('the app opens without a connection, says so, keeps no answer about money, and is itself again with one', {
  timeout: 90_000,
}, async () => {
  const walker = await stage.openSignedIn(samplePerson('赵敏'), { keepsShell: true });
  const { page, context } = walker;
  await walker.goTo('/');
  await page.locator('.bal .amt').waitFor();
  // The worker has come to serve the page, and has taken in what the page had fetched before.
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const isWhole = async () => {
      const kept = await caches.match('/');
      const history = performance.getEntriesByType('resource').find(({ name }) => name.includes('history-page'));
      return kept !== undefined && history !== undefined && (await caches.match(history.name)) !== undefined;
    };
    while (!(await isWhole())) await new Promise((done) => requestAnimationFrame(done));
  });
  await context.setOffline(true);
  await page.reload();
  await page.locator('.fail').first().waitFor();
  expect(await page.locator('.fail').count()).toBe(1);
  // This browser tells a page that came from its worker of the cut only when it happens.
  await context.setOffline(false);
  await context.setOffline(true);
  await page.locator('.offline').waitFor();
  await walker.isGood();
  await page.getByRole('link', { name: '账单', exact: true }).click();
  await page.locator('.fail').first().waitFor();
  const kept = await page.evaluate(async () => {
    const caught = await Promise.all(
      (await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)),
    );
    return caught.flat().map((url) => new URL(url).pathname);
  });
  expect(kept.filter((path) => !/^\/($|assets\/|icon|manifest)/.test(path))).toEqual([]);
  await context.setOffline(false);
  await page.reload();
  await page.getByRole('link', { name: '首页', exact: true }).click();
  await page.locator('.bal .amt').waitFor();
  await context.close();
});
