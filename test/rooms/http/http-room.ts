import type { FastifyInstance, InjectOptions } from 'fastify';
import { refusal } from '../../../src/causes/refusal.ts';
import { connectDatabase } from '../../../src/database/database.ts';
import { createRateTaker } from '../../../src/features/security/take-rate.ts';
import { endSession, endSessionOfPerson } from '../../../src/features/sessions/end-session.ts';
import { createSessionFinder } from '../../../src/features/sessions/find-session.ts';
import { listSessions } from '../../../src/features/sessions/list-sessions.ts';
import { startSession } from '../../../src/features/sessions/start-session.ts';
import { startVisit } from '../../../src/features/sessions/start-visit.ts';
import { createHttp } from '../../../src/http/create-http.ts';
import type { HttpDependencies, HttpSettings } from '../../../src/http/dependencies.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { createDigest } from '../../../src/kernel/envelope.ts';
import { deriveId, newId } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createSetClock } from '../security/security-room.ts';

export const ORIGIN = 'http://localhost:7070';
/** What the app in the browser sends with each request. */
export const webHeaders = { origin: ORIGIN, 'x-purser-client': 'web' };

const notHere = (): never => {
  throw refusal('operation.not_found');
};

/**
 * The server on a real database with real sessions and rates, without the flows behind it: what is looked at is the
 * way of a request to its use case and back. `change` puts something of a test's own in its place.
 */
export async function createHttpRoom(
  settings: Partial<HttpSettings> = {},
  change: (deps: HttpDependencies) => HttpDependencies = (deps) => deps,
) {
  const home = await createTestDatabase();
  const database = connectDatabase({ connectionString: home.connectionString, applicationRole: true, max: 8 });
  // Its moment is set, but who waits on it really waits.
  const clock = { ...createSetClock(), sleep: systemClock.sleep };
  const ground = { database, clock, random: systemRandom, digest: createDigest({ key: systemRandom.bytes(32) }) };
  const lines: string[] = [];
  const deps: HttpDependencies = {
    ...ground,
    settings: {
      publicUrl: ORIGIN,
      version: '0.0.0',
      trustedProxies: [],
      webRoot: undefined,
      rateScale: 20,
      logLevel: 'info',
      logTo: { write: (line) => lines.push(line) },
      ...settings,
    },
    takeRate: createRateTaker(ground),
    sessions: {
      startVisit: (request) => startVisit(ground, request),
      // The operation's id stands for the person that it proved.
      start: ({ actor, operationId, device, kind }) =>
        startSession(ground, {
          visitSessionId: actor.sessionId,
          personId: deriveId(operationId, 'person'),
          operationKey: operationId,
          device,
          kind,
        }),
      find: createSessionFinder(ground),
      list: (request) => listSessions(ground, request),
      end: (request) => endSession(ground, request),
      endOfPerson: (request) => endSessionOfPerson(ground, request),
    },
    operations: {
      start: notHere,
      submit: notHere,
      cancel: notHere,
      ask: notHere,
      resendCode: notHere,
      get: notHere,
      waitForChange: notHere,
      list: async () => [],
      preflight: async () => [],
    },
    person: {
      readMe: notHere,
      setLanguage: notHere,
      setPin: notHere,
      freeze: notHere,
      close: notHere,
      unfreeze: notHere,
      readLimits: notHere,
      readBalance: notHere,
      listCards: async () => [],
      readCard: notHere,
      removeCard: notHere,
      listTransactions: async () => ({ transactions: [], next: 5n }),
      readTransaction: notHere,
      readReceipt: notHere,
      readReceiptOfOperation: notHere,
      lookUpPayee: notHere,
    },
    transfers: {
      sendNow: notHere,
      readSmallPayments: notHere,
      allowSmallPayments: notHere,
      endSmallPayments: notHere,
    },
    ledger: { keys: async () => [], heads: async () => [], consistency: async () => undefined },
    merchants: {
      findByKey: async () => undefined,
      readAvailable: notHere,
      listMovements: notHere,
      createOrder: notHere,
      readOrder: notHere,
      payOut: notHere,
      readPayout: notHere,
      readOrderReceipt: notHere,
      readPayoutReceipt: notHere,
    },
    open: {
      lookUpCard: () => null,
      readOrder: notHere,
      payUrl: () => '',
      readStatus: async () => ({ wallet: 'up', banks: [] }),
      receiveBankNotice: async () => false,
      countReviews: async () => ({ waiting: 2, late: 1 }),
      countCompared: async () => ({ notInBooks: 1, closing: 3, found: 7 }),
      checkReady: async () => ({ database: true }),
    },
  };
  const app = await createHttp(change(deps));
  return {
    app,
    clock,
    database,
    lines,
    ...callers(app, ground.clock),
    close: async () => {
      await app.close();
      await database.close();
      await home.drop();
    },
  };
}

export type HttpRoom = Awaited<ReturnType<typeof createHttpRoom>>;

function callers(app: FastifyInstance, clock: Parameters<typeof newId>[0]) {
  const call = async (options: InjectOptions) => {
    const answer = await app.inject(options);
    const isJson = /json/.test(String(answer.headers['content-type'] ?? ''));
    return {
      status: answer.statusCode,
      headers: answer.headers,
      cookies: answer.cookies,
      text: answer.body,
      body: (isJson ? answer.json() : undefined) as { [name: string]: unknown } | undefined,
    };
  };
  const newOperationId = () => newId(clock, systemRandom);
  return { call, newOperationId };
}
