import { addMs, type Clock, parseInstant } from './clock.ts';
import type { Store } from './store.ts';

/** What a far side may do to whoever asks it. Everything here really happens on the wire. */
export const modes = {
  normal: '正常',
  slow: '很慢：过一会儿才办理并回答',
  silent: '办了，但不回答',
  silent_before: '没办，也不回答',
  down: '断线：一连上就断开，不读请求',
  maintenance: '维护中，说明何时结束',
  fault_500: '没办，回答 500',
  fault_500_after: '办了，却回答 500',
  broken_body: '办了，回答是坏的',
  unsigned: '办了，回答没有签名',
  wrong_signature: '办了，回答的签名是错的',
  stale_answer: '办了，回答的时间戳过期',
  lose_answer: '办了，回答在路上丢失',
  cut_answer: '办了，回答只到了一半',
  in_progress: '先说处理中，稍后才办',
  decline: '拒绝，代码自选',
  callback_twice: '同一通知来两次',
  callback_late: '通知迟到',
  callback_early: '通知比回答先到',
  callback_never: '不发通知',
  callback_forged: '另有伪造的通知',
  callback_stale: '另有时间戳过期的通知',
  callback_contrary: '先通知说拒绝了，再通知说办了',
  undeliverable: '短信送不到',
} as const;

export type Mode = keyof typeof modes;

export type Behaviour = {
  mode: Mode;
  /** For slow, in_progress and callback_late. */
  delayMs?: number;
  /** The announced end of maintenance; whatever the mode, it is over then. */
  until?: string;
  /** How many requests it still applies to; without it, all. */
  times?: number;
  /** Kinds of requests, such as `debits` or `bindings/confirm`; without it, all. */
  only?: readonly string[];
  /** For decline. */
  code?: string;
  text?: string;
};

const isMode = (value: unknown): value is Mode => typeof value === 'string' && Object.hasOwn(modes, value);

export type Behaviours = {
  /** The behaviour for one request, which uses it up by one. */
  take: (target: string, action: string) => Behaviour;
  /** The same, using up nothing. */
  look: (target: string) => Behaviour;
  set: (target: string, behaviour: Behaviour) => void;
};

const NORMAL: Behaviour = { mode: 'normal' };

export function createBehaviours(store: Store, clock: Clock): Behaviours {
  const set = (target: string, behaviour: Behaviour): void => {
    if (behaviour.mode === 'normal') store.run('delete from behaviours where target = ?', target);
    else {
      const sql =
        'insert into behaviours (target, behaviour) values (?, ?) on conflict do update set behaviour = excluded.behaviour';
      store.run(sql, target, JSON.stringify(behaviour));
    }
  };
  const look = (target: string): Behaviour => {
    const row = store.get('select behaviour from behaviours where target = ?', target);
    if (!row) return NORMAL;
    const behaviour = JSON.parse(String(row['behaviour'])) as Behaviour;
    const over = behaviour.until !== undefined && parseInstant(behaviour.until) <= clock.now();
    if (!over) return behaviour;
    set(target, NORMAL);
    return NORMAL;
  };
  const take = (target: string, action: string): Behaviour => {
    const behaviour = look(target);
    const { only, times } = behaviour;
    if (only && !only.includes(action) && !only.includes(action.split('/')[0] ?? '')) return NORMAL;
    // How a bank is, it tells without being used up by telling.
    if (action === 'status' && !only) return NORMAL;
    if (times !== undefined) set(target, times > 1 ? { ...behaviour, times: times - 1 } : NORMAL);
    return behaviour;
  };
  return { take, look, set };
}

/** Checks what the desk was sent; a text says what is wrong with it. */
export function readBehaviour(body: unknown, clock: Clock): Behaviour | string {
  if (typeof body !== 'object' || body === null) return 'a behaviour is an object with a mode';
  const { mode, delayMs, until, times, only, code, text } = body as Record<string, unknown>;
  if (!isMode(mode)) return `mode is one of ${Object.keys(modes).join(', ')}`;
  const kinds = typeof only === 'string' ? [only] : only;
  if (kinds !== undefined && !(Array.isArray(kinds) && kinds.every((kind) => typeof kind === 'string')))
    return 'only is a kind of request, or some';
  if (delayMs !== undefined && !(typeof delayMs === 'number' && delayMs >= 0 && delayMs <= 86_400_000))
    return 'delayMs is at most a day';
  if (times !== undefined && !(typeof times === 'number' && Number.isInteger(times) && times > 0))
    return 'times is a count of requests';
  if (until !== undefined && !(typeof until === 'string' && !Number.isNaN(parseInstant(until).getTime())))
    return 'until is an instant';
  if (mode === 'decline' && typeof code !== 'string') return 'decline needs a code';
  const end = until ?? (mode === 'maintenance' ? addMs(clock.now(), 30 * 60_000).toISOString() : undefined);
  return {
    mode,
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(end === undefined ? {} : { until: end }),
    ...(times === undefined ? {} : { times }),
    ...(kinds === undefined ? {} : { only: kinds as string[] }),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof text === 'string' ? { text } : {}),
  };
}
