import type { Problem } from '../../src/contract/problem.ts';
import { describeAppSide, type AppSideCode } from '../../src/causes/app-side.ts';
import { now } from './clock.ts';
import { ProblemError } from './problem-error.ts';

export type ClientSettings = {
  /** Where the API is; empty for the server that the app came from. */
  baseUrl: string;
  /** The language of the words in answers, asked anew for each request. */
  language: () => 'zh-CN' | 'en';
  /** After how long without an answer it counts as lost. */
  slowMs?: number;
};

export type Call = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Changes nothing although it is not a GET, since what it asks by stays out of the address. */
  reads?: boolean | undefined;
  /** The operation that this is about: what a trouble on the way must be asked about first. */
  operation?: string | undefined;
  flow?: string | undefined;
};

const SLOW_MS = 20_000;

/** Sends one request and reads its answer; throws a ProblemError for everything but a result. */
export async function send<T>(settings: ClientSettings, call: Call): Promise<T> {
  const response = await attempt(settings, call);
  if (response.status === 204) return undefined as T;
  const body = await readBody(settings, call, response);
  if (response.ok) return body as T;
  throw new ProblemError(isProblem(body) ? body : appSide(settings, call, unreadable(call, response.status)));
}

async function attempt(settings: ClientSettings, call: Call): Promise<Response> {
  if (!navigator.onLine) throw new ProblemError(appSide(settings, call, 'network.offline'));
  const timeLimit = AbortSignal.timeout(settings.slowMs ?? SLOW_MS);
  const signal = call.signal ? AbortSignal.any([timeLimit, call.signal]) : timeLimit;
  const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
  try {
    return await fetch(settings.baseUrl + call.path, {
      method: call.method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: {
        accept: 'application/json, application/problem+json',
        'accept-language': settings.language(),
        'x-purser-client': 'web',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal,
      ...body,
    });
  } catch (cause) {
    if (call.signal?.aborted) throw cause;
    throw new ProblemError(appSide(settings, call, troubleOf(call, timeLimit.aborted)), { cause });
  }
}

/**
 * What a missing answer means. A request that changes something may have arrived, so its outcome is asked about by its
 * operation before anything is done again; one that only reads changed nothing.
 */
function troubleOf(call: Call, tookTooLong: boolean): AppSideCode {
  if (reads(call)) {
    if (!navigator.onLine) return 'network.offline';
    return tookTooLong ? 'network.weak' : 'wallet.not_loaded';
  }
  if (tookTooLong) return 'network.slow';
  return call.operation === undefined ? 'wallet.unreachable' : 'network.interrupted';
}

const reads = (call: Call): boolean => call.method === 'GET' || call.reads === true;

function unreadable(call: Call, status: number): AppSideCode {
  if (status === 429 || status === 503) return 'wallet.overloaded';
  if (status !== 502 && status !== 504) return 'wallet.fault';
  return reads(call) ? 'wallet.not_loaded' : 'wallet.unreachable';
}

async function readBody(settings: ClientSettings, call: Call, response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    if (call.signal?.aborted) throw cause;
    // An answer that breaks off after a change was asked for says nothing about its outcome.
    const code =
      response.ok && call.operation !== undefined ? 'network.interrupted' : unreadable(call, response.status);
    throw new ProblemError(appSide(settings, call, code), { cause });
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'remedies' in body && 'moneyMoved' in body;
}

function appSide(settings: ClientSettings, call: Call, code: AppSideCode): Problem {
  return describeAppSide({
    code,
    language: settings.language(),
    now: now(),
    flow: call.flow ?? null,
    operation: call.operation ?? null,
  });
}
