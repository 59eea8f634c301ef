import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import en from '../../web/verify/words/en.json' with { type: 'json' };
import appWords from '../../web/wallet/words/zh-CN.json' with { type: 'json' };
import zh from '../../web/verify/words/zh-CN.json' with { type: 'json' };
import { judgeReceipt } from '../../src/proof/judge-receipt.ts';
import { readDocument } from '../../src/proof/read-document.ts';
import { buildWeb } from '../../src/start/build-web.ts';
import { yuan } from '../support/api.ts';
import { PaperBook } from '../support/paper-book.ts';
import { ming, mingsCard } from '../support/samples.ts';
import { bindCard, move, openVerified } from '../support/wallet.ts';
import type { View } from './support/browser.ts';
import { setStage, type Stage } from './flows/stage.ts';

// Whoever kept the page and a receipt needs nothing else: no wallet, no network.

const words = { 'zh-CN': zh, en };
const book = new PaperBook([120_000, 50_000, 1234, 99, 7700, 123, 456, 789, 30_000, 45, 6, 8]);

let stage: Stage;
let folder: string;
let kept: string;
beforeAll(async () => {
  stage = await setStage();
  folder = await mkdtemp(join(tmpdir(), 'purser-kept-'));
  const webRoot = await buildWeb(() => undefined, AbortSignal.timeout(120_000));
  kept = join(folder, 'purser-verify.html');
  await copyFile(join(webRoot, 'verify.html'), kept);
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

/** The kept page, opened from its file on a machine without a network; `asked` is all it asked for but itself. */
async function openKept(
  view: View,
): Promise<{ page: Page; asked: string[]; faults: string[]; close: () => Promise<void> }> {
  const { page, context } = await stage.open(view);
  const [asked, faults]: [string[], string[]] = [[], []];
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await context.setOffline(true);
  await page.goto(pathToFileURL(kept).href);
  await page.locator('h1').waitFor();
  return { page, asked, faults, close: () => context.close() };
}

const put = (page: Page, content: unknown, name = 'receipt.json') =>
  page.locator('#file').setInputFiles({
    name,
    mimeType: 'application/json',
    buffer: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
  });

async function isGood(page: Page): Promise<void> {
  // The page lets in no script but its own, so what looks at it comes by way of the browser.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
  });
  expect(found).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
}

const verdict = (page: Page, text: string) => page.locator('#verdict', { hasText: text }).waitFor();

it.each([
  ['zh-CN', 'phone'],
  ['en', 'desk'],
  ['en', 'narrow'],
] as const)('a kept page tells without a network what holds and what does not (%s, %s)', async (language, size) => {
  const { page, asked, faults, close } = await openKept({ language, size });
  const { problem, ...say } = words[language];
  await isGood(page);

  const receipt = await book.receipt(5);
  await put(page, receipt);
  const { transfer } = receipt;
  await page.locator('.chip-good', { hasText: say.holds }).waitFor();
  expect(await page.locator('.verdict .amt').innerText()).toMatch(/¥\s*77\.00/);
  expect(await page.locator('#verdict').innerText()).toContain('¥77.00');
  expect(await page.locator('.verdict').innerText()).toContain(say.keyOwn);
  // Whose the accounts are is the wallet's word, and said to be so.
  expect(await page.locator('.verdict dl').innerText()).not.toMatch(/your|你的/i);
  expect(await page.locator('.told').innerText()).toContain('100000000000000017');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('verdict');
  await page.locator('summary').click();
  expect(await page.locator('.proof-path li').count()).toBe(receipt.path.length + 2);
  await isGood(page);

  const stranger = new PaperBook([7]).publishedKeys();
  const changed: [unknown, string][] = [
    [{ ...receipt, transfer: { ...transfer, amount: '770000' } }, problem.entry],
    [{ ...receipt, path: receipt.path.with(1, 'ab'.repeat(32)) }, problem.path],
    [{ ...receipt, head: { ...receipt.head, size: 13 } }, problem.signature],
  ];
  for (const [document, says] of changed) {
    await put(page, document);
    await verdict(page, says);
    expect(await page.locator('.verdict .amt, .verdict dl, .verdict .chip-good').count()).toBe(0);
  }
  await put(page, receipt);
  await put(page, stranger, 'keys.json');
  await verdict(page, problem.foreign_key);
  await isGood(page);
  await put(page, book.publishedKeys(), 'keys.json');
  await page.getByText(say.keyKept).waitFor();

  await put(page, await book.withNewKey().receipt(5));
  await page.getByText(say.keyEndorsed).waitFor();
  await put(page, receipt);
  await page.getByText(say.keyKept).waitFor();

  await put(page, await book.head(3), 'head.json');
  await verdict(page, problem.needs_consistency);
  expect(await page.locator('.address').innerText()).toBe('https://wallet.example/v1/ledger/consistency?from=3&to=12');
  await isGood(page);
  await put(page, await book.consistency(3, 12), 'proof.json');
  await page.getByText(say.headFits.replace('{size}', '3')).waitFor();
  // The same key has signed another book since.
  const rewritten = new PaperBook([120_000, 50_000, 999, 1], book.keys);
  await put(page, await rewritten.head(3), 'head.json');
  await verdict(page, problem.rewritten);

  await put(page, 'nothing of the kind', 'holiday.json');
  await page.getByRole('alert').filter({ hasText: 'holiday.json' }).waitFor();
  await isGood(page);
  expect([asked, faults]).toEqual([[], []]);
  await close();
});

it('a receipt can be pasted, the language changed, and another one be begun with', async () => {
  const { page, close } = await openKept({ language: 'zh-CN' });
  await page.locator('#text').fill(JSON.stringify(await book.receipt(1)));
  await page.locator('.chip-good', { hasText: zh.holds }).waitFor();
  await page.getByRole('button', { name: zh.other }).click();
  await page.locator('.chip-good', { hasText: en.holds }).waitFor();
  expect([await page.title(), await page.locator('html').getAttribute('lang')]).toEqual([
    'Check a receipt · Purser',
    'en',
  ]);
  await page.getByRole('button', { name: en.again }).click();
  await page.getByText(en.missingReceipt).waitFor();
  expect(await page.locator('.verdict').count()).toBe(0);
  await close();
});

it('the app saves the receipt of a movement and shows it to the page, which still reaches no network', async () => {
  const api = await openVerified(stage.wallet, ming);
  const cardId = await bindCard(stage.wallet, api, mingsCard);
  await move(api, 'top_up', { cardId, amount: yuan('100.00') });
  const { page } = await stage.openSignedIn(ming, { language: 'zh-CN' });
  await page.goto(`${stage.url}/history`);
  await page.locator('.row').filter({ hasText: '100.00' }).first().click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: appWords.transaction.saveReceipt }).click();
  const saved = readDocument(await readFile(await (await download).path(), 'utf8'));
  expect(saved?.kind === 'receipt' && (await judgeReceipt({ receipt: saved.receipt }))).toMatchObject({ holds: true });
  await page.getByRole('button', { name: appWords.transaction.checkReceipt }).click();
  await page.locator('.chip-good', { hasText: zh.holds }).waitFor();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  expect(
    await page.evaluate(() =>
      fetch('/v1/status').then(
        () => 'answered',
        () => 'refused',
      ),
    ),
  ).toBe('refused');
  await isGood(page);
});
