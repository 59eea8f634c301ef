import { sql } from 'kysely';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database } from '../../database/database.ts';
import { accounts, stoppedAccounts } from '../../ledger/read-ledger.ts';
import type { Account, AccountId } from '../../ledger/ledger.ts';
import { accountId } from '../books/chart.ts';
import type { Person } from './person.ts';

type Dependencies = { database: Database; onFault: (error: unknown, where: string) => void };
type Row = { id: string; number: bigint; state: Person['accountState']; in_books: boolean; version: string };

/** An account that is in the ledger not what its row says. */
export type Difference = {
  personId: Uuid;
  inRow: Person['accountState'];
  inLedger: 'open' | 'frozen' | 'closed' | 'missing';
  /** Whether the row says that it is in the books; if not, it is on its way there. */
  inBooks: boolean;
  /** What keeps a closed one open in the ledger: a bank has to end it first. */
  isWaiting: boolean;
  version: string;
};

/** How many are looked at in one statement. */
const HAND = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const NO_ACCOUNT = 0n as AccountId;

/**
 * Finds accounts whose rows say that they are in the books, and whose flags in the ledger are others. Nobody who has the turn
 * leaves one so; but who had lost it, between asking for it and writing, could: that write comes whenever that process goes
 * on, when nobody looks any more. Each is told, written down, and left to the job that brings rows to the books.
 */
export async function compareBooks(deps: Dependencies, { hand = HAND } = {}): Promise<number> {
  let found = 0;
  for await (const difference of differences(deps.database, hand)) {
    // Whom the ledger does not know, the job tells of as often as it tries.
    if (difference.inBooks && difference.inLedger !== 'missing' && (await putRight(deps, difference))) found += 1;
  }
  return found;
}

/** What differs now, for operators: found twice, so that nothing is named which was about to change. */
export async function readDifferences(database: Database): Promise<Difference[]> {
  const seen = new Set<string>();
  const name = ({ personId, inRow, inLedger }: Difference) => `${personId} ${inRow} ${inLedger}`;
  for await (const each of differences(database, HAND)) seen.add(name(each));
  const found: Difference[] = [];
  if (seen.size > 0) for await (const each of differences(database, HAND)) if (seen.has(name(each))) found.push(each);
  return found;
}

export type FoundDifference = { personId: Uuid; inRow: string; inLedger: string; at: Date };

/** What the comparison found before and put right, the newest first, and how many there were. */
export async function readFoundDifferences(
  database: Database,
  limit: number,
): Promise<{ total: number; newest: FoundDifference[] }> {
  const { rows } = await sql<{ person_id: string; in_row: string; in_ledger: string; found_at: Date; total: number }>`
    select person_id, in_row, in_ledger, found_at, (select count(*)::int from account_difference) as total
    from account_difference order by seq desc limit ${limit}`.execute(database.kysely);
  return {
    total: rows[0]?.total ?? 0,
    newest: rows.map((row) => ({
      personId: uuid(row.person_id),
      inRow: row.in_row,
      inLedger: row.in_ledger,
      at: row.found_at,
    })),
  };
}

export type ComparedCount = { notInBooks: number; closing: number; found: number };

/** For figures: stops that the ledger does not know yet, closed accounts that wait for a bank, and what was found ever. */
export async function countCompared({ database }: Pick<Dependencies, 'database'>): Promise<ComparedCount> {
  const { rows } = await sql<ComparedCount>`
    select count(*) filter (where account_state <> 'closed')::int as "notInBooks",
      count(*) filter (where account_state = 'closed')::int as closing,
      (select count(*)::int from account_difference) as found
    from person where not in_books`.execute(database.kysely);
  return rows[0] ?? { notInBooks: 0, closing: 0, found: 0 };
}

/** Looks at what is stopped on either side, which is few beside all there are. */
async function* differences(database: Database, hand: number): AsyncGenerator<Difference> {
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const rows = await stoppedInRows(database, after, hand);
    yield* await differing(database, rows);
    after = rows.length === hand ? rows.at(-1)?.id : undefined;
  }
  for (let after: AccountId | undefined = NO_ACCOUNT; after !== undefined; ) {
    const ids: AccountId[] = await stoppedAccounts(database.pool, { after, limit: hand });
    yield* await differing(database, await openInRows(database, ids));
    after = ids.length === hand ? ids.at(-1) : undefined;
  }
}

async function stoppedInRows({ kysely }: Database, after: string, limit: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select id, balance_account as number, account_state as state, in_books, xmin::text as version from person
    where account_state in ('frozen', 'closed') and id > ${after} order by id limit ${limit}`.execute(kysely);
  return rows;
}

async function openInRows({ kysely }: Database, ids: readonly AccountId[]): Promise<Row[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Row>`
    select id, balance_account as number, account_state as state, in_books, xmin::text as version from person
    where balance_account = any(${ids}::bigint[]) and account_state in ('normal', 'limited')`.execute(kysely);
  return rows;
}

/** The rows were read before the flags: one that is in the books still, unchanged, and has others was not about to change. */
async function differing(database: Database, rows: readonly Row[]): Promise<Difference[]> {
  const known = await accounts(
    database.pool,
    rows.map(({ number }) => accountId(number)),
  );
  return rows.flatMap(({ id, number, state, in_books: inBooks, version }): Difference[] => {
    const account = known.get(accountId(number));
    const about = { personId: uuid(id), inRow: state, inBooks, version };
    if (!account) return [{ ...about, inLedger: 'missing', isWaiting: false }];
    if (agrees(account, state)) return [];
    const inLedger = account.closed ? 'closed' : account.frozen ? 'frozen' : 'open';
    const isWaiting = state === 'closed' && !inBooks && account.frozen && account.debitsPending > 0n;
    return [{ ...about, inLedger, isWaiting }];
  });
}

async function putRight({ database, onFault }: Dependencies, difference: Difference): Promise<boolean> {
  const { personId, inRow, inLedger, version } = difference;
  const written = await sql`
    with found as (
      update person set in_books = false, left_minor = 0
      where id = ${personId} and in_books and xmin::text = ${version} returning id)
    insert into account_difference (person_id, in_row, in_ledger) select id, ${inRow}, ${inLedger} from found`.execute(
    database.kysely,
  );
  if (written.numAffectedRows === 0n) return false;
  onFault(
    new Error(`${inRow} in its row, ${inLedger} in the ledger; it is brought there again`),
    `the account of ${personId}`,
  );
  return true;
}

/** What the job makes of each state. */
const agrees = ({ frozen, closed }: Account, state: Row['state']): boolean =>
  closed === (state === 'closed') && frozen === (state === 'closed' || state === 'frozen');
