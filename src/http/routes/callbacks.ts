import { Type } from 'typebox';
import { strict } from '../../contract/common.ts';
import { assert } from '../../kernel/assert.ts';
import { minuteMs } from '../../kernel/clock.ts';
import type { App } from '../app-type.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { Nothing } from '../route-inputs.ts';

const bankParams = strict({ bankCode: Type.String({ pattern: '^[A-Za-z0-9-]{1,32}$' }) });

/** Notices of banks. Their signature runs over the bytes as they came, so nothing parses them before. */
export function addCallbackRoutes(app: App, { open }: HttpDependencies): void {
  void app.register(async (inner: App) => {
    inner.removeAllContentTypeParsers();
    inner.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: unknown) => body);
    inner.route({
      method: 'POST',
      url: '/callbacks/banks/:bankCode',
      config: { policy: 'bank_line', rate: { limit: 6000, windowMs: minuteMs, per: 'ip' } },
      schema: {
        operationId: 'receiveBankNotice',
        causes: [],
        summary: 'A bank says that something happened; it is asked before anything is believed',
        params: bankParams,
        response: { 204: Nothing },
      },
      handler: async (request, reply) => {
        const { body } = request;
        assert(Buffer.isBuffer(body) || body === undefined, 'read as a buffer');
        const isBelieved = await open.receiveBankNotice({
          bankCode: request.params.bankCode,
          headers: request.headers,
          rawBody: body ?? new Uint8Array(),
        });
        if (!isBelieved) throw new HttpRefusal(401, 'notice not signed by this bank');
        return reply.code(204).send(null);
      },
    });
  });
}
