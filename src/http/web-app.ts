import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { HttpRefusal } from './http-refusal.ts';

/** Paths that are never a screen of the app. */
const NOT_SCREENS = /^\/(v1|callbacks|health|assets)(\/|$)|^\/(metrics|openapi\.json)$|\.[a-z0-9]+$/i;
/** Checks receipts; whole in one file, and without a network. */
const OFFLINE_PAGE = '/verify.html';
const HASHED = /^\/assets\//;

/**
 * Serves the built web app: its files by name, and its one page for every address that is a screen. Files with a hash
 * in their name never change; the page and the service worker are asked for each time.
 */
export async function serveWebApp(app: FastifyInstance, webRoot: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: webRoot,
    serve: false,
    index: false,
    dotfiles: 'deny',
    cacheControl: false,
    // The build leaves each text file beside itself in brotli.
    preCompressed: true,
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    config: { policy: 'anyone', always: true },
    schema: { hide: true } as object,
    handler: async (request, reply) => {
      const path = new URL(request.url, 'http://localhost').pathname;
      if (path !== '/' && (await isFile(webRoot, path))) {
        if (path === OFFLINE_PAGE) reply.header('content-security-policy', await rulesOf(join(webRoot, path)));
        reply.header('cache-control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
        return reply.sendFile(path);
      }
      if (NOT_SCREENS.test(path)) throw new HttpRefusal(404, 'no such file');
      return reply.header('cache-control', 'no-cache').sendFile('index.html');
    },
  });
}

/** The rules that the page has in its head: stricter than ours, but its script and style stand in the page itself. */
async function rulesOf(file: string): Promise<string> {
  const [, rules] =
    /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(await readFile(file, 'utf8')) ?? [];
  return `${rules ?? "default-src 'none'"}; frame-ancestors 'none'`;
}

async function isFile(root: string, path: string): Promise<boolean> {
  // The server of files refuses what leads out of the folder; here it is only looked at.
  if (path.includes('..') || path.includes('\0') || path.includes('%')) return false;
  try {
    return (await stat(join(root, path))).isFile();
  } catch {
    return false;
  }
}
