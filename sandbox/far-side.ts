import type { KeyObject } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour, Behaviours } from './behaviours.ts';
import type { Clock } from './clock.ts';
import { type AnswerFault, findDoubt, nonceOf, sendAnswer } from './line.ts';
import type { Store } from './store.ts';

/** How a request meets the behaviour that the desk asked for, on the socket itself. */

export type LineDependencies = {
  store: Store;
  clock: Clock;
  behaviours: Behaviours;
  partnerPublicKey: KeyObject;
  privateKey: KeyObject;
  /** Aborted when the sandbox ends: what still waits is dropped, as by a process that died. */
  ending: AbortSignal;
};

export type Served = { status: number; content: unknown };
/** Does what was asked, as far as the behaviour lets it, and says what to answer. */
export type Work = (behaviour: Behaviour) => Served;

const FAULTS: readonly string[] = [
  'unsigned',
  'wrong_signature',
  'stale_answer',
  'broken_body',
  'cut_answer',
] satisfies AnswerFault[];
const isFault = (mode: string): mode is AnswerFault => FAULTS.includes(mode);

const SLOW_MS = 3000;
const HELD_MS = 120_000;

const taken = new WeakMap<FastifyRequest, Behaviour>();

/** Before a byte of the body is read: a bank that is down breaks the connection. */
export function meetConnection(
  deps: LineDependencies,
  targetOf: (request: FastifyRequest) => { target: string; action: string },
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { target, action } = targetOf(request);
    const behaviour = deps.behaviours.take(target, action);
    taken.set(request, behaviour);
    if (behaviour.mode === 'down') {
      reply.hijack();
      request.raw.socket.resetAndDestroy();
      return;
    }
    // From here on the body may come, and what it asks for may be carried out.
    if (request.headers.expect === '100-continue') reply.raw.writeContinue();
  };
}

/** Keeps a connection open without a word, until the other side or we have had enough of it. */
function hold({ ending }: LineDependencies, reply: FastifyReply): void {
  reply.hijack();
  const { socket } = reply.raw;
  const end = () => socket?.destroy();
  const timer = setTimeout(end, HELD_MS).unref();
  ending.addEventListener('abort', end, { once: true });
  socket?.once('close', () => {
    clearTimeout(timer);
    ending.removeEventListener('abort', end);
  });
}

export async function serve(
  deps: LineDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  work: Work,
): Promise<void> {
  const behaviour = taken.get(request) ?? { mode: 'normal' };
  const answer = ({ status, content }: Served, fault?: AnswerFault) =>
    sendAnswer(deps, reply, nonceOf(request), status, content, fault);
  const doubt = findDoubt(deps, request);
  if (doubt !== undefined) return answer({ status: 401, content: { error: doubt } });
  const { mode } = behaviour;
  if (mode === 'silent_before') return hold(deps, reply);
  if (mode === 'fault_500') return answer({ status: 500, content: { error: 'something broke' } });
  if (mode === 'slow') {
    // It is carried out even if nobody waits for the answer any more.
    await sleep(behaviour.delayMs ?? SLOW_MS, undefined, { signal: deps.ending }).catch(() => undefined);
    if (deps.ending.aborted) return hold(deps, reply);
  }
  const served = work(behaviour);
  if (mode === 'silent') return hold(deps, reply);
  if (mode === 'lose_answer') {
    reply.hijack();
    request.raw.socket.resetAndDestroy();
    return;
  }
  if (mode === 'fault_500_after') return answer({ status: 500, content: { error: 'something broke' } });
  if (mode === 'callback_early') {
    await sleep(behaviour.delayMs ?? 500, undefined, { signal: deps.ending }).catch(() => undefined);
  }
  answer(served, isFault(mode) ? mode : undefined);
}

/** Bodies stay bytes, since it is the bytes that are signed. */
export function keepBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 64 * 1024 }, (_request, body, done) =>
    done(null, body),
  );
}

/** A flat JSON object of texts, or nothing. */
export function readFields(body: unknown): Record<string, string> | undefined {
  if (!Buffer.isBuffer(body)) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    return entries.every(([, each]) => typeof each === 'string' && each.length <= 1000)
      ? Object.fromEntries(entries)
      : undefined;
  } catch {
    return undefined;
  }
}
