import { Card, CardList, CardLookup, CardLookupResult } from '../../contract/wallet.ts';
import { minuteMs } from '../../kernel/clock.ts';
import type { App } from '../app-type.ts';
import { personOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { ofInput } from '../refusals.ts';
import { idParams, Nothing, readId } from '../route-inputs.ts';
import { showCard, showCardLookup } from '../show-wallet.ts';

export function addCardRoutes(app: App, { person, open }: HttpDependencies): void {
  app.route({
    method: 'GET',
    url: '/v1/cards',
    config: { policy: 'person' },
    schema: {
      operationId: 'listCards',
      causes: [],
      summary: 'Bound cards, the newest first',
      response: { 200: CardList },
    },
    handler: async (request) => {
      const actor = personOf(request);
      return { cards: (await person.listCards(actor)).map((view) => showCard(view, actor.language)) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/cards/:id',
    config: { policy: 'person' },
    schema: {
      operationId: 'readCard',
      causes: ['operation.not_found'],
      summary: 'A bound card',
      params: idParams,
      response: { 200: Card },
    },
    handler: async (request) => {
      const actor = personOf(request);
      return showCard(await person.readCard(actor, readId('card', request.params.id)), actor.language);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/cards/:id',
    config: { policy: 'person' },
    schema: {
      operationId: 'removeCard',
      causes: ['operation.not_found', 'operation.previous_unsettled', 'bank.unreachable'],
      summary: 'Removes a card',
      params: idParams,
      response: { 204: Nothing },
    },
    handler: async (request, reply) => {
      await person.removeCard(personOf(request), readId('card', request.params.id));
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/cards/lookup',
    config: { policy: 'person', rate: { limit: 120, windowMs: minuteMs, per: 'session' } },
    schema: {
      operationId: 'lookUpCard',
      causes: ofInput,
      summary: 'The bank that the first digits of a card number belong to',
      body: CardLookup,
      response: { 200: CardLookupResult },
    },
    handler: async (request) => showCardLookup(open.lookUpCard(request.body.prefix), personOf(request).language),
  });
}
