import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { strict } from '../../contract/common.ts';
import { createCausePages, docsPath } from '../docs/cause-pages.ts';
import type { App } from '../app-type.ts';
import { HttpRefusal } from '../http-refusal.ts';
import type { HttpDependencies, Language } from '../dependencies.ts';
import { readLanguage } from '../language.ts';

const fontRoot = dirname(createRequire(import.meta.url).resolve('@fontsource-variable/noto-sans-sc/index.css'));
/** Our own Chinese font stands last in the list: browsers fetch the parts of it that their system lacks, most none. */
const fonts = readFileSync(join(fontRoot, 'index.css'), 'utf8').replaceAll('url(./files/', 'url(/docs/fonts/');
const css = `${readFileSync(new URL('../docs/docs.css', import.meta.url), 'utf8')}\n${fonts}`;
const FONT_FILE = /^noto-sans-sc-[a-z0-9-]+\.woff2$/;
const etagOf = (text: string): string => `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
/** A page is shown whatever stands behind its address. */
const langQuery = Type.Object({ lang: Type.Optional(Type.String({ maxLength: 100 })) });

/** Kept for an hour, and after that asked about by its digest: a new version of the wallet may say it better. */
function give(request: FastifyRequest, reply: FastifyReply, type: string, text: string): FastifyReply {
  const etag = etagOf(text);
  reply.header('cache-control', 'public, max-age=3600').header('etag', etag);
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.type(type).send(text);
}

/**
 * The pages that the `type` of a problem leads to: what a cause means, for whoever met it and for whoever programs
 * against it. In the language of `lang`, else of the browser. No script, nothing from elsewhere.
 */
export function addDocsRoutes(app: App, { clock }: HttpDependencies): void {
  const pages = { 'zh-CN': createCausePages('zh-CN', clock), en: createCausePages('en', clock) };
  const languageOf = (request: FastifyRequest, lang: string | undefined): Language =>
    lang === 'zh-CN' || lang === 'en' ? lang : readLanguage(request.headers['accept-language']);
  const html = (request: FastifyRequest, reply: FastifyReply, text: string) =>
    give(request, reply.header('vary', 'accept-language'), 'text/html; charset=utf-8', text);

  app.route({
    method: 'GET',
    url: docsPath,
    config: { policy: 'anyone' },
    schema: { hide: true, querystring: langQuery },
    handler: async (request, reply) => html(request, reply, pages[languageOf(request, request.query.lang)].index),
  });

  app.route({
    method: 'GET',
    url: `${docsPath}/:code`,
    config: { policy: 'anyone' },
    schema: { hide: true, querystring: langQuery, params: strict({ code: Type.String({ maxLength: 100 }) }) },
    handler: async (request, reply) => {
      const { of, missing } = pages[languageOf(request, request.query.lang)];
      const found = of(request.params.code);
      if (found === undefined) return reply.code(404).type('text/html; charset=utf-8').send(missing);
      return html(request, reply, found);
    },
  });

  app.route({
    method: 'GET',
    url: '/docs/fonts/:file',
    config: { policy: 'anyone' },
    schema: { hide: true, params: strict({ file: Type.String({ maxLength: 100 }) }) },
    handler: async (request, reply) => {
      const { file } = request.params;
      const font = FONT_FILE.test(file)
        ? await readFile(join(fontRoot, 'files', file)).catch(() => undefined)
        : undefined;
      if (font === undefined) throw new HttpRefusal(404, 'no such font');
      return reply.header('cache-control', 'public, max-age=31536000, immutable').type('font/woff2').send(font);
    },
  });

  app.route({
    method: 'GET',
    url: '/docs/docs.css',
    config: { policy: 'anyone' },
    schema: { hide: true },
    handler: async (request, reply) => give(request, reply, 'text/css; charset=utf-8', css),
  });
}
