import type { FastifyInstance, RouteOptions } from 'fastify';
import { assert } from '../kernel/assert.ts';

/**
 * Who may call a route: anyone; whoever has a session, also of nobody yet; a person; a merchant by API key; a bank,
 * whose signature the route verifies.
 */
export type Policy = 'anyone' | 'visit' | 'person' | 'merchant' | 'bank_line';
const policies: readonly Policy[] = ['anyone', 'visit', 'person', 'merchant', 'bank_line'];

/** How often: `per` counts for an address or for a session. */
export type RouteRate = { limit: number; windowMs: number; per: 'ip' | 'session' };

declare module 'fastify' {
  interface FastifyContextConfig {
    policy?: Policy;
    rate?: RouteRate;
    /** Answers while the server is overloaded and without counting: probes. */
    always?: boolean;
  }
  interface FastifyInstance {
    routeTable: RouteEntry[];
  }
}

export type RouteEntry = { method: string; url: string; policy: Policy; schema: RouteOptions['schema'] };

/** Refuses to start with a route that does not say who may call it, and keeps the list of all routes. */
export function requirePolicies(app: FastifyInstance): void {
  app.decorate('routeTable', []);
  app.addHook('onRoute', (route) => {
    const policy = route.config?.policy;
    assert(policy !== undefined && policies.includes(policy), `${String(route.method)} ${route.url} has no policy`);
    for (const method of [route.method].flat()) {
      app.routeTable.push({ method, url: route.url, policy, schema: route.schema });
    }
  });
}
