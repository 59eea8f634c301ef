import { ServiceStatus } from '../../contract/wallet.ts';
import type { App } from '../app-type.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { readLanguage } from '../language.ts';
import { showBankHealth } from '../show-wallet.ts';

export function addStatusRoutes(app: App, { open, settings }: HttpDependencies): void {
  app.route({
    method: 'GET',
    url: '/v1/status',
    config: { policy: 'anyone' },
    schema: {
      operationId: 'readStatus',
      causes: [],
      summary: 'How the wallet and the banks are',
      response: { 200: ServiceStatus },
    },
    handler: async (request) => {
      const language = readLanguage(request.headers['accept-language']);
      const { wallet, banks } = await open.readStatus();
      return { wallet, version: settings.version, banks: banks.map((bank) => showBankHealth(bank, language)) };
    },
  });
}
