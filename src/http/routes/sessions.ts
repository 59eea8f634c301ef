import { SessionList, SessionResult, SessionState, StartSession } from '../../contract/wallet.ts';
import { minuteMs } from '../../kernel/clock.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { App } from '../app-type.ts';
import { actorOf, lookForSession, personOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { giveToken, takeCookieBack } from '../give-token.ts';
import { isWebClient } from '../own-origin.ts';
import { idParams, Nothing, readId, readNewId } from '../route-inputs.ts';

export function addSessionRoutes(app: App, deps: HttpDependencies): void {
  const { sessions } = deps;
  app.route({
    method: 'POST',
    url: '/v1/sessions',
    config: { policy: 'visit', rate: { limit: 20, windowMs: 10 * minuteMs, per: 'session' } },
    schema: {
      operationId: 'startSession',
      causes: ['operation.not_found', 'operation.in_progress', 'operation.expired'],
      summary: 'Turns a succeeded open_wallet operation of this visit into a session of the person',
      body: StartSession,
      response: { 200: SessionResult },
    },
    handler: async (request, reply) => {
      const session = await sessions.start({
        actor: actorOf(request),
        operationId: readNewId('op', request.body.operationId),
        device: request.body.device ?? '',
        kind: isWebClient(request) ? 'cookie' : 'bearer',
      });
      return { token: giveToken(request, reply, session), expiresAt: session.expiresAt.toISOString() };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/sessions',
    config: { policy: 'person' },
    schema: {
      operationId: 'listSessions',
      causes: [],
      summary: 'Where this person is signed in',
      response: { 200: SessionList },
    },
    handler: async (request) => {
      const { personId, sessionId } = personOf(request);
      const found = await sessions.list({ personId, currentSessionId: sessionId });
      return {
        sessions: found.map((session) => ({
          id: toPublicId('ses', session.sessionId),
          device: session.device,
          createdAt: session.createdAt.toISOString(),
          lastSeenAt: session.lastSeenAt.toISOString(),
          current: session.current,
        })),
      };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/sessions/current',
    config: { policy: 'anyone' },
    schema: {
      operationId: 'readSession',
      causes: [],
      summary: 'Whether there is a session, and whether it is of a person yet; never refused',
      response: { 200: SessionState },
    },
    handler: async (request) => {
      const found = await lookForSession(deps, request);
      const state = found === undefined ? 'none' : found.personId === null ? 'visit' : 'person';
      return { state } as const;
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/sessions/current',
    config: { policy: 'visit' },
    schema: { operationId: 'endSession', causes: [], summary: 'Signs out', response: { 204: Nothing } },
    handler: async (request, reply) => {
      await sessions.end({ sessionId: actorOf(request).sessionId });
      takeCookieBack(reply);
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/sessions/:id',
    config: { policy: 'person' },
    schema: {
      operationId: 'endOtherSession',
      causes: ['operation.not_found'],
      summary: 'Signs out another device of this person',
      params: idParams,
      response: { 204: Nothing },
    },
    handler: async (request, reply) => {
      const { personId } = personOf(request);
      await sessions.endOfPerson({ personId, sessionId: readId('ses', request.params.id) });
      return reply.code(204).send(null);
    },
  });
}
