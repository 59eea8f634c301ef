import { registry } from '../../causes/registry.ts';
import type { Cause } from '../../causes/cause.ts';
import { CauseList } from '../../contract/wallet.ts';
import type { App } from '../app-type.ts';

/** What is public of a cause; the hints for supporters stay with them. */
const showCause = ([code, cause]: [string, Cause]) => ({
  code,
  side: cause.side,
  retry: cause.retry,
  moneyMoved: cause.money,
  status: cause.httpStatus,
  field: cause.field,
  flows: cause.flows,
  remedies: cause.remedies,
  words: Object.fromEntries(
    Object.entries(cause.words).map(([language, words]) => [
      language,
      { title: words.title, text: words.text, sideNote: words.sideNote },
    ]),
  ),
});
const causes = Object.entries<Cause>(registry).map(showCause);

export function addCauseRoutes(app: App): void {
  app.route({
    method: 'GET',
    url: '/v1/causes',
    config: { policy: 'anyone' },
    schema: {
      operationId: 'listCauses',
      causes: [],
      summary: 'Every cause of failure there is',
      response: { 200: CauseList },
    },
    handler: async () => ({ causes }),
  });
}
