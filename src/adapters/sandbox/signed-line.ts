import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { minuteMs, parseInstant, type Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';

/** Signed JSON over HTTP, as docs/protocols/bank-line.md has it. */

export type LineDependencies = {
  baseUrl: string;
  partnerPrivateKey: KeyObject;
  bankPublicKey: KeyObject;
  clock: Clock;
  random: Random;
  timeoutMs: number;
  /** Called before anything leaves; throws inside a database transaction. */
  guard: (what: string) => void;
};

/** What came back: an answer whose signature is right, or why there is none and whether anything may have left. */
export type Exchange =
  | { outcome: 'answered'; body: unknown }
  | { outcome: 'not_sent'; reason: string }
  | { outcome: 'unknown'; reason: string };

const SKEW_MS = 5 * minuteMs;
const MOST_BYTES = 64 * 1024;
export const sha256Hex = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

export const isFresh = (timestamp: string, now: Date): boolean => {
  const at = parseInstant(timestamp).getTime();
  return Math.abs(at - now.getTime()) <= SKEW_MS;
};

export const isSigned = (lines: readonly string[], signature: string, key: KeyObject): boolean => {
  const bytes = Buffer.from(signature, 'base64');
  return bytes.length === 64 && verify(null, Buffer.from(lines.join('\n'), 'utf8'), key, bytes);
};

/** One request and its answer. Never inside a database transaction, never repeated by itself. */
export async function exchange(
  deps: LineDependencies,
  method: 'GET' | 'POST',
  path: string,
  content?: Readonly<Record<string, unknown>>,
): Promise<Exchange> {
  deps.guard(`${method} ${path}`);
  const body = content === undefined ? '' : JSON.stringify(content);
  const timestamp = deps.clock.now().toISOString();
  const nonce = Buffer.from(deps.random.bytes(16)).toString('hex');
  const lines = ['request', method, path, timestamp, nonce, sha256Hex(body)];
  const signature = sign(null, Buffer.from(lines.join('\n'), 'utf8'), deps.partnerPrivateKey).toString('base64');
  const raw = await send(deps, method, path, body, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'x-line-timestamp': timestamp,
    'x-line-nonce': nonce,
    'x-line-signature': signature,
  });
  if (raw.outcome !== 'received') return raw;
  const answer = readAnswer(deps, raw, nonce);
  // Whoever answered, perhaps a gateway on the way: without the body nothing was carried out.
  return answer.outcome === 'unknown' && !raw.left ? { ...answer, outcome: 'not_sent' } : answer;
}

type Received = {
  outcome: 'received';
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** Whether the body of the request had left. */
  left: boolean;
};

function readAnswer(deps: LineDependencies, { status, headers, body }: Received, nonce: string): Exchange {
  const timestamp = String(headers['x-line-timestamp'] ?? '');
  const lines = ['answer', String(status), timestamp, nonce, sha256Hex(body)];
  const signed = isSigned(lines, String(headers['x-line-signature'] ?? ''), deps.bankPublicKey);
  if (!signed || !isFresh(timestamp, deps.clock.now()))
    return { outcome: 'unknown', reason: `answer ${status} is not signed by the far side` };
  if (status !== 200) return { outcome: 'unknown', reason: `answer ${status}` };
  try {
    return { outcome: 'answered', body: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return { outcome: 'unknown', reason: 'answer is not JSON' };
  }
}

/**
 * Sends the head first and the body only after the far side said that it wants it (`Expect: 100-continue`). What the
 * request asks for is in the body, so as long as it has not left nothing can have been carried out, and that is certain.
 */
function send(
  deps: LineDependencies,
  method: 'GET' | 'POST',
  path: string,
  body: string,
  headers: Record<string, string>,
): Promise<Received | Exchange> {
  return new Promise((resolve) => {
    const url = new URL(path, deps.baseUrl);
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const expecting = method === 'POST' ? { ...headers, expect: '100-continue' } : headers;
    const outgoing: ClientRequest = start(url, { method, headers: expecting, agent: false });
    let left = method === 'GET';
    // One bound on the whole exchange: a far side that sends a byte a second must not hold it open.
    const bound = setTimeout(() => outgoing.destroy(new Error('no answer in time')), deps.timeoutMs);
    const end = (result: Received | Exchange) => {
      clearTimeout(bound);
      resolve(result);
    };
    const endWithout = (error: NodeJS.ErrnoException) =>
      end({ outcome: left ? 'unknown' : 'not_sent', reason: error.code ?? error.message });
    outgoing.on('error', endWithout);
    outgoing.on('continue', () => {
      left = true;
      outgoing.end(body);
    });
    outgoing.on('response', (incoming) => {
      readWhole(incoming, outgoing).then((whole) => {
        end({ outcome: 'received', status: incoming.statusCode ?? 0, headers: incoming.headers, body: whole, left });
        // Answered before it took the body: there is nothing to wait for on this connection.
        if (!left) outgoing.destroy();
      }, endWithout);
    });
    if (method === 'GET') outgoing.end();
    else outgoing.flushHeaders();
  });
}

function readWhole(incoming: IncomingMessage, outgoing: ClientRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    incoming.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size > MOST_BYTES) outgoing.destroy(new Error('answer too long'));
    });
    incoming.once('error', reject);
    incoming.once('end', () => resolve(Buffer.concat(parts)));
  });
}
