import { VisitResult } from '../../contract/wallet.ts';
import { minuteMs } from '../../kernel/clock.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { isWebClient } from '../own-origin.ts';
import type { App } from '../app-type.ts';
import { giveToken } from '../give-token.ts';

/** A session of nobody yet, in which a wallet can be opened or signed in to. */
export function addVisitRoutes(app: App, { sessions }: HttpDependencies): void {
  app.route({
    method: 'POST',
    url: '/v1/visits',
    config: { policy: 'anyone', rate: { limit: 30, windowMs: 10 * minuteMs, per: 'ip' } },
    schema: { operationId: 'startVisit', causes: [], summary: 'Starts a visit', response: { 200: VisitResult } },
    handler: async (request, reply) => {
      const visit = await sessions.startVisit({ kind: isWebClient(request) ? 'cookie' : 'bearer', device: '' });
      return { token: giveToken(request, reply, visit) };
    },
  });
}
