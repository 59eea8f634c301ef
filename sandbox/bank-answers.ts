import { addMs, type Clock, parseInstant } from './clock.ts';
import { sha256 } from './line.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';

export type Answer =
  | ({ outcome: 'approved'; bankReference: string; at: string } & Readonly<Record<string, unknown>>)
  | { outcome: 'declined'; code: string; text: string; triesLeft?: number; until?: string }
  | { outcome: 'in_progress'; code: 'IN_PROGRESS' }
  | { outcome: 'not_found' };

export type Fields = Readonly<Record<string, string>>;
export type BankDependencies = { store: Store; clock: Clock; random: Random };

export const declined = (code: string, text: string, more: { triesLeft?: number; until?: string } = {}): Answer => ({
  outcome: 'declined',
  code,
  text,
  ...more,
});

export const approved = (
  { clock, random }: BankDependencies,
  more: Readonly<Record<string, unknown>> = {},
): Answer => ({
  outcome: 'approved',
  bankReference: random.hex(10).toUpperCase(),
  at: clock.now().toISOString(),
  ...more,
});

export const IN_PROGRESS: Answer = { outcome: 'in_progress', code: 'IN_PROGRESS' };

const CONFLICT = declined('REFERENCE_CONFLICT', 'the reference was used for something else');

/** The order of a body's fields says nothing. */
const fingerprintOf = (kind: string, body: Fields): string =>
  sha256(
    JSON.stringify([
      kind,
      ...Object.keys(body)
        .sort()
        .map((name) => [name, body[name]]),
    ]),
  );

export type OnceRequest = { bank: string; kind: string; body: Fields; decide: () => Answer; postponeMs?: number };

/**
 * The same reference and content is the same request for ever: it is decided once, and what was decided is written
 * in the transaction of the books. A postponed one is `in_progress` until its time.
 */
export function decideOnce(deps: BankDependencies, { bank, kind, body, decide, postponeMs }: OnceRequest): Answer {
  const { store, clock } = deps;
  const reference = body['reference'] ?? '';
  return store.transaction(() => {
    const fingerprint = fingerprintOf(kind, body);
    const sql = 'select fingerprint, answer from requests where bank = ? and reference = ?';
    const known = store.get(sql, bank, reference);
    if (known) return known['fingerprint'] === fingerprint ? (JSON.parse(String(known['answer'])) as Answer) : CONFLICT;
    const now = clock.now();
    const answer = postponeMs === undefined ? decide() : IN_PROGRESS;
    store.run(
      'insert into requests (bank, reference, kind, fingerprint, body, answer, at, due_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
      ...[bank, reference, kind, fingerprint, JSON.stringify(body), JSON.stringify(answer), now.toISOString()],
      postponeMs === undefined ? null : addMs(now, postponeMs).toISOString(),
    );
    return answer;
  });
}

/** Carries out the postponed requests whose time has come. */
export function decidePostponed(
  { store, clock }: BankDependencies,
  decide: (bank: string, kind: string, body: Fields) => Answer,
): void {
  const sql = 'select bank, reference, kind, body from requests where due_at <= ? order by due_at';
  for (const { bank, reference, kind, body } of store.all(sql, clock.now().toISOString())) {
    store.transaction(() => {
      const answer = decide(String(bank), String(kind), JSON.parse(String(body)) as Fields);
      const update =
        'update requests set answer = ?, due_at = null where bank = ? and reference = ? and due_at is not null';
      store.run(update, JSON.stringify(answer), bank ?? null, reference ?? null);
    });
  }
}

export const isPast = (instant: string, clock: Clock): boolean => !(parseInstant(instant) > clock.now());
