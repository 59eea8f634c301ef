import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../../web/client/client.ts';
import { newOperationId } from '../../../web/client/new-id.ts';
import { ProblemError } from '../../../web/client/problem-error.ts';
import { reproduces } from '../../support/reproduces.ts';

// The app's own client against servers that answer badly or not at all: real sockets, no stand-ins.

/** For servers that stay silent; with all others a slow machine is waited for. */
const SLOW_MS = 300;
let server: Server | undefined;
let online = true;

beforeEach(() => {
  online = true;
  Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => online });
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
  server = undefined;
});

async function clientOf(answer: RequestListener, language: 'zh-CN' | 'en' = 'zh-CN') {
  server = createServer(answer);
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const slow = answer === silent ? { slowMs: SLOW_MS } : {};
  return createClient({ baseUrl: `http://127.0.0.1:${port}`, language: () => language, ...slow });
}

async function problemOf(asked: Promise<unknown>) {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProblemError)) throw error ?? new Error('it was answered');
  return error.problem;
}

const silent: RequestListener = () => undefined;
const cut: RequestListener = (request) => request.socket.destroy();
const topUp = (client: Awaited<ReturnType<typeof clientOf>>, id: string) =>
  client.start(id, 'top_up', {
    cardId: 'card_01h455vb4pex5vsknk084sn02q',
    amount: { minor: '50000', currency: 'CNY' },
  });

describe('what the app tells when no answer comes', () => {
  it('without a connection nothing is sent, and that is known', async () => {
    online = false;
    let asked = 0;
    const client = await clientOf(() => (asked += 1));
    const problem = await problemOf(topUp(client, newOperationId()));
    expect(problem.code).toBe(reproduces('network.offline'));
    expect(problem.moneyMoved).toBe('no');
    expect(asked).toBe(0);
  });
  it('a request that was cut off may have arrived: the operation is asked about, never begun again under another id', async () => {
    const id = newOperationId();
    const problem = await problemOf(topUp(await clientOf(cut), id));
    expect(problem.code).toBe(reproduces('network.interrupted'));
    expect(problem).toMatchObject({ retry: 'query_first', moneyMoved: 'unknown', operation: id, flow: 'top_up' });
    expect(problem.remedies.map(({ action }) => action)).not.toContain('start_over');
  });
  it('a request that nobody answers in time is asked about too', async () => {
    const problem = await problemOf(topUp(await clientOf(silent), newOperationId()));
    expect(problem.code).toBe(reproduces('network.slow'));
    expect(problem.retry).toBe('query_first');
  });
  it('an answer to a change that breaks off says nothing about its outcome', async () => {
    const half: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id":');
      setTimeout(() => response.destroy(), 20);
    };
    const problem = await problemOf(topUp(await clientOf(half), newOperationId()));
    expect(problem).toMatchObject({ code: 'network.interrupted', moneyMoved: 'unknown' });
  });
  it('reading that takes too long is a weak connection, and changed nothing', async () => {
    const problem = await problemOf((await clientOf(silent)).balance());
    expect(problem.code).toBe(reproduces('network.weak'));
    expect(problem.moneyMoved).toBe('no');
  });
  it('a server that is gone is told as ours, in the language of the person', async () => {
    const client = await clientOf(cut, 'en');
    const problem = await problemOf(client.freeze());
    expect(problem.code).toBe(reproduces('wallet.unreachable'));
    expect(problem.retry).toBe('query_first');
    expect(problem.title).not.toMatch(/[\u3400-\u9fff]/);
  });
  it('where only something was read, nothing was sent: no word of a result that is to be asked for', async () => {
    const client = await clientOf(cut, 'en');
    const readings = [
      client.balance(),
      client.lookUpPayee('13800000000'),
      client.preflight({ kind: 'pay', input: { orderId: 'ord_01h455vb4pex5vsknk084sn02q' } }),
    ];
    for (const reading of readings) {
      const problem = await problemOf(reading);
      expect(problem.code).toBe(reproduces('wallet.not_loaded'));
      expect(problem).toMatchObject({ moneyMoved: 'no', retry: 'later', side: 'wallet' });
      expect(problem.remedies[0]?.action).toBe('continue_step');
      expect(problem.title).not.toMatch(/[\u3400-\u9fff]/);
    }
    const gateway: RequestListener = (_request, response) => response.writeHead(502).end('<h1>no</h1>');
    const behind = await clientOf(gateway);
    expect((await problemOf(behind.me())).code).toBe('wallet.not_loaded');
    expect((await problemOf(behind.freeze())).code).toBe('wallet.unreachable');
  });
  it('a change without an operation that nobody answers in time may have been made', async () => {
    expect((await problemOf((await clientOf(silent)).freeze())).code).toBe('network.slow');
  });
  it('a gateway that answers without a problem document has a cause all the same', async () => {
    const gateway: RequestListener = (_request, response) => response.writeHead(503).end('<h1>busy</h1>');
    expect(await problemOf((await clientOf(gateway)).balance())).toMatchObject({ code: 'wallet.overloaded' });
  });
  it('what the screen itself called off is no failure', async () => {
    const stop = new AbortController();
    const asked = (await clientOf(silent)).balance(stop.signal);
    stop.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});
