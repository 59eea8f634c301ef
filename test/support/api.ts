import { systemClock } from '../../src/kernel/clock.ts';
import { newId, toPublicId } from '../../src/kernel/ids.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import type { Problem } from '../../src/contract/problem.ts';
import { expectDescribed } from './described.ts';
import type { OperationKind, OperationShape } from '../../src/contract/operations.ts';

export type Answer<T = Record<string, unknown>> = { status: number; body: T; headers: Headers };

export const newPublicId = <P extends string>(prefix: P) => toPublicId(prefix, newId(systemClock, systemRandom));

/** The public API as a developer would use it: a bearer token, JSON, problems as answers. */
export class Api {
  readonly url: string;
  token: string | undefined;
  language = 'zh-CN';

  constructor(url: string, token?: string) {
    this.url = url;
    this.token = token;
  }

  async call<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        'accept-language': this.language,
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const told = (text === '' ? {} : JSON.parse(text)) as T;
    const { code } = told as { code?: unknown };
    if (answer.status >= 400 && typeof code === 'string') await expectDescribed({ url: this.url, method, path, code });
    return { status: answer.status, body: told, headers: answer.headers };
  }

  /** The body of an answer that must be fine. */
  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    return this.expectFine(await this.call<T>('GET', path), `GET ${path}`);
  }
  async post<T = Record<string, unknown>>(path: string, body?: unknown): Promise<T> {
    return this.expectFine(await this.call<T>('POST', path, body ?? {}), `POST ${path}`);
  }
  async put<T = Record<string, unknown>>(path: string, body: unknown): Promise<T> {
    return this.expectFine(await this.call<T>('PUT', path, body), `PUT ${path}`);
  }
  /** The problem of an answer that must be one. */
  async refused(method: string, path: string, body?: unknown): Promise<Problem> {
    const answer = await this.call<Problem>(method, path, body);
    if (answer.status < 400) throw new Error(`${method} ${path} was not refused: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Sends in one request; one that was begun before may still be at work when it is answered. */
  async send(body: object): Promise<OperationShape> {
    const sent = await this.post<OperationShape>('/v1/transfers', body);
    return sent.state === 'working' ? this.settled(sent.id) : sent;
  }
  start(kind: OperationKind, input: unknown, id = newPublicId('op')): Promise<OperationShape> {
    return this.post<OperationShape>('/v1/operations', { id, kind, input });
  }
  refusedStart(kind: OperationKind, input: unknown, id = newPublicId('op')): Promise<Problem> {
    return this.refused('POST', '/v1/operations', { id, kind, input });
  }
  /** Gives a step what it asks for; as the operation is once it moves on no more by itself, however slow the machine. */
  async step(id: string, step: string, input: unknown): Promise<OperationShape> {
    const now = await this.stepOnce(id, step, input);
    return now.state === 'working' ? this.settled(id) : now;
  }
  /** The same as it is answered, after a while also in the middle of the work. */
  stepOnce(id: string, step: string, input: unknown): Promise<OperationShape> {
    return this.post<OperationShape>(`/v1/operations/${id}/steps/${step}`, input);
  }
  operation(id: string): Promise<OperationShape> {
    return this.get<OperationShape>(`/v1/operations/${id}`);
  }

  /** The operation once it is no longer `working`. */
  async settled(id: string): Promise<OperationShape> {
    for (let i = 0; i < 120; i += 1) {
      const operation = await this.get<OperationShape>(`/v1/operations/${id}?waitMs=1000`);
      if (operation.state !== 'working') return operation;
    }
    throw new Error(`${id} is still working`);
  }

  private expectFine<T>(answer: Answer<T>, what: string): T {
    if (answer.status >= 400) throw new Error(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

export const yuan = (text: string) => {
  const [whole = '0', part = ''] = text.split('.');
  return { minor: String(BigInt(whole + part.padEnd(2, '0'))), currency: 'CNY' };
};
