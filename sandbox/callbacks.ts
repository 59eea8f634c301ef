import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Answer } from './bank-answers.ts';
import { addMs, type Clock } from './clock.ts';
import { signRequest } from './line.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';

const PAUSES_MS = [500, 1000, 3000, 10_000, 30_000, 60_000, 120_000];
const TIMEOUT_MS = 5000;

export type CallbackDependencies = { store: Store; clock: Clock; random: Random };
export type Telling = { bank: string; reference: string; answer: Answer; mode: string; delayMs?: number };

/** What is untrue about a callback's envelope, as its row keeps it. */
const LIES = { none: 0n, forged: 1n, stale: 2n } as const;
type Lie = keyof typeof LIES;
/** Older than anybody may believe. */
const STALE_MS = 10 * 60_000;

/** Writes down what the partner is to be told, in the transaction of what happened. */
export function enqueueCallback({ store, clock, random }: CallbackDependencies, telling: Telling): void {
  const { bank, reference, answer, mode } = telling;
  const now = clock.now();
  const add = (outcome: string, lie: Lie, afterMs: number, eventId = `evt_${random.hex(12)}`) => {
    const body = JSON.stringify({ eventId, reference, outcome, at: now.toISOString() });
    store.run(
      'insert into callbacks (event_id, bank, body, forged, attempts, next_at) values (?, ?, ?, ?, 0, ?)',
      ...[eventId, bank, body, LIES[lie], addMs(now, afterMs).toISOString()],
    );
    return eventId;
  };
  if (mode === 'callback_forged') add('approved', 'forged', 0);
  if (mode === 'callback_stale') add('approved', 'stale', 0);
  if (mode === 'callback_contrary') add('declined', 'none', 0);
  if (mode === 'callback_never' || answer.outcome !== 'approved') return;
  // Usually a bank tells a moment after it answered.
  const afterMs = mode === 'callback_early' ? 0 : mode === 'callback_late' ? (telling.delayMs ?? 10_000) : 100;
  const eventId = add(answer.outcome, 'none', afterMs);
  if (mode === 'callback_twice') add(answer.outcome, 'none', afterMs + 200, eventId);
}

export type CallbackSender = {
  /** Sends what is due now and resolves when each was answered or gave up for this time. */
  sendDue: () => Promise<void>;
  stop: () => void;
};

export function createCallbackSender(
  deps: CallbackDependencies & { privateKey: KeyObject; callbackUrl: string | undefined },
): CallbackSender {
  const { store, clock, callbackUrl } = deps;
  const stopped = new AbortController();
  const forger = generateKeyPairSync('ed25519').privateKey;
  const underWay = new Set<bigint>();

  async function send(id: bigint, bank: string, body: string, lie: bigint, attempts: number): Promise<void> {
    const path = `/callbacks/banks/${bank}`;
    const signer = {
      ...deps,
      privateKey: lie === LIES.forged ? forger : deps.privateKey,
      ...(lie === LIES.stale ? { clock: { now: () => addMs(clock.now(), -STALE_MS) } } : {}),
    };
    const headers = signRequest(signer, 'POST', path, body);
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const answer = await fetch(`${callbackUrl}${path}`, {
      method: 'POST',
      headers,
      body,
      signal,
      redirect: 'manual',
    }).catch(() => undefined);
    await answer?.body?.cancel().catch(() => undefined);
    if (stopped.signal.aborted) return;
    if (answer?.ok) {
      store.run('update callbacks set next_at = null, delivered_at = ? where id = ?', clock.now().toISOString(), id);
      return;
    }
    // Whoever lies gives up at once; a bank is patient, but not for ever.
    const pauseMs = lie === LIES.none ? PAUSES_MS[attempts] : undefined;
    const nextAt = pauseMs === undefined ? null : addMs(clock.now(), pauseMs).toISOString();
    store.run('update callbacks set attempts = attempts + 1, next_at = ? where id = ?', nextAt, id);
  }

  return {
    async sendDue() {
      if (callbackUrl === undefined || stopped.signal.aborted) return;
      const due = store.all(
        'select * from callbacks where next_at <= ? order by id limit 50',
        clock.now().toISOString(),
      );
      await Promise.all(
        due.map(async ({ id, bank, body, forged, attempts }) => {
          const key = BigInt(id ?? 0n);
          if (underWay.has(key)) return;
          underWay.add(key);
          await send(key, String(bank), String(body), BigInt(forged ?? 0n), Number(attempts)).finally(() =>
            underWay.delete(key),
          );
        }),
      );
    },
    stop: () => stopped.abort(),
  };
}
