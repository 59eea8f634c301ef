import { sql } from 'kysely';
import { minuteMs, type Clock } from '../../kernel/clock.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { endStop, isOpenWith, LAW, setStop, type Author, type NewStop, type Stop } from './account-stops.ts';
import { announce, noteInBooks, readStanding, withTurn, type Standing, type Turn } from './account-turn.ts';

type Reader = Database['kysely'] | Transaction;
/** A change of an account's state: by whom, and what has to hold of it in that moment. */
type Change = {
  /** The wallet itself where nobody is named. */
  by?: Author;
  when?: (now: Standing, db: Reader) => boolean | Promise<boolean>;
  /** Written with the change, or not at all. */
  also?: (tx: Transaction, now: { before: Standing; after: Standing }) => Promise<void>;
};
export type Stopping = Change & { stop: NewStop };
/** Which of its stops end; of operators one, which their decision names. */
export type Lifting = Change & { lift: (stop: Stop) => boolean };

type AccountDependencies = { database: Database; ledger: Ledger };

/**
 * Stops an account for a cause, or ends a stop of it; it is free when none is left. A stop comes to the rows of the person
 * first, so that nothing new begins, and then to the ledger, which refuses what was on its way; it is lifted the other way
 * round. A process that dies between the two leaves a stop that everybody sees, never one that nobody knows of, and a row
 * which says that it is not in the books: the job brings it there. False when `when` did not hold, or there was nothing to
 * end, also when somebody changed the account in this very moment: then nothing was changed.
 */
export async function changeAccount(
  deps: AccountDependencies,
  personId: Uuid,
  change: Stopping | Lifting,
): Promise<boolean> {
  if ('lift' in change) return lift(deps, personId, change);
  if (!(await deps.database.transaction((tx) => stopInRow(tx, personId, change)))) return false;
  await bringToBooks(deps, personId);
  return true;
}

/** What is closed is stopped already, and what the law had stopped is lifted before it is closed. */
export const mayStop = ({ state, stops }: Pick<Standing, 'state' | 'stops'>, stop: Pick<NewStop, 'state'>): boolean =>
  state !== 'closed' && (stop.state !== 'closed' || stops.every(({ cause }) => cause !== LAW));

/** The half of a stop that needs no ledger; the wallet brings it to the books. */
export async function stopInRow(tx: Transaction, personId: Uuid, change: Stopping): Promise<boolean> {
  await lockRow(tx, personId);
  const before = await readStanding(tx, personId);
  if (change.when && !(await change.when(before, tx))) return false;
  await setStop(tx, { personId, stops: before.stops }, change.stop, change.by ?? 'wallet');
  await change.also?.(tx, { before, after: await readStanding(tx, personId) });
  return true;
}

const lockRow = (tx: Transaction, personId: Uuid) =>
  sql`select 1 from person where id = ${personId} for no key update`.execute(tx);

async function lift(deps: AccountDependencies, personId: Uuid, change: Lifting): Promise<boolean> {
  for (;;) {
    const { kysely } = deps.database;
    const plan = await planOf(await readStanding(kysely, personId), change, kysely);
    if (plan === 'nothing') return false;
    const done = await (plan === 'opens' ? open(deps, personId, change) : liftInRow(deps, personId, change));
    if (done) return true;
    await bringToBooks(deps, personId);
  }
}

/** Whether the account is open in the ledger once these stops have ended, stays stopped there, or nothing ends. */
async function planOf(now: Standing, { lift, when }: Lifting, db: Reader): Promise<'nothing' | 'opens' | 'stays'> {
  if (!now.stops.some(lift) || (when && !(await when(now, db)))) return 'nothing';
  return isOpenWith(now.stops.filter((stop) => !lift(stop))) ? 'opens' : 'stays';
}

/** Another stop is left: the ledger goes on refusing, by that one. False when this is not so any more. */
async function liftInRow(deps: AccountDependencies, personId: Uuid, change: Lifting): Promise<boolean> {
  const done = await deps.database.transaction(async (tx) => {
    await lockRow(tx, personId);
    const before = await readStanding(tx, personId);
    if ((await planOf(before, change, tx)) !== 'stays') return false;
    await endStops(tx, personId, before, change);
    return true;
  });
  if (done) await bringToBooks(deps, personId);
  return done;
}

/** None is left that keeps money in: the ledger opens first. False when it was changed in this very moment. */
async function open(deps: AccountDependencies, personId: Uuid, change: Lifting): Promise<boolean> {
  await announce(deps.database, personId);
  const opened = await withTurn(deps, personId, async (turn) => {
    const now = await readStanding(turn.tx, personId);
    // The job may have been here since it was announced.
    if (now.inBooks || (await planOf(now, change, turn.tx)) !== 'opens') return false;
    await turn.setFlags(now.account, { frozen: false, closed: false });
    await lockRow(turn.tx, personId);
    // Stopped in this very moment: whether it is lifted then as well is asked anew.
    if ((await readStanding(turn.tx, personId)).version !== now.version) return false;
    await endStops(turn.tx, personId, now, change);
    await sql`update person set in_books = true where id = ${personId}`.execute(turn.tx);
    return true;
  });
  return opened === true;
}

async function endStops(tx: Transaction, personId: Uuid, before: Standing, change: Lifting): Promise<void> {
  for (const stop of before.stops.filter(change.lift)) await endStop(tx, stop, change.by ?? 'wallet');
  await change.also?.(tx, { before, after: await readStanding(tx, personId) });
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
