import { Order } from '../../contract/wallet.ts';
import type { App } from '../app-type.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { idParams } from '../route-inputs.ts';
import { showOrder } from '../show-wallet.ts';

/** Orders as whoever scanned their code sees them. Their ids cannot be guessed and are shown to the payer only. */
export function addOrderRoutes(app: App, { open }: HttpDependencies): void {
  app.route({
    method: 'GET',
    url: '/v1/orders/:id',
    config: { policy: 'visit' },
    schema: {
      operationId: 'readOrder',
      causes: ['input.code_unrecognised'],
      summary: 'An order to pay',
      params: idParams,
      response: { 200: Order },
    },
    handler: async (request) => {
      const order = await open.readOrder(request.params.id);
      return showOrder(order, open.payUrl(order));
    },
  });
}
