import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { appCauses } from '../../src/causes/registry/app.ts';
import { reproduces } from '../support/reproduces.ts';
import { startBrowser, type TestBrowser } from './support/browser.ts';

// A newer version of the app has taken the place of the one that a person still has open: its parts are gone.

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
let folder: string;
let server: Server;
let browser: TestBrowser;
let url: string;

/** The built files and nothing else; every address that is no file is the app's one page. */
async function readFrom(path: string): Promise<{ body: Uint8Array; type: string }> {
  const file = join(folder, normalize(path));
  const type = types[extname(file)];
  if (type !== undefined) return { body: await readFile(file), type };
  return { body: await readFile(join(folder, 'index.html')), type: 'text/html' };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purser-app-'));
  await build({
    configFile: join(import.meta.dirname, '../../web/vite.config.ts'),
    build: { outDir: folder, emptyOutDir: true },
    logLevel: 'error',
  });
  server = createServer((request, response) => {
    readFrom(new URL(request.url ?? '/', 'http://localhost').pathname).then(
      ({ body, type }) => response.writeHead(200, { 'content-type': type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
  await rm(folder, { recursive: true, force: true });
});

it.each([
  'zh-CN',
  'en',
] as const)('a part of the app that is gone is told and mended by loading it anew (%s)', async (language) => {
  const { context, page } = await browser.open({ language });
  let gone = true;
  await page.route('**/assets/status-page-*.js', (route) => (gone ? route.abort() : route.continue()));
  await page.goto(`${url}/status`);
  const { title } = appCauses[reproduces('app.data_stale')].words[language];
  await page.getByRole('heading', { name: title }).waitFor();
  gone = false;
  const loaded = page.waitForEvent('load');
  await page.locator('.fail .btn-main').click();
  await loaded;
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await page.getByRole('heading', { name: title }).count()).toBe(0);
  await context.close();
});
