import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpRoom, type HttpRoom } from './http-room.ts';

let room: HttpRoom;
let folder: string;
beforeAll(async () => {
  room = await createHttpRoom();
  folder = await mkdtemp(join(tmpdir(), 'purser-openapi-'));
});
afterAll(async () => {
  await room.close();
  await rm(folder, { recursive: true, force: true });
});

type Description = {
  openapi: string;
  paths: { [path: string]: { [method: string]: { operationId?: string; summary?: string; tags: string[] } } };
  components: { schemas: { [name: string]: unknown } };
  tags: { name: string }[];
};

test('the description is OpenAPI 3.1 and its linter finds nothing', async () => {
  const { text } = await room.call({ method: 'GET', url: '/openapi.json' });
  const [file, config] = [join(folder, 'openapi.json'), join(folder, 'redocly.yaml')];
  await writeFile(file, text);
  await writeFile(
    config,
    [
      'extends: [recommended-strict]',
      'telemetry: off',
      'rules:',
      // A machine of one's own is at home at localhost.
      '  no-server-example.com: off',
    ].join('\n'),
  );
  const redocly = join(import.meta.dirname, '../../../node_modules/@redocly/cli/bin/cli.js');
  const args = [redocly, 'lint', file, '--config', config, '--format', 'json'];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  const found = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { problems: { message: string; ruleId: string }[] };
  expect(found.problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});

test('every route of the API is described, by a name of its own and in words, and nothing else is', async () => {
  const { body } = await room.call({ method: 'GET', url: '/openapi.json' });
  const { openapi, paths, components, tags } = body as unknown as Description;
  expect(openapi).toBe('3.1.0');
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, ...operation })),
  );
  const routes = room.app.routeTable
    .filter(({ url }) => url.startsWith('/v1/') || url.startsWith('/callbacks/'))
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(described.map(({ route }) => route).sort()).toEqual(routes.sort());
  expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(described.length);
  // Each says what it refuses with; that it says all of it is seen wherever a test is refused (test/support/described.ts).
  const silent = room.app.routeTable.filter(({ schema }) => !schema?.hide && schema?.causes === undefined);
  expect(silent.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  const known = tags.map(({ name }) => name);
  for (const { summary, operationId, tags: of } of described) {
    expect(known).toEqual(expect.arrayContaining(of));
    expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(summary).toMatch(/^[A-Z]/);
  }
  expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(['Problem', 'Operation', 'Money']));
});
