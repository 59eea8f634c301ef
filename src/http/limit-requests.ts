import type { FastifyRequest } from 'fastify';
import { addressGroup } from '../kernel/address-group.ts';
import { minuteMs, type Clock } from '../kernel/clock.ts';
import type { HttpDependencies } from './dependencies.ts';
import type { RouteRate } from './route-policy.ts';

/** Requests of all kinds from one address, and from one session. Taken from the database by the dozen. */
const general = { ip: { limit: 1200, windowMs: minuteMs }, session: { limit: 600, windowMs: minuteMs } } as const;
const BY_THE_DOZEN = 20;
const KEPT_MS = 20_000;
const MAX_KEPT = 10_000;

/**
 * Counts requests against the rates in the database, so that they hold for all processes together. The general rates
 * are taken in lots of twenty, which are then given out here, so that most requests write nothing.
 */
export function createRequestLimits(deps: Pick<HttpDependencies, 'clock' | 'takeRate' | 'settings'>) {
  const lots = createLots(deps.clock);
  const pending = new Map<string, Promise<void>>();
  const scale = deps.settings.rateScale;

  /** Those who come while a lot is being fetched wait for it, so that a burst takes no more lots than it needs. */
  async function takeGeneral(per: 'ip' | 'session', who: string): Promise<void> {
    const key = `${per} ${who}`;
    while (!lots.take(key)) {
      const fetching = pending.get(key) ?? fetchLot(per, key).finally(() => pending.delete(key));
      pending.set(key, fetching);
      await fetching;
    }
  }

  async function fetchLot(per: 'ip' | 'session', key: string): Promise<void> {
    const { limit, windowMs } = general[per];
    await deps.takeRate({ key: `all ${key}`, limit: Math.ceil((limit * scale) / BY_THE_DOZEN), windowMs });
    lots.put(key, BY_THE_DOZEN);
  }

  return {
    forAddress: (request: FastifyRequest) => takeGeneral('ip', addressGroup(request.ip)),
    forSession: async (request: FastifyRequest) => {
      if (request.session) await takeGeneral('session', request.session.sessionId);
    },
    /** The rate that a route has of its own; of a session where there is one. */
    forRoute: async (request: FastifyRequest, rate: RouteRate) => {
      const { session } = request;
      const who = rate.per === 'session' && session ? session.sessionId : addressGroup(request.ip);
      const route = `${request.method} ${request.routeOptions.url ?? ''}`;
      await deps.takeRate({
        key: `${route} ${rate.per} ${who}`,
        limit: Math.ceil(rate.limit * scale),
        windowMs: rate.windowMs,
      });
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
