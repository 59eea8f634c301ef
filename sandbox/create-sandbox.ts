import fastify, { type FastifyInstance } from 'fastify';
import { addBanks, carryOutPostponed } from './bank-routes.ts';
import { createBehaviours } from './behaviours.ts';
import { openSampleCards } from './books.ts';
import { createCallbackSender } from './callbacks.ts';
import { type Clock, systemClock } from './clock.ts';
import type { SandboxConfig } from './config.ts';
import { addDesk } from './desk-routes.ts';
import { systemRandom } from './random.ts';
import { addRegisters } from './register-routes.ts';
import { openStore, sandboxTables } from './store.ts';

export type Sandbox = {
  /** Resolves with the address at which it answers. */
  listen: () => Promise<string>;
  close: () => Promise<void>;
};

const LOOK_EVERY_MS = 50;

/** The world outside the wallet, on one port: banks, registers, SMS operator, and the desk. */
export async function createSandbox(config: SandboxConfig, clock: Clock = systemClock): Promise<Sandbox> {
  const store = openStore(config.dataFolder, 'sandbox.sqlite', sandboxTables);
  openSampleCards(store, clock);
  const ending = new AbortController();
  const deps = {
    ...{ store, clock, random: systemRandom, behaviours: createBehaviours(store, clock), ending: ending.signal },
    ...{ partnerPublicKey: config.partnerPublicKey, privateKey: config.privateKey, callbackUrl: config.callbackUrl },
  };
  const callbacks = createCallbackSender(deps);
  const app = buildServer();
  await app.register((scope) => addBanks(scope, deps));
  await app.register((scope) => addRegisters(scope, deps));
  await app.register((scope) => addDesk(scope, deps));

  let underWay: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    carryOutPostponed(deps);
    underWay = Promise.all([underWay, callbacks.sendDue()]).then(() => undefined);
  }, LOOK_EVERY_MS);

  return {
    listen: () => app.listen({ port: config.port, host: config.host }),
    async close() {
      clearInterval(timer);
      callbacks.stop();
      ending.abort();
      await app.close();
      await underWay;
      store.close();
    },
  };
}

function buildServer(): FastifyInstance {
  const app = fastify({ forceCloseConnections: true, bodyLimit: 64 * 1024, logger: false });
  // Node would ask for the body by itself; on the line it is asked for only once a bank is known to be there.
  app.server.on('checkContinue', (request, response) => {
    if (!/^\/(banks|registry|sms)\//.test(request.url ?? '')) response.writeContinue();
    app.routing(request, response);
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) console.error(error);
    return reply.code(status).send({ error: status >= 500 ? 'something broke' : error.message });
  });
  return app;
}
