import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './cannot-start.ts';

/**
 * Makes a folder for its owner alone, and those above it that are missing. Node's own `recursive` never returns where
 * a file system answers that a folder's existing parent does not exist (/proc does).
 */
export async function makeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST' || found !== undefined) throw error;
  });
}
