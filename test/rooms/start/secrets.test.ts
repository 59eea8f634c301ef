import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Config, readConfig } from '../../../src/config.ts';
import { readSecrets } from '../../../src/secrets.ts';

let folder: string;
let config: Config;
let said: string[];
const read = (as: Config = config) => readSecrets(as, (sentence) => said.push(sentence));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purser-secrets-'));
  config = readConfig({ PURSER_DATA: join(folder, 'data') });
  said = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the sandbox makes its secrets once, for its owner alone, and says so', async () => {
  const first = await read();
  const again = await read();
  expect(said).toEqual([expect.stringContaining(`Made new secrets for the sandbox in ${config.secretsFile}`)]);
  expect(again.digestKey).toEqual(first.digestKey);
  expect(again.sandbox?.shopApiKey.reveal()).toBe(first.sandbox?.shopApiKey.reveal());
  expect((await stat(config.secretsFile)).mode & 0o777).toBe(0o600);
  expect((await stat(config.dataFolder)).mode & 0o777).toBe(0o700);
});

test('of several starters at once all use the same secrets', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => read()));
  expect(new Set(all.map((one) => Buffer.from(one.digestKey).toString('hex'))).size).toBe(1);
  expect(await readdir(config.dataFolder)).toEqual(['secrets.json']);
});

test('they cannot be printed by accident', async () => {
  const secrets = await read();
  const file = JSON.parse(await readFile(config.secretsFile, 'utf8')) as { digestKey: string; shopApiKey: string };
  const shown = [
    inspect({ secrets }, { depth: 9 }),
    JSON.stringify({ secrets }),
    `${secrets.sandbox?.shopApiKey}`,
  ].join();
  const hex = Buffer.from(file.digestKey, 'base64').toString('hex');
  for (const value of [file.digestKey, file.shopApiKey, hex, hex.slice(0, 8)]) expect(shown).not.toContain(value);
});

test('live mode never makes any, and what is missing, broken or open to everybody is told by name', async () => {
  const live = { ...config, mode: 'live' as const };
  await expect(read(live)).rejects.toThrow('There is no file of secrets');
  await read();
  const whole = JSON.parse(await readFile(config.secretsFile, 'utf8')) as Record<string, unknown>;
  expect((await read(live)).sandbox).toBeUndefined();
  const write = (value: unknown) =>
    writeFile(config.secretsFile, typeof value === 'string' ? value : JSON.stringify(value));
  for (const name of Object.keys(whole)) {
    await write({ ...whole, [name]: 'c2hvcnQ=' });
    await expect(read()).rejects.toThrow(`"${name}`);
  }
  await write(`{"digestKey": "topsecret`);
  await expect(read()).rejects.toThrow('is not a JSON object');
  await expect(read()).rejects.not.toThrow('topsecret');
  await write(whole);
  await chmod(config.secretsFile, 0o644);
  await expect(read()).rejects.toThrow('run chmod 600');
});
