import { afterAll, beforeAll, expect, test } from 'vitest';
import words from '../../web/wallet/words/zh-CN.json' with { type: 'json' };
import { samplePerson } from '../support/samples.ts';
import { setStage, type Stage } from './flows/stage.ts';
import type { Walker } from './flows/walker.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
}, 180_000);
afterAll(() => stage?.close());

/** A finger that goes down the screen by so many pixels, and up from it. */
async function drags(walker: Walker, by: number): Promise<void> {
  const session = await walker.page.context().newCDPSession(walker.page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x: 200, y }] });
  await touch('touchStart', 150);
  for (let step = 1; step <= 5; step += 1) await touch('touchMove', 150 + (by * step) / 5);
  await touch('touchEnd');
  await session.detach();
}

const asksAgain = (walker: Walker, path: string) =>
  walker.page.waitForResponse((answer) => answer.url().includes(path), { timeout: 5000 });

test.each([
  ['/', '/v1/balance'],
  ['/history', '/v1/transactions'],
])('%s is read anew when it is pulled far enough, and by a button', async (path, asked) => {
  const walker = await stage.openSignedIn(samplePerson('周明远'));
  await walker.goTo(path);
  await walker.page.getByRole('heading', { level: 1 }).waitFor();
  await walker.page.waitForLoadState('networkidle');
  const heard: string[] = [];
  walker.page.on('request', (request) => heard.push(request.url()));
  await drags(walker, 60);
  await walker.page.locator('.pull[data-now="pull"]').waitFor({ state: 'attached' });
  expect(heard.filter((url) => url.includes(asked))).toEqual([]);
  const [pulled] = await Promise.all([asksAgain(walker, asked), drags(walker, 180)]);
  expect(pulled.ok()).toBe(true);
  await walker.page.waitForLoadState('networkidle');
  const [pressed] = await Promise.all([asksAgain(walker, asked), walker.press(words.refresh.button)]);
  expect(pressed.ok()).toBe(true);
  await walker.isGood();
  expect(walker.faults).toEqual([]);
  await walker.context.close();
});
