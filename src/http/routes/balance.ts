import { Balance } from '../../contract/wallet.ts';
import type { App } from '../app-type.ts';
import { personOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { showBalance } from '../show-wallet.ts';

export function addBalanceRoutes(app: App, { person }: HttpDependencies): void {
  app.route({
    method: 'GET',
    url: '/v1/balance',
    config: { policy: 'person' },
    schema: {
      operationId: 'readBalance',
      causes: [],
      summary: 'What can be used, what is held, and what is being asked about',
      response: { 200: Balance },
    },
    handler: async (request) => showBalance(await person.readBalance(personOf(request))),
  });
}
