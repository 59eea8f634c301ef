import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/kernel/clock.ts';
import { newId, toPublicId } from '../src/kernel/ids.ts';
import { systemRandom } from '../src/kernel/random.ts';
import type { LoadPerson } from './http-people.ts';

/** The load: a process of its own, started by http.ts. Each connection is one device that asks one thing after another. */

export type Plan = {
  /** Of the wallets; the callers go to them in turn. */
  ports: readonly number[];
  job: 'two-requests' | 'send-now' | 'send-now-with-pin' | 'pay-out';
  /** One connection for each of them. */
  people: readonly LoadPerson[];
  warmMs: number;
  runMs: number;
};

export type LoadResult = {
  transfers: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  loadMicros: number;
  /** Answers that were not what they should be, by what they said. */
  failures: Record<string, number>;
};

type Answer = { status: number; body: string };

/** One connection with one request at a time: enough of HTTP/1.1 for answers that say their length. */
class Line {
  readonly #socket: Socket;
  #received = '';
  #take: ((answer: Answer) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (text: string) => this.#hear(text));
    const lost = (error?: Error) => this.#fail?.(error ?? new Error('the connection was closed'));
    socket.on('error', lost);
    socket.on('close', () => lost());
  }

  static open(port: number, localAddress: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress }, () => resolve(new Line(socket)));
      socket.once('error', reject);
    });
  }

  post(path: string, token: string, body: string): Promise<Answer> {
    this.#socket.write(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
    return new Promise((resolve, reject) => {
      this.#take = resolve;
      this.#fail = reject;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (this.#received.length < end) return;
    const body = this.#received.slice(headEnd + 4, end);
    this.#received = this.#received.slice(end);
    this.#take?.({ status: Number(head.slice(9, 12)), body });
  }
}

const newPublicId = (prefix: string) => toPublicId(prefix, newId(systemClock, systemRandom));
const newOperationId = () => newPublicId('op');

/** What one device does over and over; answers with how many transfers were made. */
type Job = (line: Line, me: LoadPerson, other: LoadPerson) => Promise<number>;

class Unexpected extends Error {}

function expectState(answer: Answer, state: string): void {
  if (answer.status === 200 && answer.body.includes(`"state":"${state}"`)) return;
  const what = /"code":"[^"]+"/.exec(answer.body)?.[0] ?? /"state":"[^"]+"/.exec(answer.body)?.[0] ?? 'no words';
  throw new Unexpected(`${answer.status} ${what}`);
}

const sendNow =
  (withPin: boolean): Job =>
  async (line, me, other) => {
    const more = withPin ? { pin: me.pin } : {};
    const body = { id: newOperationId(), payeePhone: other.phone, amount: { minor: '1', currency: 'CNY' }, ...more };
    expectState(await line.post('/v1/transfers', me.token, JSON.stringify(body)), 'succeeded');
    return 1;
  };

const jobs: Readonly<Record<Plan['job'], Job>> = {
  'two-requests': async (line, me, other) => {
    const id = newOperationId();
    const input = { payeePhone: other.phone, amount: { minor: '1', currency: 'CNY' } };
    const started = await line.post('/v1/operations', me.token, JSON.stringify({ id, kind: 'transfer', input }));
    expectState(started, 'needs_you');
    const confirmed = await line.post(`/v1/operations/${id}/steps/confirm`, me.token, JSON.stringify({ pin: me.pin }));
    expectState(confirmed, 'succeeded');
    return 1;
  },
  'pay-out': async (line, me, other) => {
    const payouts = Array.from({ length: 100 }, () => ({
      id: newPublicId('po'),
      payeePhone: other.phone,
      amount: { minor: '1', currency: 'CNY' },
    }));
    const body = JSON.stringify({ id: newPublicId('pb'), payouts });
    const answer = await line.post('/v1/merchant/payouts', me.merchantKey ?? '', body);
    if (!answer.body.includes('"paid":100,')) expectState(answer, 'paid');
    return 100;
  },
  'send-now': sendNow(false),
  'send-now-with-pin': sendNow(true),
};

const quantile = (sorted: Float64Array, part: number): number =>
  Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(2));

async function runPlan(plan: Plan): Promise<LoadResult> {
  const { people } = plan;
  const lines = await Promise.all(
    people.map((each, index) => Line.open(plan.ports[index % plan.ports.length] ?? 0, each.address)),
  );
  const latencies: number[] = [];
  const failures: Record<string, number> = {};
  let transfers = 0;
  let measuring = false;
  let stopped = false;
  let warm = 0;
  const device = async (line: Line, index: number) => {
    const [me, other] = [people[index], people[(index + 1) % people.length]];
    if (!me || !other) return;
    for (let round = 0; !stopped; round += 1) {
      // The first transfer of a person makes what counts their limits; that happens once a day.
      if (round === 2) warm += 1;
      const begun = performance.now();
      try {
        const made = await jobs[plan.job](line, me, other);
        if (!measuring) continue;
        transfers += made;
        latencies.push(performance.now() - begun);
      } catch (error) {
        if (stopped) return;
        const what = error instanceof Error ? error.message : String(error);
        failures[what] = (failures[what] ?? 0) + 1;
        if (!(error instanceof Unexpected)) return;
      }
    }
  };
  const all = Promise.all(lines.map(device));
  while (warm < lines.length) await pause(50);
  await pause(plan.warmMs);
  process.send?.('measuring');
  const [cpu, begun] = [process.cpuUsage(), performance.now()];
  measuring = true;
  await pause(plan.runMs);
  measuring = false;
  const seconds = (performance.now() - begun) / 1000;
  const own = process.cpuUsage(cpu);
  process.send?.('measured');
  stopped = true;
  await all;
  for (const line of lines) line.close();
  const sorted = Float64Array.from(latencies).sort();
  return {
    transfers,
    seconds,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    loadMicros: own.user + own.system,
    failures,
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

process.once('message', (plan: Plan) => {
  void runPlan(plan).then((result) => {
    process.send?.(result);
    process.disconnect?.();
  });
});
