import { NewOrder, Order } from '../../contract/wallet.ts';
import { minuteMs } from '../../kernel/clock.ts';
import type { App } from '../app-type.ts';
import { merchantOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { idParams } from '../route-inputs.ts';
import { showOrder } from '../show-wallet.ts';

export function addMerchantRoutes(app: App, { merchants, open }: HttpDependencies): void {
  app.route({
    method: 'POST',
    url: '/v1/merchant/orders',
    config: { policy: 'merchant', rate: { limit: 600, windowMs: minuteMs, per: 'ip' } },
    schema: {
      operationId: 'createOrder',
      summary: 'Makes an order, or answers with the one that this id already is',
      body: NewOrder,
      response: { 200: Order },
    },
    handler: async (request) => {
      const order = await merchants.createOrder(merchantOf(request), request.body);
      return showOrder(order, open.payUrl(order));
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/merchant/orders/:id',
    config: { policy: 'merchant' },
    schema: {
      operationId: 'readMerchantOrder',
      summary: 'An order of this merchant',
      params: idParams,
      response: { 200: Order },
    },
    handler: async (request) => {
      const order = await merchants.readOrder(merchantOf(request), request.params.id);
      return showOrder(order, open.payUrl(order));
    },
  });
}
