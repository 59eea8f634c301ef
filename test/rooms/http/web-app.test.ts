import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpRoom, type HttpRoom } from './http-room.ts';

let room: HttpRoom;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purser-web-'));
  const dist = join(folder, 'dist');
  await mkdir(join(dist, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secrets.json'), 'SECRET');
  await writeFile(join(dist, 'index.html'), '<!doctype html><title>Purser</title>');
  await writeFile(join(dist, 'sw.js'), '// worker');
  await writeFile(join(dist, 'assets', 'app-1a2b3c.js'), '// app');
  await writeFile(join(dist, '.hidden'), 'SECRET');
  const rules = "default-src 'none'; script-src 'sha256-x'";
  await writeFile(join(dist, 'verify.html'), `<meta http-equiv="Content-Security-Policy" content="${rules}" />`);
  room = await createHttpRoom({ webRoot: dist });
});
afterAll(async () => {
  await room.close();
  await rm(folder, { recursive: true, force: true });
});

const get = (url: string) => room.call({ method: 'GET', url });

test('every address of a screen is the one page, asked for each time', async () => {
  for (const url of ['/', '/cards', '/pay/ord_01h455vb4pex5vsknk084sn02q', '/operations/op_x?step=code', '/v1x']) {
    const page = await get(url);
    expect([url, page.status, page.headers['content-type'], page.headers['cache-control']]).toEqual([
      url,
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    expect(page.text).toContain('<title>Purser</title>');
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  }
});

test('files with a hash in their name are kept for ever, the worker is not', async () => {
  const asset = await get('/assets/app-1a2b3c.js');
  expect([asset.status, asset.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
  expect(asset.headers['content-type']).toContain('javascript');
  expect((await get('/sw.js')).headers['cache-control']).toBe('no-cache');
  const head = await room.call({ method: 'HEAD', url: '/assets/app-1a2b3c.js' });
  expect([head.status, head.text]).toEqual([200, '']);
});

test('the page that checks receipts has its own rules, by which it reaches no network', async () => {
  const page = await get('/verify.html');
  expect(page.headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'sha256-x'; frame-ancestors 'none'",
  );
  expect([page.status, page.headers['cache-control']]).toEqual([200, 'no-cache']);
});

test('what is missing is missing, and nothing outside the folder is reached', async () => {
  const missing = ['/assets/gone.js', '/logo.png', '/v1/nowhere', '/v1', '/callbacks/x', '/health', '/assets'];
  const outside = [
    '/../secrets.json',
    '/..%2fsecrets.json',
    '/%2e%2e/secrets.json',
    '/assets/..%2f..%2fsecrets.json',
    '/.hidden',
    '/assets/%2e%2e%2f%2e%2e%2fsecrets.json',
    '/..\\secrets.json',
    '/%00',
    '//secrets.json',
    '/assets/app-1a2b3c.js%00.png',
  ];
  for (const url of missing) expect([url, (await get(url)).status]).toEqual([url, 404]);
  for (const url of outside) {
    const answer = await get(url);
    expect(answer.text).not.toContain('SECRET');
    expect([url, answer.status === 200 && !answer.text.includes('<title>Purser</title>')]).toEqual([url, false]);
  }
});
