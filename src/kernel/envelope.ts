import { createCipheriv, createDecipheriv, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { assert } from './assert.ts';
import type { Random } from './random.ts';

/** A master key with the name by which sealed records remember it: 1 to 32 of a-z, 0-9, `-`; 32 bytes. */
export type MasterKey = { readonly id: string; readonly key: Uint8Array };

/**
 * Seals texts for storage. Each record has a data key of its own, wrapped by a master key, so that changing the
 * master key re-wraps records one by one. `aad` names table and row: a sealed value moved to another row does not open.
 */
export type Envelope = {
  seal(plain: string, aad: string): Buffer;
  /** The text again. Throws when anything was altered, moved to another place, or its master key is gone. */
  open(sealed: Uint8Array, aad: string): string;
  /** The same text under a new data key and the newest master key. */
  reseal(sealed: Uint8Array, aad: string): Buffer;
  /** False when the record was sealed under an older master key and waits for `reseal`. */
  isCurrent(sealed: Uint8Array): boolean;
};

const FORMAT = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MASTER_KEY_ID = /^[a-z0-9-]{1,32}$/;

type Box = { nonce: Uint8Array; text: Uint8Array; tag: Uint8Array };

function encrypt(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, aad: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, box: Box, aad: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, box.nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(box.tag);
  return Buffer.concat([decipher.update(box.text), decipher.final()]);
}

function splitBox(bytes: Uint8Array): Box {
  assert(bytes.length >= NONCE_BYTES + TAG_BYTES, 'sealed record too short');
  return {
    nonce: bytes.subarray(0, NONCE_BYTES),
    text: bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES),
    tag: bytes.subarray(bytes.length - TAG_BYTES),
  };
}

/** Splits `format, length of key id, key id, wrapped data key, content`. */
function readSealed(sealed: Uint8Array) {
  assert(sealed.length > 2 && sealed[0] === FORMAT, 'not a sealed record');
  const idEnd = 2 + (sealed[1] ?? 0);
  const wrapEnd = idEnd + NONCE_BYTES + KEY_BYTES + TAG_BYTES;
  assert(sealed.length >= wrapEnd + NONCE_BYTES + TAG_BYTES, 'sealed record too short');
  return {
    header: sealed.subarray(0, idEnd),
    keyId: Buffer.from(sealed.subarray(2, idEnd)).toString('latin1'),
    wrapped: splitBox(sealed.subarray(idEnd, wrapEnd)),
    content: splitBox(sealed.subarray(wrapEnd)),
  };
}

/** The first of `masterKeys` seals; all of them open. AES-256-GCM throughout, a fresh nonce for every encryption. */
export function createEnvelope(deps: { masterKeys: readonly MasterKey[]; random: Random }): Envelope {
  const keys = new Map<string, Uint8Array>();
  for (const { id, key } of deps.masterKeys) {
    assert(MASTER_KEY_ID.test(id) && !keys.has(id), 'master key ids are short, simple and differ');
    assert(key.length === KEY_BYTES, 'a master key has 32 bytes');
    keys.set(id, key);
  }
  const newest = deps.masterKeys[0];
  assert(newest !== undefined, 'an envelope needs a master key');

  const seal = (plain: string, aad: string): Buffer => {
    const header = Buffer.concat([Uint8Array.of(FORMAT, newest.id.length), Buffer.from(newest.id, 'latin1')]);
    const bound = Buffer.concat([header, Buffer.from(aad, 'utf8')]);
    const dataKey = deps.random.bytes(KEY_BYTES);
    return Buffer.concat([
      header,
      encrypt(newest.key, deps.random.bytes(NONCE_BYTES), dataKey, bound),
      encrypt(dataKey, deps.random.bytes(NONCE_BYTES), Buffer.from(plain, 'utf8'), bound),
    ]);
  };
  const open = (sealed: Uint8Array, aad: string): string => {
    const { header, keyId, wrapped, content } = readSealed(sealed);
    const master = keys.get(keyId);
    assert(master !== undefined, `no master key with the id ${keyId}`);
    const bound = Buffer.concat([header, Buffer.from(aad, 'utf8')]);
    return decrypt(decrypt(master, wrapped, bound), content, bound).toString('utf8');
  };
  return {
    seal,
    open,
    reseal: (sealed, aad) => seal(open(sealed, aad), aad),
    isCurrent: (sealed) => readSealed(sealed).keyId === newest.id,
  };
}

/** Keyed HMAC-SHA-256: finds equal values without keeping them. The same value under another purpose differs. */
export type Digest = (purpose: string, value: string) => Buffer;

/** `key` has 32 bytes and never changes while digests made with it are stored. */
export function createDigest(deps: { key: Uint8Array }): Digest {
  assert(deps.key.length >= KEY_BYTES, 'a digest key has at least 32 bytes');
  const key = createSecretKey(deps.key);
  return (purpose, value) => {
    assert(!purpose.includes('\0'), 'a purpose holds no NUL');
    return createHmac('sha256', key).update(`${purpose}\0${value}`, 'utf8').digest();
  };
}

/** Compares in a time that does not depend on where they differ. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
