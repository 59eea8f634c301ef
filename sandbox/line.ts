import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addMs, type Clock, parseInstant } from './clock.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';

/** The signed envelope of docs/protocols/bank-line.md, as the far side of the wallet sees it. */

const SKEW_MS = 5 * 60_000;

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

const signLines = (lines: readonly string[], key: KeyObject): string =>
  sign(null, Buffer.from(lines.join('\n'), 'utf8'), key).toString('base64');

function isSigned(lines: readonly string[], signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature, 'base64');
  return bytes.length === 64 && verify(null, Buffer.from(lines.join('\n'), 'utf8'), key, bytes);
}

const headerOf = (request: FastifyRequest, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
};

export const nonceOf = (request: FastifyRequest): string => headerOf(request, 'x-line-nonce');

type Doubter = { store: Store; clock: Clock; partnerPublicKey: KeyObject };

/** Why a request is not to be believed, or `undefined`. A nonce is used up by being believed once. */
export function findDoubt({ store, clock, partnerPublicKey }: Doubter, request: FastifyRequest): string | undefined {
  const timestamp = headerOf(request, 'x-line-timestamp');
  const nonce = nonceOf(request);
  const now = clock.now();
  if (!/^[0-9a-f]{32}$/.test(nonce)) return 'the nonce is not 16 bytes in hex';
  const off = Math.abs(parseInstant(timestamp).getTime() - now.getTime());
  // Not a time at all is NaN, which is not within anything.
  if (!(off <= SKEW_MS)) return 'the timestamp is more than 5 minutes off';
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const lines = ['request', request.method, request.raw.url ?? '', timestamp, nonce, sha256(body)];
  if (!isSigned(lines, headerOf(request, 'x-line-signature'), partnerPublicKey)) return 'the signature is wrong';
  return store.transaction(() => {
    store.run('delete from nonces where at < ?', addMs(now, -3 * SKEW_MS).toISOString());
    if (store.get('select 1 from nonces where nonce = ?', nonce)) return 'the nonce was used before';
    store.run('insert into nonces (nonce, at) values (?, ?)', nonce, now.toISOString());
    return undefined;
  });
}

export type Signer = { clock: Clock; privateKey: KeyObject };

/** What goes onto the wire; the faults are what a broken far side would send. */
export type AnswerFault = 'unsigned' | 'wrong_signature' | 'stale_answer' | 'broken_body' | 'cut_answer';

/** Writes a signed answer, or one with exactly the fault that was asked for. */
export function sendAnswer(
  { clock, privateKey }: Signer,
  reply: FastifyReply,
  nonce: string,
  status: number,
  content: unknown,
  fault?: AnswerFault,
): void {
  const whole = JSON.stringify(content);
  const body = fault === 'broken_body' ? whole.slice(0, Math.ceil(whole.length / 2)) : whole;
  const timestamp = (fault === 'stale_answer' ? addMs(clock.now(), -2 * SKEW_MS) : clock.now()).toISOString();
  const lines = ['answer', String(status), timestamp, nonce, sha256(body)];
  const signature = signLines(fault === 'wrong_signature' ? [...lines, 'and more'] : lines, privateKey);
  reply.hijack();
  reply.raw.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...(fault === 'unsigned'
      ? {}
      : { 'x-line-timestamp': timestamp, 'x-line-nonce': nonce, 'x-line-signature': signature }),
  });
  if (fault !== 'cut_answer') {
    reply.raw.end(body);
    return;
  }
  reply.raw.write(body.slice(0, Math.ceil(body.length / 2)), () => reply.raw.socket?.resetAndDestroy());
}

/** The headers of a callback: a request of ours, signed with the bank's key. */
export function signRequest(
  deps: Signer & { random: Random },
  method: string,
  path: string,
  body: string,
): Record<string, string> {
  const timestamp = deps.clock.now().toISOString();
  const nonce = deps.random.hex(16);
  return {
    'content-type': 'application/json',
    'x-line-timestamp': timestamp,
    'x-line-nonce': nonce,
    'x-line-signature': signLines(['request', method, path, timestamp, nonce, sha256(body)], deps.privateKey),
  };
}
