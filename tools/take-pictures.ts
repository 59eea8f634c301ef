// npm run pictures                                  every screen and state, in every size, language and theme
// npm run pictures -- --out folder --only fail      into this folder, only those whose name has this
// npm run pictures -- --docs                        and puts the best of them into docs/images
// npm run pictures -- --language en --views phone   one language, only these views (all of them: see views below)
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { startEmbeddedPostgres } from '../src/database/embedded.ts';
import { migrate } from '../src/database/migrate.ts';
import { setStage } from '../test/browser/flows/stage.ts';
import type { Walker } from '../test/browser/flows/walker.ts';
import { sizes } from '../test/browser/support/browser.ts';
import { drawSheets, drawStrip } from '../test/browser/support/contact-sheet.ts';
import { setTextScale } from '../test/browser/support/text-scale.ts';
import { chapters, planTour } from '../test/browser/tour/tour.ts';
import { fastestFolder } from '../test/support/database-server.ts';
import { root } from './read-sources.ts';

type View = { name: string; size: keyof typeof sizes; theme: 'light' | 'dark'; textScale: 1 | 2 };

/** How each screen is looked at. */
const views: readonly View[] = [
  { name: 'phone', size: 'phone', theme: 'light', textScale: 1 },
  { name: 'phone-dark', size: 'phone', theme: 'dark', textScale: 1 },
  { name: 'narrow', size: 'narrow', theme: 'light', textScale: 1 },
  { name: 'narrow-dark', size: 'narrow', theme: 'dark', textScale: 1 },
  { name: 'desk', size: 'desk', theme: 'light', textScale: 1 },
  { name: 'desk-dark', size: 'desk', theme: 'dark', textScale: 1 },
  { name: 'large-text', size: 'phone', theme: 'light', textScale: 2 },
];

const core = ['home-asking', 'fail-card-expired', 'asking'];

/** What the documents show. */
const strips: Readonly<Record<string, { language: 'zh-CN' | 'en'; view: string; screens: readonly string[] }>> = {
  'home.png': { language: 'en', view: 'phone', screens: core },
  'home.zh-CN.png': { language: 'zh-CN', view: 'phone', screens: core },
  'dark.png': { language: 'zh-CN', view: 'phone-dark', screens: core },
  'receipt.png': { language: 'zh-CN', view: 'phone', screens: ['top-up-confirm', 'top-up-pin', 'top-up-receipt'] },
  'bind.png': { language: 'zh-CN', view: 'phone', screens: ['bind-number-typo', 'fail-bind-phone', 'bind-code-wrong'] },
  'desk.png': { language: 'en', view: 'desk', screens: ['home'] },
  'desk.zh-CN.png': { language: 'zh-CN', view: 'desk', screens: ['welcome'] },
};

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'test-output/pictures' },
    only: { type: 'string', default: '' },
    docs: { type: 'boolean', default: false },
    language: { type: 'string', multiple: true, default: ['zh-CN', 'en'] },
    views: { type: 'string', default: views.map(({ name }) => name).join(',') },
  },
});
const out = resolve(root, values.out);
const wanted = views.filter(({ name }) => values.views.split(',').includes(name));

/** Photographs the screen as it stands in each view, and leaves it as it was. */
async function photograph({ page }: Walker, name: string, folder: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.mouse.move(0, 0);
  for (const view of wanted) {
    await page.setViewportSize(sizes[view.size]);
    await page.emulateMedia({ colorScheme: view.theme });
    await setTextScale(session, view.textScale);
    // Two frames: what a change of the size moves is then in its place.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await mkdir(join(folder, view.name), { recursive: true });
    await writeFile(
      join(folder, view.name, `${name}.png`),
      await (view.textScale === 1 ? pictureOf(page, session) : page.screenshot({ animations: 'disabled' })),
    );
  }
  await setTextScale(session, 1);
  await page.setViewportSize(sizes.phone);
  await page.emulateMedia({ colorScheme: 'light' });
  await session.detach();
}

/**
 * The whole page (with large text only the window, since the browser forgets the size of text beyond it), or the window where a sheet hangs on it. Taken as the page stands: a picture of the whole page by the
 * usual way makes the window as high as the page, and with it a page of another layout and text of the usual size.
 */
async function pictureOf(page: Page, session: CDPSession): Promise<Buffer> {
  const sheet = (await page.getByRole('dialog').count()) > 0;
  const { cssContentSize, cssLayoutViewport } = await session.send('Page.getLayoutMetrics');
  const { clientWidth: width, clientHeight } = cssLayoutViewport;
  const height = sheet ? clientHeight : Math.max(clientHeight, cssContentSize.height);
  await page.evaluate(() => scrollTo(0, 0));
  const { data } = await session.send('Page.captureScreenshot', {
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height, scale: 1 },
  });
  return Buffer.from(data, 'base64');
}

async function takePictures(language: 'zh-CN' | 'en'): Promise<string[]> {
  const dataFolder = await mkdtemp(join(fastestFolder(), 'purser-pictures-'));
  const server = await startEmbeddedPostgres({ folder: dataFolder });
  try {
    await migrate(server.ownerConnectionString);
    const { connectionString, ownerConnectionString } = server;
    const stage = await setStage({ database: { connectionString, ownerConnectionString, drop: async () => {} } });
    const names: string[] = [];
    const faults: string[] = [];
    let last: Walker | undefined;
    try {
      const tour = planTour(stage, { language }, async (walker, name) => {
        last = walker;
        if (!name.includes(values.only)) return;
        names.push(name);
        await photograph(walker, name, join(out, language));
        for (const fault of walker.faults.splice(0)) faults.push(`${name}: ${fault}`);
      });
      for (const chapter of chapters) {
        await chapter(tour);
        console.log(`${language}: ${chapter.name}, ${names.length} screens so far`);
      }
    } catch (error) {
      await last?.page.screenshot({ path: join(out, language, 'stopped-here.png') }).catch(() => undefined);
      throw error;
    } finally {
      await stage.close();
    }
    if (faults.length > 0) await writeFile(join(out, language, 'faults.txt'), faults.join('\n'));
    return names;
  } finally {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

for (const language of ['zh-CN', 'en'] as const) {
  if (!values.language.includes(language)) continue;
  const names = await takePictures(language);
  for (const { name, size } of wanted) await drawSheets({ folder: join(out, language, name), names, size });
}
if (values.docs) {
  for (const [name, { language, view, screens }] of Object.entries(strips)) {
    const pictures = screens.map((screen) => join(out, language, view, `${screen}.png`));
    const size = view === 'desk' ? 'desk' : 'phone';
    await drawStrip({ pictures, size, out: join(root, 'docs/images', name) });
  }
}
console.log(`The pictures are in ${out}`);
process.exit(0);
