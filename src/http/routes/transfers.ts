import { operationShapes, type OperationOf } from '../../contract/operations.ts';
import { AllowSmallPayments, SendNow, SmallPayments } from '../../contract/transfers.ts';
import { minuteMs } from '../../kernel/clock.ts';
import { pin } from '../../kernel/masked.ts';
import { moneyToJson } from '../../kernel/money.ts';
import type { App } from '../app-type.ts';
import { personOf } from '../authenticate.ts';
import type { HttpDependencies, TransferDoor } from '../dependencies.ts';
import { ofInput, ofPin, ofSending } from '../refusals.ts';
import { Nothing, readNewId } from '../route-inputs.ts';
import { showOperation } from '../show-operation.ts';

type Small = Awaited<ReturnType<TransferDoor['readSmallPayments']>>;

const showSmallPayments = ({ upTo, most, mostOfDay, leftOfDay }: Small) => ({
  upTo: upTo && moneyToJson(upTo),
  most: moneyToJson(most),
  mostOfDay: mostOfDay && moneyToJson(mostOfDay),
  leftOfDay: leftOfDay && moneyToJson(leftOfDay),
});

export function addTransferRoutes(app: App, { transfers, clock }: HttpDependencies): void {
  app.route({
    method: 'POST',
    url: '/v1/transfers',
    config: { policy: 'person', rate: { limit: 120, windowMs: minuteMs, per: 'session' } },
    schema: {
      operationId: 'sendNow',
      causes: ofSending,
      summary: 'Sends money to another wallet at once, or answers with the transfer that this id already is',
      body: SendNow,
      response: { 200: operationShapes.transfer },
    },
    handler: async (request) => {
      const actor = personOf(request);
      const { id, pin: entered, ...input } = request.body;
      const { record, shown } = await transfers.sendNow({
        actor,
        id: readNewId('op', id),
        input,
        pin: entered === undefined ? undefined : pin(entered),
      });
      const { language } = actor;
      return showOperation(record, { language, now: clock.now() }, shown) as OperationOf<'transfer'>;
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/me/small-payments',
    config: { policy: 'person' },
    schema: {
      operationId: 'readSmallPayments',
      causes: [],
      summary: 'Up to which sum this person pays and sends without the payment PIN, and what is left of the day',
      response: { 200: SmallPayments },
    },
    handler: async (request) => showSmallPayments(await transfers.readSmallPayments(personOf(request))),
  });

  app.route({
    method: 'PUT',
    url: '/v1/me/small-payments',
    config: { policy: 'person', rate: { limit: 20, windowMs: 10 * minuteMs, per: 'session' } },
    schema: {
      operationId: 'allowSmallPayments',
      causes: [...ofInput, 'input.amount_invalid', 'policy.currency_unsupported', 'limit.single', ...ofPin],
      summary: 'Lets small sums be paid and sent without the payment PIN; a change of the PIN ends it',
      body: AllowSmallPayments,
      response: { 200: SmallPayments },
    },
    handler: async (request) => {
      const { upTo, pin: entered } = request.body;
      return showSmallPayments(await transfers.allowSmallPayments(personOf(request), { upTo, pin: pin(entered) }));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/me/small-payments',
    config: { policy: 'person' },
    schema: {
      operationId: 'endSmallPayments',
      causes: [],
      summary: 'Every sum takes the payment PIN again',
      response: { 204: Nothing },
    },
    handler: async (request, reply) => {
      await transfers.endSmallPayments(personOf(request));
      return reply.code(204).send(null);
    },
  });
}
