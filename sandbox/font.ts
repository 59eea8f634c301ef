import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

const folder = new URL('../node_modules/@fontsource-variable/noto-sans-sc/', import.meta.url);
const DAY_S = 86_400;

/**
 * The Chinese font for whoever has none: without it the desk and the shop are empty boxes on a bare machine. A browser
 * that has one of its own fetches only this list of parts.
 */
export function addFont(app: FastifyInstance): void {
  const keep = `public, max-age=${DAY_S}`;
  app.get('/font/index.css', async (_request, reply) =>
    reply
      .type('text/css; charset=utf-8')
      .header('cache-control', keep)
      .send(await readFile(new URL('index.css', folder))),
  );
  app.get<{ Params: { name: string } }>('/font/files/:name', async ({ params: { name } }, reply) => {
    if (!/^noto-sans-sc-[\w-]+\.woff2$/.test(name)) return reply.code(404).send({ error: 'no such font' });
    const bytes = await readFile(new URL(`files/${name}`, folder)).catch(() => undefined);
    if (!bytes) return reply.code(404).send({ error: 'no such font' });
    return reply.type('font/woff2').header('cache-control', keep).send(bytes);
  });
}
