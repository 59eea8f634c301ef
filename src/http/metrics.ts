import type { FastifyInstance } from 'fastify';
import type { PublicDoor } from './dependencies.ts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Figures of this process for Prometheus. Labels are routes, methods and statuses: nothing of a person or an id. */
export function createMetrics(
  app: FastifyInstance,
  inFlight: () => number,
  { countReviews, countCompared }: Pick<PublicDoor, 'countReviews' | 'countCompared'>,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const duration = new Histogram({
    name: 'purser_http_request_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25],
    registers,
  });
  const refusals = new Counter({
    name: 'purser_http_problems_total',
    help: 'Answers that were problem documents, by cause',
    labelNames: ['code'],
    registers,
  });
  new Gauge({
    name: 'purser_http_requests_in_flight',
    help: 'Requests in work',
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  new Gauge({
    name: 'purser_reviews',
    help: 'What only people can end (movements, money that is left, accounts), and those whose person has waited longer than promised',
    labelNames: ['state'],
    registers,
    async collect() {
      // Without the database the last count stands.
      const counted = await countReviews().catch(() => undefined);
      if (!counted) return;
      this.set({ state: 'waiting' }, counted.waiting);
      this.set({ state: 'late' }, counted.late);
    },
  });
  measureAccounts(registry, countCompared);
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    if (reply.problemCode !== undefined) refusals.inc({ code: reply.problemCode });
    done();
  });
  return registry;
}

/** Whether what is stopped in the rows of people is stopped in the ledger: all processes on one database say the same. */
function measureAccounts(registry: Registry, countCompared: PublicDoor['countCompared']): void {
  const registers = [registry];
  // Without the database the last count stands.
  const count = () => countCompared().catch(() => undefined);
  new Counter({
    name: 'purser_account_differences_total',
    help: 'Accounts that the comparison of each minute found stopped, or open, in the ledger otherwise than in their row',
    registers,
    async collect() {
      const counted = await count();
      if (!counted) return;
      this.reset();
      this.inc(counted.found);
    },
  });
  new Gauge({
    name: 'purser_accounts_not_in_ledger',
    help: 'Accounts whose state is on its way to the ledger: stops and lifts (seconds), closings (until their bank has ended)',
    labelNames: ['state'],
    registers,
    async collect() {
      const counted = await count();
      if (!counted) return;
      this.set({ state: 'stopping' }, counted.notInBooks);
      this.set({ state: 'closing' }, counted.closing);
    },
  });
}
