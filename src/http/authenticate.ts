import type { FastifyRequest } from 'fastify';
import { refusal } from '../causes/refusal.ts';
import { assert, unreachable } from '../kernel/assert.ts';
import { secret } from '../kernel/masked.ts';
import type { Merchant } from '../features/merchants/merchant.ts';
import type { FoundSession } from '../features/sessions/find-session.ts';
import type { Actor, HttpDependencies, PersonActor } from './dependencies.ts';
import { readLanguage } from './language.ts';
import { COOKIE_NAME } from './own-origin.ts';
import type { Policy } from './route-policy.ts';

declare module 'fastify' {
  interface FastifyRequest {
    session: FoundSession | undefined;
    merchant: Merchant | undefined;
    /** The handler has begun: from here on a change may have been made. */
    hasBegun: boolean;
  }
}

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,200})$/;

/** The token and where it came from. An Authorization header, even a wrong one, hides the cookie. */
function readToken(request: FastifyRequest): { token: string; kind: 'bearer' | 'cookie' } | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1];
    return token === undefined ? undefined : { token, kind: 'bearer' };
  }
  const token = request.cookies[COOKIE_NAME];
  return token === undefined ? undefined : { token, kind: 'cookie' };
}

/**
 * Finds out who asks and refuses whom the route's policy does not admit: with `security.session_expired`, or for
 * merchants `security.api_key_unknown`.
 */
export async function authenticate(
  deps: Pick<HttpDependencies, 'sessions' | 'merchants'>,
  request: FastifyRequest,
  policy: Policy,
): Promise<void> {
  switch (policy) {
    case 'anyone':
    case 'bank_line':
      return;
    case 'visit':
    case 'person':
      request.session = await lookForSession(deps, request);
      if (!request.session || (policy === 'person' && request.session.personId === null)) {
        throw refusal('security.session_expired');
      }
      return;
    case 'merchant':
      request.merchant = await findMerchant(deps, request);
      return;
    default:
      unreachable(policy);
  }
}

/** The live session of whoever asks, if there is one; refuses nobody. */
export async function lookForSession(
  deps: Pick<HttpDependencies, 'sessions'>,
  request: FastifyRequest,
): Promise<FoundSession | undefined> {
  const given = readToken(request);
  const found = given && (await deps.sessions.find(given.token));
  // A cookie's token is worth nothing as a bearer token, nor the other way round.
  return found?.kind === given?.kind ? found : undefined;
}

async function findMerchant(deps: Pick<HttpDependencies, 'merchants'>, request: FastifyRequest): Promise<Merchant> {
  const given = readToken(request);
  const merchant = given?.kind === 'bearer' ? await deps.merchants.findByKey(secret(given.token)) : undefined;
  if (merchant?.state !== 'open') throw refusal('security.api_key_unknown');
  return merchant;
}

/** Who asks, on a route whose policy is `visit`. */
export function actorOf(request: FastifyRequest): Actor {
  const { session } = request;
  assert(session, 'the policy of the route asks for a session');
  const { personId, visitorId, sessionId } = session;
  return {
    personId,
    visitorId,
    sessionId,
    language: readLanguage(request.headers['accept-language']),
    ip: request.ip,
  };
}

/** Who asks, on a route whose policy is `person`. */
export function personOf(request: FastifyRequest): PersonActor {
  const actor = actorOf(request);
  const { personId } = actor;
  assert(personId !== null, 'the policy of the route asks for a person');
  return { ...actor, personId };
}

export function merchantOf(request: FastifyRequest): Merchant {
  assert(request.merchant, 'the policy of the route asks for a merchant');
  return request.merchant;
}
