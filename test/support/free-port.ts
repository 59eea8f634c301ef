import { freePort as anyFreePort } from '../../src/database/free-port.ts';

/** So many workers of a run never meet. */
const WORKERS = 4;
const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS;
const given = new Set<number>();

/**
 * A port for something that listens only later, when another worker, or another part of this one, may long have been given
 * the same: each worker has ports of its own, and gives none twice.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await anyFreePort();
    if (port % WORKERS !== worker || given.has(port)) continue;
    given.add(port);
    return port;
  }
}
