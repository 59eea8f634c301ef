import type { FastifyRequest } from 'fastify';
import { HttpRefusal } from './http-refusal.ts';

/** The name of the session's cookie: `__Host-` binds it to this host, to HTTPS (or localhost) and to the whole site. */
export const COOKIE_NAME = '__Host-purser';
/** The header that the app sends with every request; another site cannot without asking first. */
const CLIENT_HEADER = 'x-purser-client';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The origins at which the app is at home: the public one; on a machine of one's own also its other names. */
export function ownOrigins(publicUrl: string): ReadonlySet<string> {
  const url = new URL(publicUrl);
  if (!LOOPBACK.includes(url.hostname)) return new Set([url.origin]);
  const port = url.port === '' ? '' : `:${url.port}`;
  return new Set(LOOPBACK.map((host) => `${url.protocol}//${host}${port}`));
}

export const isSafeMethod = (method: string): boolean => SAFE_METHODS.has(method);
export const isWebClient = (request: FastifyRequest): boolean => request.headers[CLIENT_HEADER] === 'web';

/**
 * Refuses what another site makes a browser send: a changing request from a foreign origin, and one that comes with
 * our cookie, or wants one, without the origin and the header of the app.
 */
export function refuseForeignOrigin(request: FastifyRequest, origins: ReadonlySet<string>): void {
  if (isSafeMethod(request.method)) return;
  const { origin, authorization } = request.headers;
  const isOwn = origin !== undefined && origins.has(origin);
  if (origin !== undefined && !isOwn) throw new HttpRefusal(403, 'foreign origin');
  const usesCookie = authorization === undefined && request.cookies[COOKIE_NAME] !== undefined;
  if ((usesCookie || isWebClient(request)) && !(isOwn && isWebClient(request))) {
    throw new HttpRefusal(403, 'cookie without the header of the app');
  }
}
