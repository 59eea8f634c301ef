import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

type Value = string | bigint | null;
export type Row = Readonly<Record<string, Value>>;

export type Store = {
  all: (sql: string, ...values: SQLInputValue[]) => Row[];
  get: (sql: string, ...values: SQLInputValue[]) => Row | undefined;
  run: (sql: string, ...values: SQLInputValue[]) => void;
  /** All of it or nothing. `work` must not wait for anything, so that no other request comes in between. */
  transaction: <T>(work: () => T) => T;
  close: () => void;
};

export const sandboxTables = `
  create table if not exists cards (
    number text primary key, bank text not null, holder text not null, id_number text not null, phone text not null,
    kind text not null, state text not null, single_limit integer, daily_limit integer, daily_count integer,
    receive_limit integer, note text not null, note_en text not null, offered integer not null, place integer not null
  ) strict;
  create table if not exists accounts (
    bank text not null, name text not null, balance integer not null, primary key (bank, name)
  ) strict;
  create table if not exists entries (
    id integer primary key, bank text not null, at text not null, reference text not null, kind text not null,
    from_account text not null, to_account text not null, amount integer not null check (amount > 0)
  ) strict;
  create index if not exists entries_of_card on entries (bank, from_account, at);
  create table if not exists requests (
    bank text not null, reference text not null, kind text not null, fingerprint text not null, body text not null,
    answer text not null, at text not null, due_at text, primary key (bank, reference)
  ) strict;
  create index if not exists requests_due on requests (due_at) where due_at is not null;
  create table if not exists bindings (
    bank text not null, reference text not null, number text not null, code text not null, code_expires_at text not null,
    tries_left integer not null, state text not null, card_token text unique, removed_at text, answer text,
    primary key (bank, reference)
  ) strict;
  create table if not exists reversals (
    bank text not null, original text not null, reference text not null, primary key (bank, original)
  ) strict;
  create table if not exists callbacks (
    id integer primary key, event_id text not null, bank text not null, body text not null, forged integer not null,
    attempts integer not null, next_at text, delivered_at text
  ) strict;
  create index if not exists callbacks_due on callbacks (next_at) where next_at is not null;
  create table if not exists messages (
    id text primary key, sender text not null, recipient text not null, at text not null, text text not null,
    code text, fingerprint text not null, outcome text not null, place integer not null
  ) strict;
  create index if not exists messages_of_phone on messages (recipient, place);
  create table if not exists behaviours (target text primary key, behaviour text not null) strict;
  create table if not exists nonces (nonce text primary key, at text not null) strict;
`;

/** A program's durable memory: one SQLite file that is written through to the disk at each commit. */
export function openStore(folder: string, name: string, tables: string): Store {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, name));
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000;');
  database.exec(tables);
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    prepared.set(sql, statement);
    return statement;
  };
  return {
    all: (sql, ...values) => prepare(sql).all(...values) as Row[],
    get: (sql, ...values) => prepare(sql).get(...values) as Row | undefined,
    run: (sql, ...values) => {
      prepare(sql).run(...values);
    },
    transaction: (work) => {
      if (database.isTransaction) return work();
      database.exec('begin immediate');
      try {
        const result = work();
        database.exec('commit');
        return result;
      } catch (error) {
        database.exec('rollback');
        throw error;
      }
    },
    close: () => database.close(),
  };
}
