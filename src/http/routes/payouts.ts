import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { PayOut, PayoutBatchShape, PayoutShape } from '../../contract/payouts.ts';
import { minuteMs } from '../../kernel/clock.ts';
import { toPublicId, type Uuid } from '../../kernel/ids.ts';
import { moneyToJson } from '../../kernel/money.ts';
import type { Payout } from '../../features/payouts/pay-out.ts';
import { showProblem } from '../answer-failure.ts';
import type { App } from '../app-type.ts';
import { merchantOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { readLanguage } from '../language.ts';
import { idParams, readId, readNewId } from '../route-inputs.ts';

export function addPayoutRoutes(app: App, { merchants, clock }: HttpDependencies): void {
  const show = (request: FastifyRequest, payout: Payout): Static<typeof PayoutShape> => {
    const id = toPublicId('po', payout.id);
    if (payout.state === 'refused') {
      const language = readLanguage(request.headers['accept-language']);
      const failure = showProblem(payout.failure, language, clock, request.id as Uuid);
      return { id, state: 'refused', amount: null, transactionId: null, paidAt: null, failure };
    }
    const { amount, transactionId, paidAt } = payout;
    return {
      id,
      state: 'paid',
      amount: moneyToJson(amount),
      transactionId: toPublicId('tx', transactionId),
      paidAt: paidAt.toISOString(),
      failure: null,
    };
  };

  app.route({
    method: 'POST',
    url: '/v1/merchant/payouts',
    config: { policy: 'merchant', rate: { limit: 600, windowMs: minuteMs, per: 'ip' } },
    schema: {
      operationId: 'payOut',
      summary:
        'Pays up to 100 wallets from the balance of this merchant, each by itself; asked again it pays nobody twice',
      body: PayOut,
      response: { 200: PayoutBatchShape },
    },
    handler: async (request) => {
      const batch = {
        id: readNewId('pb', request.body.id),
        payouts: request.body.payouts.map((payout) => ({ ...payout, id: readNewId('po', payout.id) })),
      };
      const payouts = await merchants.payOut(merchantOf(request), batch);
      const paid = payouts.filter(({ state }) => state === 'paid').length;
      return {
        id: request.body.id,
        paid,
        refused: payouts.length - paid,
        payouts: payouts.map((payout) => show(request, payout)),
      };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/merchant/payouts/:id',
    config: { policy: 'merchant' },
    schema: {
      operationId: 'readPayout',
      summary: 'A payout of this merchant that was made',
      params: idParams,
      response: { 200: PayoutShape },
    },
    handler: async (request) =>
      show(request, await merchants.readPayout(merchantOf(request), readId('po', request.params.id))),
  });
}
