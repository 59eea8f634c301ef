import type { Registry } from 'prom-client';
import type { FastifyRequest } from 'fastify';
import type { App } from '../app-type.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { HttpRefusal } from '../http-refusal.ts';

const probe = { policy: 'anyone', always: true } as const;

/** Probes and figures for whoever runs the wallet. */
export function addHealthRoutes(app: App, { open }: HttpDependencies, metrics: Registry): void {
  // Probes are not counted, so all who ask at the same time share one look at the database.
  let looking: ReturnType<typeof open.checkReady> | undefined;
  const checkReady = () =>
    (looking ??= open.checkReady().finally(() => {
      looking = undefined;
    }));

  app.route({
    method: 'GET',
    url: '/health/live',
    config: probe,
    schema: { hide: true },
    handler: async (_request, reply) => reply.header('cache-control', 'no-store').send({ live: true }),
  });

  app.route({
    method: 'GET',
    url: '/health/ready',
    config: probe,
    schema: { hide: true },
    handler: async (_request, reply) => {
      const checks = app.stopping.aborted ? { running: false } : await checkReady();
      const ready = Object.values(checks).every((works) => works);
      return reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ ready, checks });
    },
  });

  app.route({
    method: 'GET',
    url: '/metrics',
    config: probe,
    schema: { hide: true },
    handler: async (request, reply) => {
      if (!isFromThisMachine(request)) throw new HttpRefusal(404, 'only on this machine');
      return reply.type(metrics.contentType).send(await metrics.metrics());
    },
  });
}

/** A collector runs beside the wallet; what came through a proxy came from outside. */
const isFromThisMachine = (request: FastifyRequest): boolean =>
  /^(127\.|::1$|::ffff:127\.)/.test(request.socket.remoteAddress ?? '') &&
  request.headers['x-forwarded-for'] === undefined &&
  request.headers['forwarded'] === undefined;
