import type { App } from '../app-type.ts';

export function addOpenApiRoutes(app: App, describeApi: () => object): void {
  let text: string | undefined;
  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { policy: 'anyone' },
    schema: { hide: true },
    handler: async (_request, reply) => {
      text ??= JSON.stringify(describeApi());
      return reply.header('cache-control', 'no-cache').type('application/json').send(text);
    },
  });
}
