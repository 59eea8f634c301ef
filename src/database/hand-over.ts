import { lchown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerUser } from './postgres-programs.ts';

/**
 * Gives data that belongs to root, as a copy that root brought back does, to the user that the server runs as. Links are
 * not followed. The file of passwords stays root's.
 */
export async function handOver(cluster: string, user: ServerUser): Promise<void> {
  if ((await stat(cluster)).uid !== 0) return;
  for (const entry of await readdir(cluster, { recursive: true, withFileTypes: true })) {
    if (entry.name === 'purser.json' && entry.parentPath === cluster) continue;
    await lchown(join(entry.parentPath, entry.name), user.uid, user.gid);
  }
  // Last: a copy that was handed over by half is handed over again.
  await lchown(cluster, user.uid, user.gid);
}
