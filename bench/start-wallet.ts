import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './ports.ts';

/** Starts the wallet by the very words of `npm start`, options of Node included, without npm between. */
export async function startWallet(environment: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [, , ...words] = scripts.start.split(' ');
  const more = (process.env['NODE_OPTIONS_OF_WALLET'] ?? '').split(' ').filter((word) => word !== '');
  return spawn(process.execPath, [...more, ...words], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
}
