import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setStage, type Stage } from '../flows/stage.ts';
import type { Walker } from '../flows/walker.ts';
import { sizes } from '../support/browser.ts';
import { setTextScale } from '../support/text-scale.ts';
import { chapters, planTour } from './tour.ts';

async function findFaults(walker: Walker): Promise<string[]> {
  const { page } = walker;
  // Some screens ask as long as they are open.
  await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined);
  const barriers = await walker.findsBarriers();
  const overPhone = await walker.findsOverflow();
  await page.setViewportSize(sizes.narrow);
  const overNarrow = await walker.findsOverflow();
  const session = await page.context().newCDPSession(page);
  await setTextScale(session, 2);
  const overLarge = [...(await walker.findsOverflow()), ...(await walker.findsClippedDigits())];
  await setTextScale(session, 1);
  await session.detach();
  await page.setViewportSize(sizes.phone);
  return [
    ...barriers,
    ...overPhone.map((part) => `wider than 390: ${part}`),
    ...overNarrow.map((part) => `wider than 360: ${part}`),
    ...overLarge.map((part) => `wider than 360 with text at 200 %: ${part}`),
    ...walker.faults.splice(0),
  ];
}

/**
 * Every screen and state is walked to: axe finds nothing, and nothing runs out of a narrow screen or of one with its
 * text at 200 %. Each language has a file of its own, so that both are walked at the same time.
 */
export function inspectTour(view: { language: 'zh-CN' | 'en'; theme: 'light' | 'dark' }): void {
  describe(`every screen, ${view.language}, ${view.theme}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await setStage();
    }, 180_000);
    afterAll(() => stage?.close());

    test('is accessible and fits', { timeout: 600_000 }, async () => {
      const seen: string[] = [];
      const faults: string[] = [];
      const tour = planTour(stage, view, async (walker, name) => {
        seen.push(name);
        for (const fault of await findFaults(walker)) faults.push(`${name}: ${fault}`);
      });
      try {
        for (const chapter of chapters) await chapter(tour);
      } finally {
        // Told also when the way was cut short.
        expect.soft(faults).toEqual([]);
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBeGreaterThan(140);
    });
  });
}
