import { createServer } from 'node:net';
import { systemRandom } from '../kernel/random.ts';

const LOWEST = 15_000;
const SPAN = 2 ** 14;

/**
 * A port on the loopback that nobody listens on now, below those that systems give away by themselves, so that no program
 * that asks for any port takes it meanwhile. One that names it may: the caller tries again.
 */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const [high = 0, low = 0] = systemRandom.bytes(2);
    const port = LOWEST + ((high * 256 + low) % SPAN);
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(freePort()) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
  });
