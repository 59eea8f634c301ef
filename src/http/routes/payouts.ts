import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { PayOut, PayoutBatchShape, PayoutShape } from '../../contract/payouts.ts';
import { LedgerReceipt } from '../../contract/receipt.ts';
import { minuteMs } from '../../kernel/clock.ts';
import { toPublicId, type Uuid } from '../../kernel/ids.ts';
import { moneyToJson } from '../../kernel/money.ts';
import type { Payout } from '../../features/payouts/pay-out.ts';
import { showProblem } from '../answer-failure.ts';
import type { App } from '../app-type.ts';
import { merchantOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { readLanguage } from '../language.ts';
import { examplePayOut, examplePayout, examplePayoutBatch } from '../docs/merchant-examples.ts';
import { idParams, readId, readNewId } from '../route-inputs.ts';
import { showMerchantReceipt } from '../show-receipt.ts';
import { receiptRate } from './ledger.ts';

export function addPayoutRoutes(app: App, { merchants, clock, settings }: HttpDependencies): void {
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
      description:
        'Answers 200 whenever each payout has an outcome: look at each. A refused one carries its problem in `failure` ' +
        '(`contact.phone_invalid`, `input.amount_invalid`, `policy.currency_unsupported`, `limit.single`, ' +
        '`third_party.payee_not_found`, `third_party.payee_cannot_receive`, `account.insufficient_balance`, ' +
        '`limit.tries`, `operation.conflict`). After no answer, or 500, ask again with the same ids and content: what ' +
        'was paid is told as paid, the rest is tried.',
      body: PayOut,
      causes: ['input.missing', 'input.format_invalid', 'operation.conflict'],
      examples: { body: examplePayOut, answer: examplePayoutBatch },
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
      description: 'One that was refused, or never asked for, is not there.',
      params: idParams,
      causes: ['operation.not_found'],
      examples: { answer: examplePayout },
      response: { 200: PayoutShape },
    },
    handler: async (request) =>
      show(request, await merchants.readPayout(merchantOf(request), readId('po', request.params.id))),
  });

  app.route({
    method: 'GET',
    url: '/v1/merchant/payouts/:id/receipt',
    config: { policy: 'merchant', rate: { ...receiptRate, per: 'ip' } },
    schema: {
      operationId: 'readPayoutReceipt',
      summary: 'Proof that a payout stands in the book',
      description:
        'It is checked without the wallet: docs/receipts.md. Of the payee it holds the number of the account in the ' +
        'book and the masked phone number; do not pass it on without need.',
      params: idParams,
      causes: ['operation.not_found'],
      response: { 200: LedgerReceipt },
    },
    handler: async (request) =>
      showMerchantReceipt(
        await merchants.readPayoutReceipt(merchantOf(request), readId('po', request.params.id)),
        settings.publicUrl,
      ),
  });
}
