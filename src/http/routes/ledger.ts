import { Type } from 'typebox';
import { strict } from '../../contract/common.ts';
import { LedgerConsistency, LedgerHeads, LedgerKeys, LedgerReceipt } from '../../contract/receipt.ts';
import { minuteMs } from '../../kernel/clock.ts';
import type { App } from '../app-type.ts';
import { personOf } from '../authenticate.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { idParams, pageQuery, readId, readLimit } from '../route-inputs.ts';
import { showReceipt } from '../show-receipt.ts';

const Size = Type.String({ pattern: '^[1-9][0-9]{0,14}$', description: 'The size of a head' });
/** A receipt may have to wait for a head of its own. */
export const receiptRate = { limit: 60, windowMs: minuteMs, per: 'session' } as const;

/** What makes the book checkable from outside: the keys and heads that anybody may keep, and receipts for each owner. */
export function addLedgerRoutes(app: App, { person, ledger, settings }: HttpDependencies): void {
  app.route({
    method: 'GET',
    url: '/v1/ledger/keys',
    config: { policy: 'anyone' },
    schema: {
      operationId: 'listLedgerKeys',
      causes: [],
      summary: 'The public keys that heads of the book are signed with; worth keeping',
      response: { 200: LedgerKeys },
    },
    handler: async () => ({ format: 'purser-keys-1' as const, keys: await ledger.keys() }),
  });

  app.route({
    method: 'GET',
    url: '/v1/ledger/heads',
    config: { policy: 'anyone' },
    schema: {
      operationId: 'listLedgerHeads',
      causes: [],
      summary: 'Signed heads of the book, the newest first',
      querystring: strict({ before: Type.Optional(Size), limit: pageQuery.limit }),
      response: { 200: LedgerHeads },
    },
    handler: async ({ query }) => {
      const limit = readLimit(query.limit);
      const heads = await ledger.heads({ limit, ...(query.before ? { beforeSize: Number(query.before) } : {}) });
      const last = heads.length === limit ? heads.at(-1) : undefined;
      return { heads, nextBefore: last && last.size > 1 ? String(last.size) : null };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/ledger/consistency',
    config: { policy: 'anyone' },
    schema: {
      operationId: 'proveConsistency',
      causes: [],
      summary: 'That the book of one head begins with the book of an older one; with the newest where `to` is left out',
      querystring: strict({ from: Size, to: Type.Optional(Size) }),
      response: { 200: LedgerConsistency },
    },
    handler: async ({ query }) => {
      const proof = await ledger.consistency(Number(query.from), query.to ? Number(query.to) : undefined);
      if (!proof) throw new HttpRefusal(404, 'no such heads, or the first is the newer one');
      return { format: 'purser-consistency-1' as const, ...proof };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/transactions/:id/receipt',
    config: { policy: 'person', rate: receiptRate },
    schema: {
      operationId: 'readReceipt',
      causes: ['operation.not_found'],
      summary: 'A movement with the proof that it stands in the book, to keep and to check without the wallet',
      description: 'Both account numbers stand in the signed entry; the other side’s too. See docs/receipts.md.',
      params: idParams,
      response: { 200: LedgerReceipt },
    },
    handler: async (request) => {
      const actor = personOf(request);
      const receipt = await person.readReceipt(actor, readId('tx', request.params.id));
      return showReceipt(receipt, actor.language, settings.publicUrl);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/operations/:id/receipt',
    config: { policy: 'person', rate: receiptRate },
    schema: {
      operationId: 'readReceiptOfOperation',
      causes: ['operation.not_found', 'operation.in_progress'],
      summary: 'The receipt of the movement that an operation made',
      params: idParams,
      response: { 200: LedgerReceipt },
    },
    handler: async (request) => {
      const actor = personOf(request);
      const receipt = await person.readReceiptOfOperation(actor, readId('op', request.params.id));
      return showReceipt(receipt, actor.language, settings.publicUrl);
    },
  });
}
