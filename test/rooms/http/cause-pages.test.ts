import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeFailure } from '../../../src/causes/describe-failure.ts';
import { causeCodes, causeOf } from '../../../src/causes/registry.ts';
import { createHttpRoom, type HttpRoom } from './http-room.ts';

let room: HttpRoom;
beforeAll(async () => {
  room = await createHttpRoom();
});
afterAll(() => room.close());

const read = (url: string, headers: Record<string, string> = {}) => room.app.inject({ method: 'GET', url, headers });

test('the type of every problem leads to the page of its cause, in both languages', async () => {
  for (const code of causeCodes) {
    const { type } = describeFailure({ code, language: 'zh-CN', now: room.clock.now() });
    for (const language of ['zh-CN', 'en'] as const) {
      const answer = await read(`${type}?lang=${language}`);
      expect([code, answer.statusCode]).toEqual([code, 200]);
      expect(answer.body).toContain(`<html lang="${language}">`);
      expect(answer.body).toContain(causeOf(code).words[language].title);
      // Nothing is left to be filled in, and nothing that the browser would have to run.
      expect(answer.body.replace(/<pre[\s\S]*<\/pre>/, '')).not.toMatch(/\{\w+\}|undefined|<script|style=/);
      expect(answer.body).not.toContain(causeOf(code).words[language].supportHint);
    }
  }
});

test('the language is that of the browser unless it is asked for', async () => {
  expect((await read('/docs/causes/card.expired', { 'accept-language': 'en-GB' })).body).toContain('<html lang="en">');
  expect((await read('/docs/causes/card.expired')).body).toContain('<html lang="zh-CN">');
  expect((await read('/docs/causes/card.expired?lang=fr&from=mail')).body).toContain('<html lang="zh-CN">');
});

test('the list names every cause and leads to its page', async () => {
  const { body, headers } = await read('/docs/causes?lang=en');
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  for (const code of causeCodes) expect(body).toContain(`href="/docs/causes/${code}?lang=en"`);
});

test('pages are kept by browsers and asked about by their digest', async () => {
  const first = await read('/docs/causes/otp.wrong');
  expect(first.headers['cache-control']).toBe('public, max-age=3600');
  expect(first.headers['vary']).toContain('accept-language');
  const again = await read('/docs/causes/otp.wrong', { 'if-none-match': String(first.headers['etag']) });
  expect([again.statusCode, again.body]).toEqual([304, '']);
  expect((await read('/docs/docs.css')).headers['content-type']).toBe('text/css; charset=utf-8');
});

test('where a system has no Chinese letters, the pages bring their own', async () => {
  const { body } = await read('/docs/docs.css');
  const [, address = ''] = /url\((\/docs\/fonts\/[^)]+)\)/.exec(body) ?? [];
  const font = await read(address);
  expect([font.statusCode, font.headers['content-type']]).toEqual([200, 'font/woff2']);
  expect((await read('/docs/fonts/..%2findex.css')).statusCode).toBe(404);
});

test('a cause that there is not is said so on a page, whatever its name', async () => {
  for (const name of ['card.nothing', 'constructor', '%3Cscript%3E']) {
    const answer = await read(`/docs/causes/${name}`);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(answer.body).not.toContain('<script');
  }
});
