import { Type } from 'typebox';
import { Instant, strict } from '../../contract/common.ts';
import { OperationList, OperationShape, StartOperation, StepInput } from '../../contract/operations.ts';
import { refusal } from '../../causes/refusal.ts';
import { addressGroup } from '../../kernel/address-group.ts';
import { hourMs, minuteMs, parseInstant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Rate } from '../../features/security/take-rate.ts';
import type { App } from '../app-type.ts';
import { actorOf, personOf } from '../authenticate.ts';
import { makeCursor, readCursor } from '../cursor.ts';
import type { Actor, HttpDependencies, OperationView } from '../dependencies.ts';
import { ofAsking, ofCancelling, ofResending, ofStart, ofStep } from '../refusals.ts';
import { idParams, pageQuery, readId, readLimit, readNewId } from '../route-inputs.ts';
import { showOperation } from '../show-operation.ts';

const MAX_WAIT_MS = 20_000;
const changing = { policy: 'visit', rate: { limit: 120, windowMs: minuteMs, per: 'session' } } as const;
const answer = { 200: OperationShape };

const stepParams = strict({ id: Type.String({ maxLength: 100 }), step: Type.String({ maxLength: 40 }) });
const oneQuery = strict({
  waitMs: Type.Optional(
    Type.String({ pattern: '^(1?[0-9]{1,4}|20000)$', description: 'Waits so long for a change, at most 20000' }),
  ),
  since: Type.Optional(
    Type.String({ ...Instant, description: 'The updatedAt that the caller has; a newer one is answered at once' }),
  ),
});
const listQuery = strict({ ...pageQuery, open: Type.Optional(Type.String({ enum: ['true', 'false'] })) });

/**
 * Whose an operation is. Opening a wallet belongs to the visit, before and after signing in; anything else to the
 * person, and without one there is nothing to ask it of.
 */
export function ownerOf(actor: Actor, kind: string): Uuid {
  if (kind === 'open_wallet') return actor.visitorId;
  if (actor.personId !== null) return actor.personId;
  // Who is signing in and has forgotten the PIN has no session yet; the flow finds out who that is.
  if (kind === 'reset_pin') return actor.visitorId;
  throw refusal('security.session_expired');
}

/** An id does not say of which kind it is: the person's first, then the visit's. */
async function ofEither<T>(actor: Actor, call: (ownerId: Uuid) => Promise<T>): Promise<T> {
  if (actor.personId === null) return call(actor.visitorId);
  try {
    return await call(actor.personId);
  } catch (error) {
    if (error instanceof Failure && error.code === 'operation.not_found') return call(actor.visitorId);
    throw error;
  }
}

/** Each opening sends a message that costs money, to a number that the caller chose: sixty an hour from one address. */
const openings = (ip: string, scale: number): Rate => ({
  key: `open_wallet ${addressGroup(ip)}`,
  limit: Math.ceil(60 * scale),
  windowMs: hourMs,
});

/** How an operation is begun, followed and answered, for whoever programs against it. */
const told = {
  start:
    'Everything a person asks for begins here; `kind` says what. Look at `state` of the answer: with `needs_you` the ' +
    'step that `step` names wants what `submitStep` takes, a code or the payment PIN; with `working` or `asking` ask ' +
    'again with `waitMs`; `asking` means that the outcome is not known yet, which is not a failure. What would refuse ' +
    'it can be asked before with `preflight`. A refusal here leaves the id free.',
  read:
    'After a connection that broke, ask here: the operation is there, or was never begun (`operation.not_found`) and ' +
    'may be started with the same id. `failure` says why it did not go through, or what it waits for.',
  step:
    'The step is the `step` of the operation. One named `code` takes `code`, every other takes `pin`, which may be left ' +
    'out to pay a shop a sum that its payer allows without it (`readSmallPayments`): `security.pin_required` otherwise. ' +
    'Sent again after it was taken, it answers with the operation as it is.',
} as const;

export function addOperationRoutes(app: App, deps: HttpDependencies): void {
  const { operations, clock } = deps;
  const show = ({ record, shown }: OperationView, { language }: Actor) =>
    showOperation(record, { language, now: clock.now() }, shown);

  app.route({
    method: 'POST',
    url: '/v1/operations',
    config: changing,
    schema: {
      operationId: 'startOperation',
      causes: ofStart,
      summary: 'Starts an operation, or answers with the one that this id already is',
      description: told.start,
      body: StartOperation,
      response: answer,
    },
    handler: async (request) => {
      const actor = actorOf(request);
      const { kind, input } = request.body;
      const id = readNewId('op', request.body.id);
      if (kind === 'open_wallet') await deps.takeRate(openings(request.ip, deps.settings.rateScale));
      return show(await operations.start({ ownerId: ownerOf(actor, kind), id, kind, input, actor }), actor);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/operations',
    config: { policy: 'person' },
    schema: {
      operationId: 'listOperations',
      causes: [],
      summary: 'Operations of this person, the newest first',
      querystring: listQuery,
      response: { 200: OperationList },
    },
    handler: async (request) => {
      const actor = personOf(request);
      const { cursor, open } = request.query;
      const limit = readLimit(request.query.limit);
      const list = `operations ${open ?? 'false'}`;
      const before =
        cursor === undefined ? undefined : readPlace(readCursor(deps.digest, list, actor.personId, cursor));
      const found = await operations.list({ ownerId: actor.personId, open: open === 'true', before, limit, actor });
      const last = found.length === limit ? found.at(-1)?.record : undefined;
      return {
        operations: found.map((view) => show(view, actor)),
        nextCursor: last
          ? makeCursor(deps.digest, list, actor.personId, `${last.createdAt.toISOString()} ${last.key}`)
          : null,
      };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/operations/:id',
    config: { policy: 'visit' },
    schema: {
      operationId: 'readOperation',
      causes: ['operation.not_found'],
      summary: 'An operation as it is, or after its next change',
      description: told.read,
      params: idParams,
      querystring: oneQuery,
      response: answer,
    },
    handler: async (request) => {
      const actor = actorOf(request);
      const id = readId('op', request.params.id);
      const { waitMs, since } = request.query;
      return ofEither(actor, async (ownerId) => {
        const view = await operations.get({ ownerId, id, actor });
        const moves = view.record.state === 'working' || view.record.state === 'asking';
        const isNews = since !== undefined && view.record.updatedAt > parseInstant(since);
        const wait = Math.min(Number(waitMs ?? 0), MAX_WAIT_MS);
        if (!moves || isNews || wait === 0) return show(view, actor);
        const waiting = { ownerId, id, actor, version: view.record.version, waitMs: wait };
        const changed = await Promise.race([operations.waitForChange(waiting), whenStopping(app.stopping)]);
        return show(changed ?? view, actor);
      });
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/operations/:id/steps/:step',
    config: changing,
    schema: {
      operationId: 'submitStep',
      causes: ofStep,
      summary: 'Gives a step what it asks for',
      description: told.step,
      params: stepParams,
      body: StepInput,
      response: answer,
    },
    handler: async (request) => {
      const actor = actorOf(request);
      const { id, step } = request.params;
      const address = { id: readId('op', id), step, input: request.body, actor };
      return show(await ofEither(actor, (ownerId) => operations.submit({ ownerId, ...address })), actor);
    },
  });

  addWishRoutes(app, deps);
}

/** What can be wished for of an operation that is under way. */
function addWishRoutes(app: App, { operations, clock }: HttpDependencies): void {
  for (const [action, operationId, summary, causes] of [
    ['cancel', 'cancelOperation', 'Calls an operation back that has not left our hands', ofCancelling],
    ['ask', 'askOperation', 'Asks for the outcome now; sends nothing that could move money', ofAsking],
    ['resendCode', 'resendCode', 'Sends the code of the present step again', ofResending],
  ] as const) {
    app.route({
      method: 'POST',
      url: `/v1/operations/:id/${action === 'resendCode' ? 'resend-code' : action}`,
      config: changing,
      schema: { operationId, causes, summary, params: idParams, response: answer },
      handler: async (request) => {
        const actor = actorOf(request);
        const id = readId('op', request.params.id);
        const { record, shown } = await ofEither(actor, (ownerId) => operations[action]({ ownerId, id, actor }));
        return showOperation(record, { language: actor.language, now: clock.now() }, shown);
      },
    });
  }
}

function readPlace(position: string): { createdAt: Date; key: Uuid } {
  const [createdAt = '', key = ''] = position.split(' ');
  return { createdAt: parseInstant(createdAt), key: uuid(key) };
}

const whenStopping = (stopping: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (stopping.aborted) resolve(undefined);
    stopping.addEventListener('abort', () => resolve(undefined), { once: true });
  });
