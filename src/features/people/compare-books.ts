import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { accounts, stoppedAccounts } from '../../ledger/read-ledger.ts';
import type { Account, AccountId } from '../../ledger/ledger.ts';
import { accountId } from '../books/chart.ts';
import type { Person } from './person.ts';

type Dependencies = { database: Database; onFault: (error: unknown, where: string) => void };
type Row = { id: string; number: bigint; state: Person['accountState']; version: string };

/** How many are looked at in one statement. */
const HAND = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const NO_ACCOUNT = 0n as AccountId;

/**
 * Finds accounts whose rows say that they are in the books, and whose flags in the ledger are others. Nobody who has the turn
 * leaves one so; but who had lost it, between asking for it and writing, could: that write comes whenever that process goes
 * on, when nobody looks any more. Each is told, and left to the job that brings rows to the books. Looks at what is
 * stopped on either side, which is few beside all there are.
 */
export async function compareBooks(deps: Dependencies, { hand = HAND } = {}): Promise<number> {
  let found = 0;
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const rows = await stoppedInRows(deps.database, after, hand);
    found += await correct(deps, rows);
    after = rows.length === hand ? rows.at(-1)?.id : undefined;
  }
  for (let after: AccountId | undefined = NO_ACCOUNT; after !== undefined; ) {
    const ids: AccountId[] = await stoppedAccounts(deps.database.pool, { after, limit: hand });
    found += await correct(deps, await openInRows(deps.database, ids));
    after = ids.length === hand ? ids.at(-1) : undefined;
  }
  return found;
}

async function stoppedInRows({ kysely }: Database, after: string, limit: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select id, balance_account as number, account_state as state, xmin::text as version from person
    where account_state in ('frozen', 'closed') and in_books and id > ${after} order by id limit ${limit}`.execute(
    kysely,
  );
  return rows;
}

async function openInRows({ kysely }: Database, ids: readonly AccountId[]): Promise<Row[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Row>`
    select id, balance_account as number, account_state as state, xmin::text as version from person
    where balance_account = any(${ids}::bigint[]) and in_books
      and account_state in ('normal', 'limited')`.execute(kysely);
  return rows;
}

/** The rows were read before the flags: one that is in the books still, unchanged, and has others was not about to change. */
async function correct({ database, onFault }: Dependencies, rows: readonly Row[]): Promise<number> {
  const known = await accounts(
    database.pool,
    rows.map(({ number }) => accountId(number)),
  );
  let found = 0;
  for (const { id, number, state, version } of rows) {
    const account = known.get(accountId(number));
    if (!account || agrees(account, state)) continue;
    const written = await sql`
      update person set in_books = false, left_minor = 0
      where id = ${id} and in_books and xmin::text = ${version}`.execute(database.kysely);
    if (written.numAffectedRows === 0n) continue;
    found += 1;
    const is = account.closed ? 'closed' : account.frozen ? 'frozen' : 'open';
    onFault(new Error(`${state} in its row, ${is} in the ledger; it is brought there again`), `the account of ${id}`);
  }
  return found;
}

/** What the job makes of each state. */
const agrees = ({ frozen, closed }: Account, state: Row['state']): boolean =>
  closed === (state === 'closed') && frozen === (state === 'closed' || state === 'frozen');
