import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Account, AccountId, Ledger } from '../../ledger/ledger.ts';
import { accountId } from '../books/chart.ts';
import { readStop, stopsJson, type Stop, type StopJson } from './account-stops.ts';
import type { Person } from './person.ts';

/** The state of an account, as its person's row says it. */
export type Standing = {
  state: Person['accountState'];
  cause: string | null;
  /** All that stops it; the first is the one that its person is told. */
  stops: readonly Stop[];
  account: AccountId;
  /** Whether the flags of the account in the ledger are what the row says. */
  inBooks: boolean;
  /** Another one after every write to the row, also after one that changes nothing. */
  version: string;
};

type Row = {
  state: Person['accountState'];
  cause: string | null;
  stops: StopJson[];
  number: bigint;
  in_books: boolean;
  version: string;
};

export async function readStanding(db: Database['kysely'] | Transaction, personId: Uuid): Promise<Standing> {
  const { rows } = await sql<Row>`
    select account_state as state, account_cause as cause, ${stopsJson(personId)} as stops, balance_account as number,
      in_books, xmin::text as version
    from person where id = ${personId}`.execute(db);
  const [row] = rows;
  assert(row, 'an account has its person');
  const { state, cause, stops, number, in_books: inBooks, version } = row;
  return { state, cause, stops: stops.map(readStop), account: accountId(number), inBooks, version };
}

type TurnDependencies = { database: Database; ledger: Ledger };

/** What whoever has the turn at an account may do with it. */
export type Turn = {
  tx: Transaction;
  /** Sets flags in the ledger. Only while the row says that it is not in the books, so that who dies is repaired. */
  setFlags: (account: AccountId, flags: { frozen?: boolean; closed?: boolean }) => Promise<void>;
  read: (account: AccountId) => Promise<Account>;
};

/**
 * Who changes an account in the ledger has the turn at it meanwhile: the others wait, or with `skip` go on without. It ends
 * with the process, also one that stood still too long: the database takes it from them. Stopping an account in its row
 * needs no turn, so that nothing keeps a stop waiting; whoever had the turn finds another version of the row and goes
 * by that. Resolves to `undefined` where it was skipped.
 */
export async function withTurn<T>(
  { database, ledger }: TurnDependencies,
  personId: Uuid,
  work: (turn: Turn) => Promise<T>,
  { skip = false }: { skip?: boolean } = {},
): Promise<T | undefined> {
  return database.transaction(async (tx) => {
    if (!(await takeTurn(tx, personId, skip))) return undefined;
    return work({
      tx,
      async setFlags(account, flags) {
        // Who has lost the turn finds out here, and writes nothing into the ledger. Who loses it right after this line
        // still does, whenever it goes on: `compareBooks` finds that.
        await sql`select 1`.execute(tx);
        await ledger.setAccountState(account, flags);
      },
      async read(account) {
        const found = await ledger.account(account);
        assert(found, 'a wallet has an account');
        return found;
      },
    });
  });
}

async function takeTurn(tx: Transaction, personId: Uuid, skip: boolean): Promise<boolean> {
  const key = sql`hashtextextended(${`account ${personId}`}, 0)`;
  if (!skip) {
    // Longer than the database leaves it to somebody who stands still.
    await sql`select set_config('lock_timeout', '0', true), set_config('statement_timeout', '36s', true)`.execute(tx);
    await sql`select pg_advisory_xact_lock(${key})`.execute(tx);
    return true;
  }
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(${key}) as taken`.execute(tx);
  return rows[0]?.taken === true;
}

/** Comes before the flags in the ledger become other than the row says: who dies after it leaves it to the job. */
export async function announce(database: Database, personId: Uuid): Promise<void> {
  await sql`update person set in_books = false, left_minor = 0 where id = ${personId}`.execute(database.kysely);
}

/** The row that was read has its flags in the ledger now; false when somebody has written to it since. */
export async function noteInBooks(
  tx: Transaction,
  personId: Uuid,
  { version }: Pick<Standing, 'version'>,
  { inBooks, left }: { inBooks: boolean; left: bigint },
): Promise<boolean> {
  const written = await sql`
    update person set in_books = ${inBooks}, left_minor = ${left}
    where id = ${personId} and xmin::text = ${version}`.execute(tx);
  return written.numAffectedRows === 1n;
}
