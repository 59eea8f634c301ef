import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { describeFailure } from '../causes/describe-failure.ts';
import { refusal, refusalFrom } from '../causes/refusal.ts';
import { addMs, secondMs, type Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { humanReference, toPublicId, uuid, type Uuid } from '../kernel/ids.ts';
import type { InputError, Problem } from '../contract/problem.ts';
import type { Language } from './dependencies.ts';
import { HttpRefusal } from './http-refusal.ts';
import { readLanguage } from './language.ts';
import { showError, showRequest } from './log.ts';
import { isDatabaseGone } from './overload.ts';
import { isSafeMethod } from './own-origin.ts';
import { inputErrors, refuseInput, requestError } from './refuse-input.ts';

const RETRY_AFTER_MS = 5 * secondMs;

type Told = { failure: Failure; status?: number; errors?: InputError[] };

/** Every error that a request can end in becomes one problem document, in the reader's language. */
export function answerFailure(clock: Clock) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const { failure, status, errors } = tell(error, request, clock);
    const problem = showProblem(failure, readLanguage(request.headers['accept-language']), clock, request.id as Uuid);
    const told = {
      ...problem,
      ...(status === undefined ? {} : { status }),
      ...(errors === undefined ? {} : { errors }),
    };
    sendProblem(reply, told, clock);
  };
}

export function answerNotFound(clock: Clock) {
  return (request: FastifyRequest, reply: FastifyReply): void =>
    answerFailure(clock)(new HttpRefusal(404, 'no such route'), request, reply);
}

function sendProblem(reply: FastifyReply, problem: Problem, clock: Clock): void {
  if (problem.retryAt !== null && (problem.status === 429 || problem.status === 503)) {
    const waitMs = Date.parse(problem.retryAt) - clock.now().getTime();
    reply.header('retry-after', String(Math.max(1, Math.ceil(waitMs / secondMs))));
  }
  reply.problemCode = problem.code;
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem);
}

/** Which refusal it is, and for what only HTTP knows its status. A bug is written to the log and told as our fault. */
function tell(error: FastifyError | Error, request: FastifyRequest, clock: Clock): Told {
  if (error instanceof Failure) return { failure: error };
  if (error instanceof HttpRefusal) {
    return { failure: refusal('app.request_invalid'), status: error.status, errors: [requestError(error)] };
  }
  if ('validation' in error && error.validation) {
    const { validation, validationContext } = error;
    return { failure: refuseInput(validation), errors: inputErrors(validation, validationContext) };
  }
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status !== undefined && status >= 400 && status < 500) return { failure: refusal('app.request_invalid'), status };

  request.log.error({ request: showRequest(request), error: showError(error) }, 'request failed');
  const mayHaveActed = request.hasBegun && !isSafeMethod(request.method);
  if (isDatabaseGone(error) && !mayHaveActed) return { failure: overloaded(clock, error) };
  return { failure: refusalFrom('wallet.fault', {}, { cause: error }) };
}

/** Not carried out at all; to be tried again after some seconds. */
export function overloaded(clock: Clock, cause?: unknown): Failure {
  const until = addMs(clock.now(), RETRY_AFTER_MS);
  return refusal('wallet.overloaded', { params: { until }, retryAt: until, cause });
}

/** A refusal as the wire carries it. What a person reads to support is of its operation, else of the request. */
export function showProblem(failure: Failure, language: Language, clock: Clock, requestId?: Uuid): Problem {
  const { about } = failure;
  const key = about.key ?? requestId;
  const problem = describeFailure({
    code: failure.code,
    params: failure.params,
    field: failure.field ?? null,
    retryAt: failure.retryAt ?? null,
    flow: about.flow ?? null,
    step: about.step ?? null,
    moneyMoved: about.moneyMoved,
    operation: about.operationId === undefined ? null : toPublicId('op', uuid(about.operationId)),
    reference: key === undefined ? null : humanReference(uuid(key)),
    language,
    now: clock.now(),
  });
  // A cause that only an app can notice has no status of its own.
  return problem.status === 0 ? { ...problem, status: 422 } : problem;
}

const brokenStatuses: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What cannot be read as HTTP at all gets a bare answer; there is no request yet to say more about. */
export function answerBrokenRequest(code: string | undefined, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = brokenStatuses[code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
