import { CloseWallet, Limits, Me, SetPin, Unfreeze, UpdateMe } from '../../contract/wallet.ts';
import { minuteMs } from '../../kernel/clock.ts';
import { pin } from '../../kernel/masked.ts';
import type { App } from '../app-type.ts';
import { personOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { ofAccount, ofInput, ofPin } from '../refusals.ts';
import { Nothing } from '../route-inputs.ts';
import { showLimit, showMe } from '../show-wallet.ts';

export function addMeRoutes(app: App, { person }: HttpDependencies): void {
  app.route({
    method: 'GET',
    url: '/v1/me',
    config: { policy: 'person' },
    schema: {
      operationId: 'readMe',
      causes: [],
      summary: 'What the wallet knows of this person, masked',
      response: { 200: Me },
    },
    handler: async (request) => showMe(await person.readMe(personOf(request))),
  });

  app.route({
    method: 'PATCH',
    url: '/v1/me',
    config: { policy: 'person' },
    schema: {
      operationId: 'updateMe',
      causes: [],
      summary: 'Changes the language',
      body: UpdateMe,
      response: { 200: Me },
    },
    handler: async (request) => {
      const actor = personOf(request);
      if (request.body.language !== undefined) await person.setLanguage(actor, request.body.language);
      return showMe(await person.readMe(actor));
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/me/payment-pin',
    config: { policy: 'person', rate: { limit: 20, windowMs: 10 * minuteMs, per: 'session' } },
    schema: {
      operationId: 'setPaymentPin',
      causes: [...ofInput, 'input.secret_weak', 'security.pin_required', ...ofPin, 'security.pin_changed_meanwhile'],
      summary: 'Sets the payment PIN, or changes it with the present one; a change signs the other devices out',
      body: SetPin,
      response: { 204: Nothing },
    },
    handler: async (request, reply) => {
      const { pin: wanted, currentPin } = request.body;
      await person.setPin(personOf(request), {
        pin: pin(wanted),
        currentPin: currentPin === undefined ? undefined : pin(currentPin),
      });
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/me/limits',
    config: { policy: 'person' },
    schema: {
      operationId: 'readLimits',
      causes: [],
      summary: 'Each limit and what is left of it',
      response: { 200: Limits },
    },
    handler: async (request) => {
      const { limits, policyVersion } = await person.readLimits(personOf(request));
      return { limits: limits.map(showLimit), policyVersion };
    },
  });

  addAccountRoutes(app, person);
}

/** What stops the account, and lets it go again. */
function addAccountRoutes(app: App, person: HttpDependencies['person']): void {
  app.route({
    method: 'POST',
    url: '/v1/me/freeze',
    config: { policy: 'person' },
    schema: {
      operationId: 'freezeAccount',
      causes: ofAccount,
      summary:
        'Freezes the account at once, and ends its other sessions: nothing leaves it until its owner lifts the freeze',
      response: { 204: Nothing },
    },
    handler: async (request, reply) => {
      await person.freeze(personOf(request));
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/me/unfreeze',
    config: { policy: 'person', rate: { limit: 20, windowMs: 10 * minuteMs, per: 'session' } },
    schema: {
      operationId: 'unfreezeAccount',
      causes: [
        ...ofInput,
        'input.id_number_invalid',
        'identity.name_id_mismatch',
        'limit.tries',
        ...ofPin,
        ...ofAccount,
        'operation.not_found',
      ],
      summary: 'Lifts a freeze that the owner set, after name, ID number and payment PIN',
      body: Unfreeze,
      response: { 204: Nothing },
    },
    handler: async (request, reply) => {
      const { name, idNumber, pin: typed } = request.body;
      await person.unfreeze(personOf(request), { name, idNumber, pin: pin(typed) });
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/me/close',
    config: { policy: 'person', rate: { limit: 20, windowMs: 10 * minuteMs, per: 'session' } },
    schema: {
      operationId: 'closeWallet',
      causes: [...ofInput, ...ofPin, ...ofAccount, 'account.balance_left', 'operation.previous_unsettled'],
      summary: 'Closes the wallet for good, once it is empty and nothing of it is on its way',
      body: CloseWallet,
      response: { 204: Nothing },
    },
    handler: async (request, reply) => {
      await person.close(personOf(request), { pin: pin(request.body.pin) });
      return reply.code(204).send(null);
    },
  });
}
