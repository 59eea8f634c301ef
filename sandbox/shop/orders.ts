import type { Clock } from '../clock.ts';
import type { ShopConfig } from '../config.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store.ts';
import { type Book, findBook } from './books.ts';
import { newOrderId } from './order-id.ts';
import type { PaidEvent } from './webhook.ts';

export const shopTables = `
  create table if not exists orders (
    id text primary key, item text not null, title text not null, amount_minor text not null, state text not null,
    pay_url text, reason text, made_at text not null, paid_at text
  ) strict;
  create table if not exists events (id text primary key, order_id text not null, at text not null) strict;
`;

export type Order = {
  id: string;
  item: string;
  title: string;
  amount: { minor: string; currency: 'CNY' };
  /** `making` until the wallet has said that it knows the order. */
  state: 'making' | 'open' | 'paid' | 'refused';
  payUrl: string | null;
  reason: string | null;
  madeAt: string;
  paidAt: string | null;
};

export type ShopDependencies = { store: Store; clock: Clock; random: Random; config: ShopConfig };

const ASK_TIMEOUT_MS = 5000;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export function readOrder({ store }: ShopDependencies, id: string): Order | undefined {
  const row = store.get('select * from orders where id = ?', id);
  if (!row) return undefined;
  return {
    id,
    item: String(row['item']),
    title: String(row['title']),
    amount: { minor: String(row['amount_minor']), currency: 'CNY' },
    state: String(row['state']) as Order['state'],
    payUrl: text(row['pay_url']),
    reason: text(row['reason']),
    madeAt: String(row['made_at']),
    paidAt: text(row['paid_at']),
  };
}

/** Writes the order down before the wallet hears of it: whatever is lost on the way, asking again is the same order. */
export function makeOrder(deps: ShopDependencies, book: Book): string {
  const { store, clock, random } = deps;
  const id = newOrderId(clock, random);
  const sql = `insert into orders (id, item, title, amount_minor, state, made_at) values (?, ?, ?, ?, 'making', ?)`;
  store.run(sql, id, book.id, book.title, book.minor, clock.now().toISOString());
  return id;
}

/** Tells the wallet of an order that it may not know yet. An answer that got lost is no answer: it is asked again later. */
export async function placeOrder(deps: ShopDependencies, id: string): Promise<void> {
  const { store, config } = deps;
  const order = readOrder(deps, id);
  if (order?.state !== 'making') return;
  const answer = await fetch(`${config.apiUrl}/v1/merchant/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${config.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id, amount: order.amount, description: order.title }),
    signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    redirect: 'error',
  }).catch(() => undefined);
  const content: unknown = await answer?.json().catch(() => undefined);
  const fields = (typeof content === 'object' && content !== null ? content : {}) as Record<string, unknown>;
  if (answer?.ok && typeof fields['payUrl'] === 'string') {
    store.run(`update orders set state = 'open', pay_url = ? where id = ? and state = 'making'`, fields['payUrl'], id);
  } else if (answer && answer.status >= 400 && answer.status < 500 && ![401, 408, 409, 429].includes(answer.status)) {
    const reason = text(fields['detail']) ?? text(fields['title']) ?? `HTTP ${answer.status}`;
    store.run(`update orders set state = 'refused', reason = ? where id = ? and state = 'making'`, reason, id);
  }
}

/** Books a payment once, however often it is told, and only for the amount that was asked. */
export function takePayment(
  { store, clock }: ShopDependencies,
  event: PaidEvent,
): 'taken' | 'known' | 'unknown_order' | 'other_amount' {
  return store.transaction(() => {
    if (store.get('select 1 from events where id = ?', event.id)) return 'known';
    const order = store.get('select amount_minor from orders where id = ?', event.orderId);
    if (!order) return 'unknown_order';
    if (order['amount_minor'] !== event.amountMinor || event.currency !== 'CNY') return 'other_amount';
    const now = clock.now().toISOString();
    store.run('insert into events (id, order_id, at) values (?, ?, ?)', event.id, event.orderId, now);
    store.run(
      `update orders set state = 'paid', paid_at = coalesce(paid_at, ?) where id = ?`,
      event.paidAt || now,
      event.orderId,
    );
    return 'taken';
  });
}

export const bookOf = (body: unknown): Book | undefined => {
  const item = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)['item'] : undefined;
  return typeof item === 'string' ? findBook(item) : undefined;
};
