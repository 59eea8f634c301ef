import { sql } from 'kysely';
import { minuteMs, type Clock } from '../../kernel/clock.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { CauseCode } from '../../causes/registry.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { announce, noteInBooks, readStanding, withTurn, type Standing, type Turn } from './account-turn.ts';

export type NewState =
  | { state: 'normal' }
  | { state: 'frozen' | 'limited' | 'closed'; cause: CauseCode; reviewAt: Date | null; authority?: string };

/** A change of an account's state: by whom, and what has to hold of it in that moment. */
export type Change = {
  to: NewState;
  /** The wallet itself where nobody is named. */
  by?: 'wallet' | 'owner' | { decisionId: Uuid };
  when?: (now: Standing, db: Database['kysely'] | Transaction) => boolean | Promise<boolean>;
  /** Written with the change, or not at all. */
  also?: (tx: Transaction) => Promise<void>;
};

type AccountDependencies = { database: Database; ledger: Ledger };

const isStop = ({ state }: NewState): boolean => state === 'frozen' || state === 'closed';

/**
 * Freezes or closes an account for a cause that its person is told, or lifts it. A stop comes to the person's row first,
 * so that nothing new begins, and then to the ledger, which refuses what was on its way; it is lifted the other way
 * round. A process that dies between the two leaves a stop that everybody sees, never one that nobody knows of, and a row
 * which says that it is not in the books: the job brings it there. False when `when` did not hold, also when somebody
 * changed the account in this very moment: then nothing was changed.
 */
export async function changeAccount(deps: AccountDependencies, personId: Uuid, change: Change): Promise<boolean> {
  if (!isStop(change.to)) return lift(deps, personId, change);
  if (!(await deps.database.transaction((tx) => stopInRow(tx, personId, change)))) return false;
  await bringToBooks(deps, personId);
  return true;
}

/** Without a condition, by the wallet itself. */
export async function setAccountState(deps: AccountDependencies, personId: Uuid, to: NewState): Promise<void> {
  await changeAccount(deps, personId, { to });
}

/** The half of a stop that needs no ledger; the wallet brings it to the books. */
export async function stopInRow(tx: Transaction, personId: Uuid, change: Change): Promise<boolean> {
  await sql`select 1 from person where id = ${personId} for no key update`.execute(tx);
  const now = await readStanding(tx, personId);
  if (change.when && !(await change.when(now, tx))) return false;
  await writeState(tx, personId, change, { inBooks: false });
  await change.also?.(tx);
  return true;
}

async function lift(deps: AccountDependencies, personId: Uuid, change: Change): Promise<boolean> {
  const { kysely } = deps.database;
  const holds = (now: Standing, db: Database['kysely'] | Transaction) => !change.when || change.when(now, db);
  for (;;) {
    if (!(await holds(await readStanding(kysely, personId), kysely))) return false;
    await announce(deps.database, personId);
    const lifted = await withTurn(deps, personId, async (turn) => {
      const now = await readStanding(turn.tx, personId);
      // The job may have been here since it was announced.
      if (now.inBooks || !(await holds(now, turn.tx))) return false;
      await turn.setFlags(now.account, { frozen: false, closed: false });
      await sql`select 1 from person where id = ${personId} for no key update`.execute(turn.tx);
      // Stopped in this very moment: whether it is lifted then as well is asked anew.
      if ((await readStanding(turn.tx, personId)).version !== now.version) return false;
      await writeState(turn.tx, personId, change, { inBooks: true });
      await change.also?.(turn.tx);
      return true;
    });
    if (lifted) return true;
    await bringToBooks(deps, personId);
  }
}

async function bringToBooks(deps: AccountDependencies, personId: Uuid, how?: { skip: boolean }): Promise<void> {
  await withTurn(deps, personId, (turn) => bringHeld(turn, personId), how);
}

/** Brings the flags in the ledger to what the row says; again when the row was written meanwhile. */
async function bringHeld(turn: Turn, personId: Uuid): Promise<void> {
  for (;;) {
    const now = await readStanding(turn.tx, personId);
    if (now.inBooks) return;
    const how = now.state === 'closed' ? await close(turn, now) : await follow(turn, now);
    if (await noteInBooks(turn.tx, personId, now, how)) return;
  }
}

async function follow(turn: Turn, { account, state }: Standing) {
  await turn.setFlags(account, { frozen: state === 'frozen', closed: false });
  return { inBooks: true, left: 0n };
}

/**
 * What a bank may be paying out already has to be taken from the account, which a closed one would not allow. Frozen, it
 * takes no new hold; when the last one has ended, it is closed. What it still holds then is left, for people to pay out.
 * Nothing is ever pending towards a wallet's account: `creditsPending` needs no such care.
 */
async function close(turn: Turn, { account }: Standing) {
  // Who died while it was open has left an account that could take a new hold at any moment.
  await turn.setFlags(account, { frozen: true });
  const closed = (await turn.read(account)).debitsPending === 0n;
  await turn.setFlags(account, { frozen: true, closed });
  if (!closed) return { inBooks: false, left: 0n };
  const { creditsPosted, debitsPosted } = await turn.read(account);
  return { inBooks: true, left: creditsPosted - debitsPosted };
}

/**
 * Opens a closed account in the books for as long as `work` lasts, so that what is left in it can go to its owner. Who
 * dies meanwhile leaves one that the job closes. For its person it stays closed.
 */
export async function whileOpenInBooks<T>(
  deps: AccountDependencies,
  personId: Uuid,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    if ((await readStanding(deps.database.kysely, personId)).state !== 'closed') return work();
    await announce(deps.database, personId);
    try {
      const done = await withTurn(deps, personId, async (turn) => {
        const now = await readStanding(turn.tx, personId);
        if (now.inBooks || now.state !== 'closed') return undefined;
        await turn.setFlags(now.account, { frozen: false, closed: false });
        return { result: await work() };
      });
      if (done) return done.result;
    } finally {
      await bringToBooks(deps, personId);
    }
  }
}

type ClosingDependencies = AccountDependencies & { clock: Clock; onFault: (error: unknown, where: string) => void };

/**
 * Brings to the books what was stopped in the row alone, or left between the two. For a job; each hand goes on where the
 * last one ended, so that accounts which a bank keeps from being closed for long, or with which something is wrong, keep
 * none of the others waiting.
 */
export function createClosing(deps: ClosingDependencies): {
  finish: (limit: number) => Promise<number>;
  stop: (limit: number) => Promise<number>;
  stopAll: (withinMs: number) => Promise<void>;
} {
  const { clock, onFault } = deps;
  const told = new Map<string, number>();
  /** An account that stays as it is, is told of now and then, not at every try. */
  const tell = (error: unknown, id: string) => {
    const now = clock.now().getTime();
    if (now - (told.get(id) ?? 0) < TOLD_EVERY_MS) return;
    if (told.size >= TOLD_AT_MOST) told.clear();
    told.set(id, now);
    onFault(error, `the account of ${id}, which is not in the books as its row says`);
  };
  const bring = async (id: string, how: { skip: boolean }) => {
    try {
      await bringToBooks(deps, uuid(id), how);
    } catch (error) {
      tell(error, id);
    }
  };
  const find = async (after: string, limit: number, isClosed: boolean): Promise<string[]> => {
    const found = await sql<{ id: string }>`
      select id from person where not in_books and (account_state = 'closed') = ${isClosed} and id > ${after}
      order by id limit ${limit}`.execute(deps.database.kysely);
    return found.rows.map(({ id }) => id);
  };
  const createHands = (isClosed: boolean) => {
    let after: string = FIRST_ID;
    return async (limit: number) => {
      const ids = await find(after, limit, isClosed);
      for (const id of ids) await bring(id, { skip: true });
      after = (ids.length === limit && ids.at(-1)) || FIRST_ID;
      return 0;
    };
  };
  return {
    /** Closed accounts, which may have to wait for a bank. */
    finish: createHands(true),
    /** All others, at once. */
    stop: createHands(false),
    /** Each of the others, before a wallet goes on; it waits for whoever has a turn. What takes longer is left to the job. */
    async stopAll(withinMs) {
      const until = clock.now().getTime() + withinMs;
      for (
        let ids = await find(FIRST_ID, HAND, false);
        ids.length > 0;
        ids = await find(ids.at(-1) ?? '', HAND, false)
      ) {
        for (const id of ids) {
          if (clock.now().getTime() >= until)
            return onFault(new Error('more than could be looked at'), 'accounts that were stopped');
          await bring(id, { skip: false });
        }
      }
    },
  };
}
const FIRST_ID = uuid('00000000-0000-0000-0000-000000000000');
const HAND = 100;
const TOLD_EVERY_MS = minuteMs;
const TOLD_AT_MOST = 1000;

async function writeState(
  tx: Transaction,
  personId: Uuid,
  { to, by = 'wallet' }: Change,
  { inBooks }: { inBooks: boolean },
): Promise<void> {
  const [cause, reviewAt, authority] =
    to.state === 'normal' ? [null, null, null] : [to.cause, to.reviewAt, to.authority ?? null];
  const [author, decisionId] = typeof by === 'string' ? [by, null] : ['operator', by.decisionId];
  await sql`
    update person set account_state = ${to.state}, account_cause = ${cause}, account_review_at = ${reviewAt},
      account_authority = ${authority}, account_by = ${author}, account_decision = ${decisionId},
      in_books = ${inBooks}, left_minor = 0
    where id = ${personId}`.execute(tx);
}
