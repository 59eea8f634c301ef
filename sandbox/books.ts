import type { Clock } from './clock.ts';
import { people } from './samples.ts';
import type { Store } from './store.ts';

/**
 * The books of each bank, double entry: `partner` is the wallet's account, `card:<number>` a customer's, `outside`
 * everything else. Whatever leaves one account arrives at another, so that each bank's balances add up to nothing.
 */

export type Posting = {
  bank: string;
  reference: string;
  kind: 'debit' | 'credit' | 'reversal' | 'opening' | 'desk';
  from: string;
  to: string;
  amount: bigint;
};

export const PARTNER = 'partner';
const OUTSIDE = 'outside';
export const accountOf = (cardNumber: string): string => `card:${cardNumber}`;

/** Part of the caller's transaction. The partner's account may be short at one bank: banks settle that among themselves. */
export function post(store: Store, clock: Clock, { bank, reference, kind, from, to, amount }: Posting): void {
  const at = clock.now().toISOString();
  store.run(
    'insert into entries (bank, at, reference, kind, from_account, to_account, amount) values (?, ?, ?, ?, ?, ?, ?)',
    ...[bank, at, reference, kind, from, to, amount],
  );
  const change =
    'insert into accounts (bank, name, balance) values (?, ?, ?) on conflict do update set balance = balance + excluded.balance';
  store.run(change, bank, from, -amount);
  store.run(change, bank, to, amount);
}

export const balanceOf = (store: Store, bank: string, account: string): bigint =>
  BigInt(store.get('select balance from accounts where bank = ? and name = ?', bank, account)?.['balance'] ?? 0n);

/** Sets a card's balance as the desk wants it, against `outside`. */
export function setBalance(store: Store, clock: Clock, bank: string, cardNumber: string, wanted: bigint): void {
  const account = accountOf(cardNumber);
  const change = wanted - balanceOf(store, bank, account);
  if (change === 0n) return;
  const [from, to] = change > 0n ? [OUTSIDE, account] : [account, OUTSIDE];
  post(store, clock, { bank, reference: 'desk', kind: 'desk', from, to, amount: change > 0n ? change : -change });
}

const TABLES = [
  'cards',
  'accounts',
  'entries',
  'requests',
  'bindings',
  'reversals',
  'callbacks',
  'messages',
  'behaviours',
];

/** Opens the sample cards with their balances, once. */
export function openSampleCards(store: Store, clock: Clock): void {
  store.transaction(() => {
    if (store.get('select 1 from cards limit 1')) return;
    let place = 0n;
    for (const person of people) {
      for (const card of person.cards) {
        place += 1n;
        store.run(
          `insert into cards (number, bank, holder, id_number, phone, kind, state, single_limit, daily_limit, daily_count,
             receive_limit, note, note_en, offered, place) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[
            card.number,
            card.bankCode,
            person.name,
            card.idNumber ?? person.idNumber,
            card.reservedPhone,
            card.kind,
            card.state,
          ],
          ...[card.singleLimit ?? null, card.dailyLimit ?? null, card.dailyCount ?? null, card.receiveLimit ?? null],
          ...[card.note, card.noteEn, card.offered ? 1n : 0n, place],
        );
        if (card.balance === 0n) continue;
        const opening = { bank: card.bankCode, reference: 'opening', kind: 'opening', amount: card.balance } as const;
        post(store, clock, { ...opening, from: OUTSIDE, to: accountOf(card.number) });
      }
    }
  });
}

/** Everything as on the first day. Whoever asks with an old reference after this is a stranger. */
export function resetBooks(store: Store, clock: Clock): void {
  store.transaction(() => {
    for (const table of TABLES) store.run(`delete from ${table}`);
    openSampleCards(store, clock);
  });
}

/** Per bank: the partner's balance, whether everything adds up, and the entries, newest first. */
export function readBooks(store: Store, most: number): Record<string, unknown> {
  const entries = store.all(
    `select bank, at, reference, kind, from_account as "from", to_account as "to", cast(amount as text) as amount
     from entries where kind <> 'opening' order by id desc limit ?`,
    BigInt(most),
  );
  const totals = store.all('select bank, cast(sum(balance) as text) as sum from accounts group by bank order by bank');
  const banks = totals.map(({ bank, sum }) => ({
    bankCode: bank,
    partnerBalance: balanceOf(store, String(bank), PARTNER).toString(),
    sum,
  }));
  const partnerBalance = banks.reduce((total, one) => total + BigInt(one.partnerBalance), 0n).toString();
  return { partnerBalance, banks, entries };
}
