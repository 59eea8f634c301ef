import type { KeyObject } from 'node:crypto';
import { parseInstant, type Clock } from '../../kernel/clock.ts';
import type { ReadBankNotice } from '../../ports/bank-rail.ts';
import { isFresh, isSigned, sha256Hex } from './signed-line.ts';

/** Believes a callback only when the bank's key signed it for exactly this path, within five minutes. */
export function createSandboxNoticeReader(deps: { bankPublicKey: KeyObject; clock: Clock }): ReadBankNotice {
  return ({ bankCode, headers, rawBody }) => {
    const one = (name: string) => (typeof headers[name] === 'string' ? headers[name] : '');
    const timestamp = one('x-line-timestamp');
    const path = `/callbacks/banks/${bankCode}`;
    const lines = ['request', 'POST', path, timestamp, one('x-line-nonce'), sha256Hex(rawBody)];
    if (!isFresh(timestamp, deps.clock.now()) || !isSigned(lines, one('x-line-signature'), deps.bankPublicKey))
      return undefined;
    try {
      const body = JSON.parse(Buffer.from(rawBody).toString('utf8')) as Record<string, unknown>;
      const { eventId, reference, at } = body;
      if (typeof eventId !== 'string' || typeof reference !== 'string' || typeof at !== 'string') return undefined;
      if (eventId.length > 80 || reference.length > 80) return undefined;
      return { eventId, reference, bankCode, at: parseInstant(at) };
    } catch {
      return undefined;
    }
  };
}
