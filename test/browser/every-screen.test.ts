import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setStage, type Stage } from './flows/stage.ts';
import { sizes } from './support/browser.ts';
import { setTextScale } from './support/text-scale.ts';
import type { Walker } from './flows/walker.ts';
import { chapters, planTour } from './tour/tour.ts';

// Every screen and state is walked to once in each language: axe finds nothing, in one language by day and in the
// other by night, and nothing runs out of a narrow screen or of one with its text at 200 %.

async function isGoodForEverybody(walker: Walker, name: string): Promise<void> {
  const { page } = walker;
  await page.waitForLoadState('networkidle');
  await walker.isAccessible();
  await walker.fits();
  await page.setViewportSize(sizes.narrow);
  await walker.fits();
  const session = await page.context().newCDPSession(page);
  await setTextScale(session, 2);
  await walker.fits();
  await setTextScale(session, 1);
  await session.detach();
  await page.setViewportSize(sizes.phone);
  expect(walker.faults, name).toEqual([]);
}

describe.each([
  { language: 'zh-CN', theme: 'light' },
  { language: 'en', theme: 'dark' },
] as const)('every screen, $language, $theme', ({ language, theme }) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  }, 180_000);
  afterAll(() => stage?.close());

  test('is accessible and fits', { timeout: 300_000 }, async () => {
    const seen: string[] = [];
    const tour = planTour(stage, { language, theme }, async (walker, name) => {
      seen.push(name);
      await isGoodForEverybody(walker, name);
    });
    for (const chapter of chapters) await chapter(tour);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(80);
  });
});
