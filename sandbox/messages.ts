import type { Clock } from './clock.ts';
import type { Store } from './store.ts';

export type Delivery = {
  id: string;
  sender: string;
  to: string;
  text: string;
  /** Of everything in it, to tell the same message from another one under its id. */
  fingerprint: string;
  outcome: 'accepted' | 'undeliverable';
};

const CODE = /(?<!\d)\d{4,8}(?!\d)/;

/** Puts a message on a phone, once an id. Part of the caller's transaction, where there is one. */
export function deliver(store: Store, clock: Clock, { id, sender, to, text, fingerprint, outcome }: Delivery): void {
  // A card's last four digits come after the code, so that the first number is the code.
  const code = CODE.exec(text)?.[0] ?? null;
  store.run(
    `insert into messages (id, sender, recipient, at, text, code, fingerprint, outcome, place)
     values (?, ?, ?, ?, ?, ?, ?, ?, (select coalesce(max(place), 0) + 1 from messages)) on conflict do nothing`,
    ...[id, sender, to, clock.now().toISOString(), text, code, fingerprint, outcome],
  );
}

const SHOWN = `select id, sender as "from", recipient as "to", at, text, code from messages where outcome = 'accepted'`;

/** The messages on one phone, newest first. */
export const messagesOf = (store: Store, phone: string) =>
  store.all(`${SHOWN} and recipient = ? order by place desc limit 50`, phone);

/** The newest messages of all phones. */
export const newestMessages = (store: Store) => store.all(`${SHOWN} order by place desc limit 50`);
