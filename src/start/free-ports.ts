import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart, codeOf, reasonOf } from '../database/cannot-start.ts';

const WAIT_MS = 3_000;

export type WantedPort = { variable: string; host: string; port: number };

/**
 * Looks whether the ports can be had before anything is started. What a killed Purser left beside it ends within a
 * moment, so a port that is taken is looked at again for three seconds.
 */
export async function refuseTakenPorts(wanted: readonly WantedPort[]): Promise<void> {
  for (const { variable, host, port } of wanted) {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const error = await tryPort(host, port);
      if (error === undefined) break;
      if (codeOf(error) !== 'EADDRINUSE' || performance.now() > deadline) throw sayPort(variable, host, port, error);
      await sleep(100);
    }
  }
}

const tryPort = (host: string, port: number): Promise<unknown> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });

/** Why a port could not be had, as a sentence with what to do. */
export function sayPort(variable: string, host: string, port: number, error: unknown): CannotStart {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new CannotStart(
        `Port ${port} is taken by another program, maybe a Purser that already runs: stop it, or choose another port with ${variable}.`,
      );
    case 'EACCES':
      return new CannotStart(`This user may not listen on port ${port}: choose one above 1024 with ${variable}.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new CannotStart(`This machine has no address ${host}: correct PURSER_HOST.`);
    default:
      return new CannotStart(
        `Port ${port} cannot be listened on (${reasonOf(error)}): choose another with ${variable}.`,
      );
  }
}
