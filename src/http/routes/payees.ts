import { PayeeLookup, PayeeResult } from '../../contract/wallet.ts';
import { minuteMs } from '../../kernel/clock.ts';
import type { App } from '../app-type.ts';
import { personOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { ofInput, ofPayee } from '../refusals.ts';

export function addPayeeRoutes(app: App, { person }: HttpDependencies): void {
  app.route({
    method: 'POST',
    url: '/v1/payees',
    config: { policy: 'person', rate: { limit: 20, windowMs: minuteMs, per: 'session' } },
    schema: {
      operationId: 'lookUpPayee',
      causes: [...ofInput, ...ofPayee],
      summary: 'Whom a phone number belongs to, masked; counted',
      body: PayeeLookup,
      response: { 200: PayeeResult },
    },
    handler: async (request) => {
      const { nameMasked, phoneMasked } = await person.lookUpPayee(personOf(request), request.body.phone);
      return { nameMasked, phoneMasked };
    },
  });
}
