import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sizes, startBrowser } from './browser.ts';

const SHEET = 1600;
const WIDTHS = { narrow: 250, phone: 250, desk: 510 } as const;
const EACH = { narrow: 12, phone: 12, desk: 9 } as const;

type Pictures = { folder: string; names: readonly string[]; size: keyof typeof sizes };

/** Lays the pictures of a folder out on sheets, so that many screens are seen at a glance. */
export async function drawSheets({ folder, names, size }: Pictures): Promise<void> {
  const there = names.filter((name) => existsSync(join(folder, `${name}.png`)));
  const browser = await startBrowser();
  try {
    const { page } = await browser.open({ size: 'desk' });
    await page.setViewportSize({ width: SHEET, height: 900 });
    for (let from = 0; from < there.length; from += EACH[size]) {
      const html = join(folder, 'sheet.html');
      await writeFile(html, pageOf(there.slice(from, from + EACH[size]), WIDTHS[size], basename(folder)));
      await page.goto(pathToFileURL(html).href);
      await page.screenshot({ path: join(folder, `sheet-${from / EACH[size] + 1}.png`), fullPage: true });
    }
  } finally {
    await browser.close();
  }
}

const pageOf = (names: readonly string[], width: number, title: string): string => `<!doctype html>
<meta charset="utf-8"><title>${title}</title>
<style>
  body { margin: 8px; background: #777; font: 12px system-ui, sans-serif; color: #fff; }
  main { display: flex; flex-wrap: wrap; gap: 10px; align-items: flex-start; }
  figure { margin: 0; width: ${width}px; }
  img { width: 100%; display: block; }
</style>
<main>${names.map((name) => `<figure><figcaption>${name}</figcaption><img src="${name}.png" alt=""></figure>`).join('')}</main>
`;

type Strip = { pictures: readonly string[]; out: string; size: keyof typeof sizes };

/** Screens side by side as they stand in a window, for the documents. */
export async function drawStrip({ pictures, out, size }: Strip): Promise<void> {
  const { width, height } = sizes[size];
  const browser = await startBrowser();
  try {
    const { page } = await browser.open({ size: 'desk' });
    await page.setViewportSize({ width: pictures.length * (width + GAP) + GAP, height: height + 2 * GAP });
    const html = `${out}.html`;
    const screens = pictures.map((path) => `<div style="background-image: url('${pathToFileURL(path).href}')"></div>`);
    await writeFile(html, stripOf(screens.join(''), width, height));
    await page.goto(pathToFileURL(html).href);
    await page.screenshot({ path: out });
    await rm(html);
  } finally {
    await browser.close();
  }
}

const GAP = 16;

const stripOf = (screens: string, width: number, height: number): string => `<!doctype html>
<meta charset="utf-8">
<style>
  body { margin: 0; padding: ${GAP}px; background: #dbe1df; display: flex; gap: ${GAP}px; }
  div { width: ${width}px; height: ${height}px; flex: none; border-radius: 16px; background: top left no-repeat; }
</style>
${screens}
`;
