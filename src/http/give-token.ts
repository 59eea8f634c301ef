import type { FastifyReply, FastifyRequest } from 'fastify';
import type { StartedSession } from '../features/sessions/start-visit.ts';
import { COOKIE_NAME, isWebClient } from './own-origin.ts';

const cookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const;

/** Hands a session's token over: the app's in a cookie that scripts cannot read, and then null; any other's in the answer. */
export function giveToken(request: FastifyRequest, reply: FastifyReply, session: StartedSession): string | null {
  if (!isWebClient(request)) return session.token.reveal();
  reply.setCookie(COOKIE_NAME, session.token.reveal(), { ...cookieOptions, expires: session.expiresAt });
  return null;
}

/** Takes the cookie back. The session itself has ended on the server. */
export function takeCookieBack(reply: FastifyReply): void {
  reply.clearCookie(COOKIE_NAME, cookieOptions);
}
