import type { Hash } from './merkle.ts';
import { toHex } from './receipt.ts';

/** SHA-256 and Ed25519 as browsers and Node have them alike. */

export async function webSha256(...parts: Uint8Array[]): Promise<Hash> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

/** A key with the id that follows from it, whatever id it came with; `undefined` for what is no Ed25519 key. */
export type KnownKey = { keyId: string; verify: (message: Uint8Array, signature: Uint8Array) => Promise<boolean> };

/** An SPKI of an Ed25519 key begins with these bytes, and the key follows. */
const SPKI_BEGINNING = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

export async function readKey(spkiBase64: string): Promise<KnownKey | undefined> {
  const spki = fromBase64(spkiBase64);
  if (spki?.length !== 44 || SPKI_BEGINNING.some((byte, index) => spki[index] !== byte)) return undefined;
  const key = await crypto.subtle.importKey('spki', spki, 'Ed25519', false, ['verify']);
  return {
    keyId: toHex(await webSha256(spki)).slice(0, 16),
    verify: (message, signature) =>
      crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message)),
  };
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
