import { Preflight, PreflightResult } from '../../contract/operations.ts';
import { minuteMs } from '../../kernel/clock.ts';
import { showProblem } from '../answer-failure.ts';
import type { App } from '../app-type.ts';
import { actorOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { ofInput } from '../refusals.ts';
import { ownerOf } from './operations.ts';

export function addPreflightRoutes(app: App, { operations, clock }: HttpDependencies): void {
  app.route({
    method: 'POST',
    url: '/v1/preflight',
    config: { policy: 'visit', rate: { limit: 120, windowMs: minuteMs, per: 'session' } },
    schema: {
      operationId: 'preflight',
      causes: ofInput,
      summary: 'Every cause that would refuse this operation now; does nothing',
      body: Preflight,
      response: { 200: PreflightResult },
    },
    handler: async (request) => {
      const actor = actorOf(request);
      const { kind, input } = request.body;
      const found = await operations.preflight({ ownerId: ownerOf(actor, kind), kind, input, actor });
      return { problems: found.map((failure) => showProblem(failure.within({ flow: kind }), actor.language, clock)) };
    },
  });
}
