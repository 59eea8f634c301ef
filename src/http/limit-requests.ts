import type { FastifyRequest } from 'fastify';
import { addressGroup } from '../kernel/address-group.ts';
import { minuteMs, type Clock } from '../kernel/clock.ts';
import type { HttpDependencies } from './dependencies.ts';
import type { RouteRate } from './route-policy.ts';

/** Requests of all kinds from one address, and from one session. */
const general = { ip: { limit: 1200, windowMs: minuteMs }, session: { limit: 600, windowMs: minuteMs } } as const;
const KEPT_MS = 20_000;
const MAX_KEPT = 30_000;

/** A twentieth of a generous rate, at most a score; of a narrow one each is counted by itself. */
const lotOf = (limit: number): number => Math.min(20, Math.max(1, Math.floor(limit / 20)));

/**
 * Counts requests against the rates in the database, so that they hold for all processes together. They are taken in
 * lots, which are then given out here, so that most requests write nothing.
 */
export function createRequestLimits(deps: Pick<HttpDependencies, 'clock' | 'takeRate' | 'settings'>) {
  const lots = createLots(deps.clock);
  const pending = new Map<string, Promise<void>>();

  /** Nothing to wait for where there is some left of a lot. */
  function take(
    key: string,
    { limit: asked, windowMs }: { limit: number; windowMs: number },
  ): Promise<void> | undefined {
    const limit = Math.ceil(asked * deps.settings.rateScale);
    const lot = lotOf(limit);
    if (lot === 1) return deps.takeRate({ key, limit, windowMs });
    return lots.take(key) ? undefined : takeOfNext(key, lot, { limit, windowMs });
  }

  /** Those who come while a lot is being fetched wait for it, so that a burst takes no more lots than it needs. */
  async function takeOfNext(key: string, lot: number, rate: { limit: number; windowMs: number }): Promise<void> {
    while (!lots.take(key)) {
      const fetching =
        pending.get(key) ?? fetchLot(key, lot, rate.limit, rate.windowMs).finally(() => pending.delete(key));
      pending.set(key, fetching);
      await fetching;
    }
  }

  async function fetchLot(key: string, lot: number, limit: number, windowMs: number): Promise<void> {
    await deps.takeRate({ key: `lots of ${lot} ${key}`, limit: Math.floor(limit / lot), windowMs });
    lots.put(key, lot);
  }

  return {
    forAddress: (request: FastifyRequest) => take(`all ip ${addressGroup(request.ip)}`, general.ip),
    forSession: ({ session }: FastifyRequest) =>
      session ? take(`all session ${session.sessionId}`, general.session) : undefined,
    /** The rate that a route has of its own; of a session where there is one. */
    forRoute: (request: FastifyRequest, rate: RouteRate) => {
      const { session } = request;
      const who = rate.per === 'session' && session ? session.sessionId : addressGroup(request.ip);
      return take(`${request.method} ${request.routeOptions.url ?? ''} ${rate.per} ${who}`, rate);
    },
  };
}

function createLots(clock: Clock) {
  const kept = new Map<string, { left: number; until: number }>();
  return {
    take(key: string): boolean {
      const lot = kept.get(key);
      if (!lot || lot.left === 0 || lot.until <= clock.now().getTime()) return false;
      lot.left -= 1;
      return true;
    },
    put(key: string, left: number): void {
      kept.delete(key);
      kept.set(key, { left, until: clock.now().getTime() + KEPT_MS });
      // The oldest goes; what was left of it is lost, which only makes the rate stricter.
      const oldest = kept.size > MAX_KEPT ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
    },
  };
}
