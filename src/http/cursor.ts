import { refusal } from '../causes/refusal.ts';
import { sameBytes, type Digest } from '../kernel/envelope.ts';
import type { Uuid } from '../kernel/ids.ts';

const SIGNATURE_BYTES = 16;

/** A place in somebody's list, signed: it opens for this list and owner alone. */
export function makeCursor(digest: Digest, list: string, ownerId: Uuid, position: string): string {
  const signature = sign(digest, list, ownerId, position);
  return Buffer.concat([signature, Buffer.from(position, 'utf8')]).toString('base64url');
}

/** The place that a cursor names. Another owner's, another list's or an altered one is `app.request_invalid`. */
export function readCursor(digest: Digest, list: string, ownerId: Uuid, cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(SIGNATURE_BYTES).toString('utf8');
  const signature = bytes.subarray(0, SIGNATURE_BYTES);
  if (!sameBytes(signature, sign(digest, list, ownerId, position))) throw refusal('app.request_invalid');
  return position;
}

const sign = (digest: Digest, list: string, ownerId: Uuid, position: string): Buffer =>
  digest('cursor', `${list} ${ownerId} ${position}`).subarray(0, SIGNATURE_BYTES);
