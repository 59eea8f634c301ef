import { strict } from '../../contract/common.ts';
import { MerchantAccount, MerchantTransactions, NewOrder, Order } from '../../contract/wallet.ts';
import { LedgerReceipt } from '../../contract/receipt.ts';
import { minuteMs } from '../../kernel/clock.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { moneyToJson } from '../../kernel/money.ts';
import type { App } from '../app-type.ts';
import { merchantOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { makeCursor, readCursor } from '../cursor.ts';
import {
  exampleMerchant,
  exampleMerchantTransactions,
  exampleNewOrder,
  exampleOrder,
} from '../docs/merchant-examples.ts';
import { idParams, pageQuery, readLimit } from '../route-inputs.ts';
import { showMerchantReceipt } from '../show-receipt.ts';
import { showOrder } from '../show-wallet.ts';
import { receiptRate } from './ledger.ts';

export function addMerchantRoutes(app: App, deps: HttpDependencies): void {
  addOwnRoute(app, deps);
  addMovementRoute(app, deps);
  addOrderRoutes(app, deps);
  addOrderReceiptRoute(app, deps);
}

function addOwnRoute(app: App, { merchants }: HttpDependencies): void {
  app.route({
    method: 'GET',
    url: '/v1/merchant',
    config: { policy: 'merchant' },
    schema: {
      operationId: 'readMerchant',
      summary: 'Whose key this is, and what can be paid out',
      description: '`account` is the number by which receipts name this merchant.',
      causes: [],
      examples: { answer: exampleMerchant },
      response: { 200: MerchantAccount },
    },
    handler: async (request) => {
      const { id, name, balanceAccount } = merchantOf(request);
      const available = await merchants.readAvailable(merchantOf(request));
      return {
        id: toPublicId('mer', id),
        name,
        account: balanceAccount.toString(),
        available: moneyToJson(available),
      };
    },
  });
}

function addMovementRoute(app: App, { merchants, digest }: HttpDependencies): void {
  const list = 'merchant transactions';
  app.route({
    method: 'GET',
    url: '/v1/merchant/transactions',
    config: { policy: 'merchant' },
    schema: {
      operationId: 'listMerchantTransactions',
      summary: 'All that moved the balance of this merchant, the newest first',
      description: 'What a merchant holds its own books to. Of the other side it says nothing.',
      querystring: strict(pageQuery),
      causes: [],
      examples: { answer: exampleMerchantTransactions },
      response: { 200: MerchantTransactions },
    },
    handler: async (request) => {
      const merchant = merchantOf(request);
      const { cursor } = request.query;
      const before = cursor === undefined ? undefined : BigInt(readCursor(digest, list, merchant.id, cursor));
      const page = await merchants.listMovements(merchant, { before, limit: readLimit(request.query.limit) });
      return {
        transactions: page.movements.map((movement) => ({
          id: toPublicId('tx', movement.id),
          kind: movement.kind,
          of: movement.of,
          direction: movement.direction,
          amount: moneyToJson(movement.amount),
          balanceAfter: moneyToJson(movement.balanceAfter),
          at: movement.at.toISOString(),
        })),
        nextCursor: page.next === undefined ? null : makeCursor(digest, list, merchant.id, page.next.toString()),
      };
    },
  });
}

function addOrderRoutes(app: App, { merchants, open }: HttpDependencies): void {
  app.route({
    method: 'POST',
    url: '/v1/merchant/orders',
    config: { policy: 'merchant', rate: { limit: 600, windowMs: minuteMs, per: 'ip' } },
    schema: {
      operationId: 'createOrder',
      summary: 'Makes an order, or answers with the one that this id already is',
      description:
        'Show `payUrl` to the payer, as a link or as a code to scan. Ask again with the same id and content when no ' +
        'answer came: there is one order, and the answer tells how it stands now. With other content the id is refused.',
      body: NewOrder,
      causes: [
        'input.missing',
        'input.format_invalid',
        'input.amount_invalid',
        'policy.currency_unsupported',
        'operation.conflict',
      ],
      examples: { body: exampleNewOrder, answer: exampleOrder },
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
      description:
        'A paid order stays paid. One that is `closed` ran out unpaid, and only a payment that was confirmed before ' +
        'that can still make it `paid`. An order of another merchant is not there.',
      params: idParams,
      causes: ['operation.not_found'],
      examples: { answer: exampleOrder },
      response: { 200: Order },
    },
    handler: async (request) => {
      const order = await merchants.readOrder(merchantOf(request), request.params.id);
      return showOrder(order, open.payUrl(order));
    },
  });
}

function addOrderReceiptRoute(app: App, { merchants, settings }: HttpDependencies): void {
  app.route({
    method: 'GET',
    url: '/v1/merchant/orders/:id/receipt',
    config: { policy: 'merchant', rate: { ...receiptRate, per: 'ip' } },
    schema: {
      operationId: 'readOrderReceipt',
      summary: 'Proof that the movement which paid an order stands in the book; there once it is paid',
      description:
        'It is checked without the wallet: docs/receipts.md. Of the payer it holds the number of the account in the ' +
        'book and nothing else; do not pass it on without need.',
      params: idParams,
      causes: ['operation.not_found'],
      response: { 200: LedgerReceipt },
    },
    handler: async (request) =>
      showMerchantReceipt(await merchants.readOrderReceipt(merchantOf(request), request.params.id), settings.publicUrl),
  });
}
