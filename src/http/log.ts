import type { FastifyRequest } from 'fastify';

/** Of an error only what says where: its kind, its code, the lines of our code; of its message nothing that was data. */
export function showError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: withoutData(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    at: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12)
      .map((line) => line.trim()),
    ...(error.cause !== undefined && depth < 3 ? { cause: showError(error.cause, depth + 1) } : {}),
  };
}

/** Errors of databases and parsers quote what they were given; quotations, numbers and long words are left out. */
export const withoutData = (message: string): string =>
  message
    .slice(0, 500)
    .replace(/"[^"]*"|'[^']*'|`[^`]*`|\([^)]*\)/g, '…')
    .replace(/[0-9]{4,}|[A-Za-z0-9_+/=-]{25,}/g, '#')
    .replace(/[^\P{L}a-zA-Z]+/gu, '…');

/** Of a request the route, not the address: ids and whatever else stands in a URL stay out. */
export const showRequest = (request: FastifyRequest): object => ({
  id: request.id,
  method: request.method,
  route: request.routeOptions.url ?? 'unknown',
});
