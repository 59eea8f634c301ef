import { strict } from '../../contract/common.ts';
import { TransactionDetail, TransactionList } from '../../contract/wallet.ts';
import type { App } from '../app-type.ts';
import { personOf } from '../authenticate.ts';
import { makeCursor, readCursor } from '../cursor.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { idParams, pageQuery, readId, readLimit } from '../route-inputs.ts';
import { showTransaction, showTransactionDetail } from '../show-wallet.ts';

const LIST = 'transactions';

export function addTransactionRoutes(app: App, { person, digest }: HttpDependencies): void {
  app.route({
    method: 'GET',
    url: '/v1/transactions',
    config: { policy: 'person' },
    schema: {
      operationId: 'listTransactions',
      causes: [],
      summary: 'Movements of the balance, the newest first',
      querystring: strict(pageQuery),
      response: { 200: TransactionList },
    },
    handler: async (request) => {
      const actor = personOf(request);
      const { cursor } = request.query;
      const before = cursor === undefined ? undefined : BigInt(readCursor(digest, LIST, actor.personId, cursor));
      const page = await person.listTransactions(actor, { before, limit: readLimit(request.query.limit) });
      return {
        transactions: page.transactions.map((transaction) => showTransaction(transaction, actor.language)),
        nextCursor: page.next === undefined ? null : makeCursor(digest, LIST, actor.personId, page.next.toString()),
      };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/transactions/:id',
    config: { policy: 'person' },
    schema: {
      operationId: 'readTransaction',
      causes: ['operation.not_found'],
      summary: 'One movement, with its place in the book',
      params: idParams,
      response: { 200: TransactionDetail },
    },
    handler: async (request) => {
      const actor = personOf(request);
      return showTransactionDetail(
        await person.readTransaction(actor, readId('tx', request.params.id)),
        actor.language,
      );
    },
  });
}
