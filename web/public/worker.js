// Keeps the shell of the app, so that it opens without a connection and then says honestly that there is none.
// Only files are kept: never an answer of the API, nothing about a person or their money. With a connection the page is
// always asked for anew, so a newer version is seen at its first opening.

const NAME = 'purser-shell-';
const KEPT_VERSIONS = 2;
/** Files whose name changes with their content, and the few that every version has. */
const isFile = ({ pathname }) => /^\/(assets\/.+|icon[^/]*|manifest\.webmanifest)$/.test(pathname);
/** An address that is a screen; whatever has an ending, and the pages of the API, are none. */
const isScreen = ({ pathname }) => !/^\/(v1|docs|callbacks|health|metrics)(\/|$)|\.[a-z0-9]+$/i.test(pathname);
const isApp = (html) => html.includes('id="app"');

self.addEventListener('install', (event) => {
  event.waitUntil(takeIn().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && isScreen(url)) event.respondWith(openScreen(event));
  else if (isFile(url)) event.respondWith(openFile(event));
});

/** The page tells which files it came to use, for those that it had fetched before it was served from here. */
self.addEventListener('message', (event) => {
  const { files } = event.data ?? {};
  if (!Array.isArray(files)) return;
  const ours = files.filter((file) => {
    const url = new URL(file, self.location.origin);
    return url.origin === self.location.origin && isFile(url);
  });
  event.waitUntil(newest().then((cache) => Promise.all(ours.map((file) => keepFile(cache, file)))));
});

async function takeIn() {
  const answer = await fetch('/', { cache: 'no-cache' });
  const html = await answer.text();
  if (!answer.ok || !isApp(html)) throw new Error('the page of the app cannot be had');
  await keepVersion(html, answer.headers);
}

/** A version is known by its page, which names its files; those of the version before stay for who has it open. */
async function keepVersion(html, headers) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(html)));
  const mark = [...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const known = (await caches.keys()).filter((name) => name.startsWith(NAME));
  const isNewest = known.at(-1)?.endsWith(mark);
  if (isNewest && (await (await newest()).match('/'))) return;
  // Names are in the order of their making, since a cache that is there again is made anew.
  const name = known.find((one) => one.endsWith(mark));
  if (name) await caches.delete(name);
  const cache = await caches.open(NAME + mark);
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  await Promise.all(
    files.filter((file) => isFile(new URL(file, self.location.origin))).map((file) => keepFile(cache, file)),
  );
  await cache.put('/', new Response(html, { headers }));
  const old = known.filter((one) => one !== name).slice(0, 1 - KEPT_VERSIONS);
  await Promise.all(old.map((one) => caches.delete(one)));
}

async function newest() {
  const names = (await caches.keys()).filter((name) => name.startsWith(NAME));
  return caches.open(names.at(-1) ?? `${NAME}first`);
}

async function keepFile(cache, file) {
  if (await cache.match(file)) return;
  const answer = await fetch(file);
  if (answer.ok) await cache.put(file, answer);
}

/** From the server while it can be reached, else the page as it was last seen. */
async function openScreen(event) {
  try {
    const answer = await fetch(event.request);
    const type = answer.headers.get('content-type') ?? '';
    if (answer.ok && type.startsWith('text/html')) event.waitUntil(keepWhenNew(answer.clone()));
    return answer;
  } catch (error) {
    const kept = await (await newest()).match('/');
    if (kept) return kept;
    throw error;
  }
}

async function keepWhenNew(answer) {
  const html = await answer.text();
  if (isApp(html)) await keepVersion(html, answer.headers).catch(() => undefined);
}

async function openFile(event) {
  const kept = await caches.match(event.request);
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (answer.ok) {
    const copy = answer.clone();
    event.waitUntil(newest().then((cache) => cache.put(event.request, copy)));
  }
  return answer;
}
