import cookie from '@fastify/cookie';
import Fastify, { LogController, type FastifyInstance, type FastifyRequest } from 'fastify';
import { assert } from '../kernel/assert.ts';
import { secondMs, type Clock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import { answerBrokenRequest, answerFailure, answerNotFound, overloaded } from './answer-failure.ts';
import { authenticate } from './authenticate.ts';
import type { HttpDependencies } from './dependencies.ts';
import { HttpRefusal } from './http-refusal.ts';
import { createRequestLimits } from './limit-requests.ts';
import { showError, showRequest } from './log.ts';
import { createMetrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { ownOrigins, refuseForeignOrigin } from './own-origin.ts';
import { readJson } from './read-json.ts';
import { requirePolicies } from './route-policy.ts';
import { addRoutes } from './routes/all-routes.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { compileValidator, serializerCompiler } from './validate.ts';
import { serveWebApp } from './web-app.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborted when the server begins to stop: what only waits answers at once. */
    stopping: AbortSignal;
  }
  interface FastifyReply {
    /** The cause told, for the figures. */
    problemCode: string | undefined;
  }
}

const BODY_LIMIT = 100 * 1024;
const MAX_IN_FLIGHT = 1000;
const DRAIN_MS = 10 * secondMs;

/**
 * The server with all routes, not listening yet. Throws when a route does not say who may call it. Its `close` stops
 * taking requests, lets those in work end for ten seconds at most, and then closes what is left.
 */
export async function createHttp(deps: HttpDependencies): Promise<FastifyInstance> {
  const app = createFastify(deps);
  requirePolicies(app);
  decorate(app);
  drainOnClose(app, deps.clock);
  await app.register(cookie);
  addSecurityHeaders(app, deps.settings);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(serializerCompiler((where) => app.log.error({ where }, 'answer does not fit its schema')));
  app.setErrorHandler(answerFailure(deps.clock));
  app.setNotFoundHandler(answerNotFound(deps.clock));
  readJsonOnly(app);
  const inFlight = guardRequests(app, deps);
  const metrics = createMetrics(app, inFlight, deps.open);
  addRoutes(app, deps, { metrics, describeApi: () => describeApi(app.routeTable, deps.settings) });
  if (deps.settings.webRoot !== undefined) await serveWebApp(app, deps.settings.webRoot);
  return app;
}

function createFastify({ settings, clock, random }: HttpDependencies): FastifyInstance {
  const { logLevel, logTo, trustedProxies } = settings;
  const app: FastifyInstance = Fastify({
    // Nothing is written of a request, an answer or an error but what log.ts picks out.
    logger: {
      level: logLevel,
      base: null,
      serializers: {
        req: () => ({}),
        res: () => ({}),
        err: (error) => ({ type: error.name, stack: '', message: '', ...showError(error) }),
      },
      ...(logTo ? { stream: logTo } : {}),
    },
    logController: new LogController({ disableRequestLogging: true }),
    // What is written of a request names it; a logger for each would be made for nothing.
    childLoggerFactory: (logger) => logger,
    genReqId: () => newId(clock, random),
    requestIdHeader: false,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    requestTimeout: 30 * secondMs,
    keepAliveTimeout: 60 * secondMs,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: 16 * 1024, headersTimeout: 15 * secondMs },
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (error, request, reply) => answerFailure(clock)(error, request, reply),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error.code, socket),
  });
  return app;
}

function decorate(app: FastifyInstance): void {
  app.decorateRequest('session', undefined);
  app.decorateRequest('merchant', undefined);
  app.decorateRequest('hasBegun', false);
  app.decorateReply('problemCode', undefined);
}

function drainOnClose(app: FastifyInstance, clock: Clock): void {
  const stopping = new AbortController();
  const drained = new AbortController();
  app.decorate('stopping', stopping.signal);
  app.addHook('preClose', async () => {
    stopping.abort();
    void clock.sleep(DRAIN_MS, drained.signal).then(() => app.server.closeAllConnections());
  });
  app.addHook('onClose', async () => drained.abort());
}

/** Bodies are JSON in UTF-8 or nothing; a compressed one is not unpacked. */
function readJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: unknown) => {
      const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
      if (charset !== undefined && charset.toLowerCase() !== 'utf-8') throw new HttpRefusal(415, 'charset');
      assert(Buffer.isBuffer(body), 'read as a buffer');
      return readJson(body);
    },
  );
}

/** What every request passes before its route: shedding, origin, rates, who asks, rates again. */
function guardRequests(app: FastifyInstance, deps: HttpDependencies): () => number {
  const limits = createRequestLimits(deps);
  const origins = ownOrigins(deps.settings.publicUrl);
  const maxInFlight = deps.settings.maxInFlight ?? MAX_IN_FLIGHT;
  let inFlight = 0;
  app.addHook('onRequest', async (request, reply) => {
    inFlight += 1;
    reply.raw.once('close', () => {
      inFlight -= 1;
    });
    reply.header('x-request-id', request.id);
    const { policy, always, rate } = request.routeOptions.config;
    if (always) return;
    reply.header('cache-control', 'no-store');
    if (inFlight > maxInFlight) throw overloaded(deps.clock);
    refuseForeignOrigin(request, origins);
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') throw new HttpRefusal(415, 'compressed body');
    if (request.is404) return;
    assert(policy !== undefined, 'every route has a policy');
    await limits.forAddress(request);
    await authenticate(deps, request, policy);
    await limits.forSession(request);
    if (rate) await limits.forRoute(request, rate);
  });
  app.addHook('preHandler', (request, _reply, done) => {
    request.hasBegun = true;
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode: status, elapsedTime } = reply;
    request.log.info({ request: showRequest(request), status, ms: Math.round(elapsedTime) }, 'answered');
    done();
  });
  return () => inFlight;
}
