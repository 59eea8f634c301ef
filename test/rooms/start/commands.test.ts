import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../support/served.ts';

// Whoever types a command wrongly is told so in a sentence, and nothing is made.

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purser-commands-'));
  await writeFile(join(folder, 'damaged.json'), '{"size":');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (words: readonly string[]): Promise<{ code: number | null; says: string }> =>
  new Promise((resolve) => {
    const env = { PATH: '/usr/bin:/bin', PURSER_DATA: join(folder, 'none') };
    const child = execFile(process.execPath, ['src/main.ts', ...words], { cwd: root, env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, says: `${stdout}${stderr}`.trim() }),
    );
  });

test.each<[string, RegExp]>([
  ['chek-ledger', /^There is no command "chek-ledger". All commands: npm run -s purser -- help$/],
  ['serve now', /^"serve" takes nothing after it. All commands: npm run -s purser -- help$/],
  ['rotate-key now', /^"rotate-key" takes nothing after it\./],
  ['check-ledger', /^There is no wallet in \S+: say where its data is with PURSER_DATA, or its database with/],
  ['check-ledger --head', /^Use: check-ledger \[--head file\]$/],
  ['check-ledger --head nowhere.json', /^nowhere\.json cannot be read \(there is no such file or folder\)\.$/],
  ['check-ledger --head damaged.json', /^\S+damaged\.json is damaged, or is neither a head nor a receipt\.$/],
  ['review list', /^There is no wallet in /],
  ['review shw', /^There is no "review shw"\. There is:/],
  ['review show', /^Which case\?/],
  ['operator add zhang.wei', /^There is no wallet in /],
  ['operator add Zhang', /^A name is 2 to 40 small letters/],
  ['operator', /^There is:/],
  ['account', /^There is:\n/],
  ['account thaw', /^There is no "account thaw"\. There is:/],
  ['account show', /^Whose\?/],
  ['account show 13800136021', /^There is no wallet in /],
  ['merchant list', /^There is no wallet in /],
  ['merchant close shop', /^"shop" is no merchant’s id/],
  ['rotate-key', /^The secrets in \S+ cannot be read \(there is no such file or folder\)\.$/],
  ['verify', /^Use: verify receipt\.json/],
  ['verify nowhere.json', /^nowhere\.json cannot be read \(/],
  ['verify damaged.json', /^\S+damaged\.json is damaged, or is no receipt\.$/],
])('%s', async (line, says) => {
  const words = line.split(' ').map((word) => (word === 'damaged.json' ? join(folder, word) : word));
  const told = await run(words);
  expect(told).toMatchObject({ code: 1, says: expect.stringMatching(says) });
  expect(told.says).not.toMatch(/\n\s+at /);
  expect(existsSync(join(folder, 'none'))).toBe(false);
});

test('whoever reads along may leave early, and the command ends as it would have', async () => {
  const child = spawn(process.execPath, ['src/main.ts', 'help'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += text));
  const [code] = (await once(child, 'close')) as [number | null];
  expect([code, complaint]).toEqual([0, '']);
});
