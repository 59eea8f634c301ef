import type { Uuid } from '../kernel/ids.ts';
import { accountFlag } from './books.ts';
import { decideChain, outcomeOfKnown } from './decide.ts';
import type { AnyTransfer, Books } from './books.ts';
import type { TransferOutcome } from './ledger.ts';
import { LedgerTooLate, LedgerUnavailable } from './ledger-errors.ts';
import type { LedgerLimits } from './ledger-limits.ts';
import { Page } from './page.ts';
import type { SharedRefusals } from './shared-refusals.ts';
import { readEpoch, readHolds, readTransfers, type Reader } from './stored-rows.ts';
import { rejectCall, type Call } from './waiting-calls.ts';

type Doubtful = { call: Call; chain: number };

/** Calls that are decided and written together. */
export type Batch = {
  no: number;
  page: Page;
  calls: readonly Call[];
  /** Transfers asked for. */
  size: number;
  /** Refused chains whose ids were not looked up: one of them may be there since long ago, and then `exists` is the answer. */
  doubtful: Doubtful[];
  refusedIds: Uuid[];
  /** Who was told what another was refused. */
  sharers: { call: Call; id: Uuid }[];
  /** Nothing in it is for the tables. */
  empty: boolean;
  sentAtMs: number;
  written: boolean;
  verified: boolean;
};

/**
 * How many transfers travel together: the lines share what waits and what is under way. Whoever took all that waits would
 * leave nothing for the others to do meanwhile, as its callers ask again only when it is back.
 */
export function shareOfLine(limits: LedgerLimits, waiting: number, unanswered: readonly Batch[]): number {
  const { lines, shareFrom, maxBatch } = limits;
  const asked = unanswered.reduce((sum, batch) => sum + batch.size, waiting);
  return asked < shareFrom ? maxBatch : Math.min(maxBatch, Math.ceil(asked / lines));
}

/** Decides every transfer of the calls, in order, against the books. Nothing waits here. */
export function decideBatch(
  books: Books,
  no: number,
  calls: readonly Call[],
  now: { at: Date; sentAtMs: number },
  absent: ReadonlySet<Uuid>,
  refusals: SharedRefusals,
): Batch {
  const page = new Page(books, no, now.at);
  const batch: Batch = {
    no,
    page,
    calls,
    size: calls.reduce((sum, call) => sum + call.size, 0),
    doubtful: [],
    refusedIds: [],
    sharers: [],
    empty: false,
    sentAtMs: now.sentAtMs,
    written: false,
    verified: true,
  };
  for (const call of calls) {
    if (call.kind === 'state') changeState(page, call);
    else if (call.before !== undefined && call.before <= now.at && !isAllThere(page, call)) tellLate(page, call);
    else call.outcomes = call.chains.map((chain, index) => decideOne(batch, call, chain, index, absent, refusals));
  }
  batch.empty = page.rows.length === 0 && !page.accounts.some((each) => each.flags !== each.flagsBefore);
  batch.verified = batch.doubtful.length === 0 && !(batch.empty && calls.some(restsOnBooks));
  return batch;
}

/** What is there is there for ever; a refusal, or a state that is as it should be, is true of these books only. */
const restsOnBooks = (call: Call): boolean =>
  call.kind === 'state' || call.outcomes.some((chain) => chain.some(isRefusal));

const isRefusal = ({ outcome }: TransferOutcome): boolean => outcome === 'refused';

/** Whether an id of the chain is neither in the books nor known not to be in the tables. */
const isAnyUnknown = (page: Page, chain: readonly AnyTransfer[], absent: ReadonlySet<Uuid>): boolean =>
  chain.some(({ id }) => !absent.has(id) && page.transfer(id) === undefined);

function decideOne(
  batch: Batch,
  call: Call,
  chain: readonly AnyTransfer[],
  index: number,
  absent: ReadonlySet<Uuid>,
  refusals: SharedRefusals,
): TransferOutcome[] {
  const { outcomes, refusedAt, isShared } = decideChain(batch.page, chain, refusals, call.no);
  if (outcomes.some(isRefusal) && isAnyUnknown(batch.page, chain, absent)) {
    batch.doubtful.push({ call, chain: index });
  }
  if (refusedAt === undefined) return withRiders(batch.page, call, index, outcomes);
  const transfer = chain[refusedAt]!;
  const outcome = outcomes[refusedAt]!;
  // One that is shared counts for those who asked before its first caller heard it, and no longer because of those.
  if (isShared) {
    batch.sharers.push({ call, id: transfer.id });
  } else if (outcome.outcome === 'refused') {
    refusals.remember(transfer, outcome.reason, batch.no, call.no);
    batch.refusedIds.push(transfer.id);
  }
  return outcomes;
}

/** What was there before had its riders then; what is refused has none. */
function withRiders(page: Page, call: Call, index: number, outcomes: TransferOutcome[]): TransferOutcome[] {
  const riders = call.kind === 'post' ? call.riders?.[index] : undefined;
  if (riders === undefined || outcomes.some((each) => each.outcome !== 'posted')) return outcomes;
  const rows = page.ride(riders, outcomes.length);
  return outcomes.map((outcome, place) => {
    const row = rows[place];
    if (row === undefined || outcome.outcome === 'refused') return outcome;
    return { ...outcome, balances: { debit: row.debitBalance, credit: row.creditBalance } };
  });
}

type PostCall = Extract<Call, { kind: 'post' }>;

/** Of a call whose answer was lost: what it was to do may have been done in time, each chain whole or not at all. */
const isThere = (page: Page, call: PostCall): ((chain: readonly AnyTransfer[]) => boolean) =>
  call.lookUp
    ? (chain) => chain.length > 0 && chain.every((each) => page.transfer(each.id) !== undefined)
    : () => false;

const isAllThere = (page: Page, call: PostCall): boolean => call.size > 0 && call.chains.every(isThere(page, call));

/** `LedgerTooLate` says that nothing was done, so it is only told where that is certain. */
function tellLate(page: Page, call: PostCall): void {
  if (!call.chains.some(isThere(page, call))) rejectCall(call, new LedgerTooLate());
  else rejectCall(call, new LedgerUnavailable('its time is over, and a part of it is there'));
}

function changeState(page: Page, call: Extract<Call, { kind: 'state' }>): void {
  const account = page.account(call.accountId);
  if (account === undefined) {
    rejectCall(call, new Error(`assertion: no account ${call.accountId}`));
    return;
  }
  page.change(account);
  const set = (flag: number, on: boolean | undefined) => {
    if (on !== undefined) account.flags = on ? account.flags | flag : account.flags & ~flag;
  };
  set(accountFlag.frozen, call.state.frozen);
  set(accountFlag.closed, call.state.closed);
}

/** Takes out of the batches, to be decided again, the calls that were told that these were refused. */
export function takeMisled(batches: readonly Batch[], overturned: readonly Uuid[]): Call[] {
  const misled = (batch: Batch) => batch.sharers.filter(({ id }) => overturned.includes(id)).map(({ call }) => call);
  const calls = new Set(batches.flatMap(misled));
  for (const batch of batches) {
    batch.calls = batch.calls.filter((call) => !calls.has(call));
    batch.doubtful = batch.doubtful.filter(({ call }) => !calls.has(call));
    batch.sharers = batch.sharers.filter(({ call }) => !calls.has(call));
  }
  return [...calls];
}

/**
 * Looks up the ids of refused chains. They had no effect, so a chain of which something was there before this batch
 * changes its answer and nothing else. Answers with those whose refusal turned out to be none, since another transfer of
 * their chain was there: who asked for them at the same time may have been told what nobody else heard.
 * A batch that writes nothing has no commit to be fenced by: that nobody else has begun an epoch is looked up as well.
 */
export async function verifyBatch(reader: Reader, batch: Batch, epoch?: number): Promise<Uuid[]> {
  if (batch.empty && (await readEpoch(reader)) !== epoch) throw new Error('another writer has begun an epoch');
  const transfers = batch.doubtful.flatMap(({ call, chain }) => (call.kind === 'post' ? call.chains[chain]! : []));
  const found = new Map<Uuid, Awaited<ReturnType<typeof readTransfers>>[number]>();
  const ids = [...new Set(transfers.map((each) => each.id))];
  for (const row of ids.length === 0 ? [] : await readTransfers(reader, ids)) {
    if (row.seq <= batch.page.seqBefore) found.set(row.id, row);
  }
  const overturned: Uuid[] = [];
  if (found.size > 0) {
    const pendingIds = transfers.flatMap((each) => ('pendingId' in each ? [each.pendingId] : []));
    const holds = new Map((await readHolds(reader, pendingIds)).map((hold) => [hold.id, hold.amount]));
    for (const { call, chain } of batch.doubtful) {
      const members = call.kind === 'post' ? call.chains[chain]! : [];
      if (!members.some((each) => found.has(each.id))) continue;
      const before = call.outcomes[chain]!;
      const refused = members.find((each, index) => isReason(before[index]!) && !found.has(each.id));
      if (refused !== undefined) overturned.push(refused.id);
      call.outcomes[chain] = members.map((each, index) => {
        if (!found.has(each.id) && isOfKnown(before[index]!)) return before[index]!;
        return outcomeOfKnown(found.get(each.id), each, 'pendingId' in each ? holds.get(each.pendingId) : undefined);
      });
    }
  }
  batch.verified = true;
  return overturned;
}

/** The refusal of the one transfer for which a chain failed. */
const isReason = (outcome: TransferOutcome): boolean =>
  outcome.outcome === 'refused' && outcome.reason !== 'linked_event_failed' && !isOfKnown(outcome);

const isOfKnown = (outcome: TransferOutcome): boolean =>
  outcome.outcome === 'exists' || (outcome.outcome === 'refused' && outcome.reason.startsWith('exists_with'));

/**
 * After a failure: how many of the batches are in the tables. They are committed in order, so that what comes before a
 * committed one is committed too, also where it changed the state of accounts only and left no row to be found by. One
 * that had nothing to write says nothing about those before it.
 */
export async function countCommitted(reader: Reader, batches: readonly Batch[]): Promise<number> {
  let count = 0;
  for (const [index, batch] of batches.entries()) {
    const hasRows = batch.page.rows.length > 0;
    if (!batch.written && hasRows && !(await isCommitted(reader, batch))) break;
    if ((batch.written && !batch.empty) || hasRows || (batch.empty && count === index)) count = index + 1;
  }
  return count;
}

/** Whether this batch is in the tables just as it was decided: another writer may have given an id the same place, later. */
async function isCommitted(reader: Reader, batch: Batch): Promise<boolean> {
  const { rows } = batch.page;
  const stored = new Map(
    (
      await readTransfers(
        reader,
        rows.map((row) => row.id),
      )
    ).map((row) => [row.id, row]),
  );
  return rows.every((row) => {
    const there = stored.get(row.id);
    return there?.seq === row.seq && there.at.getTime() === row.at.getTime();
  });
}

/** Tells every caller of the batch. */
export function answerBatch(batch: Batch): void {
  for (const call of batch.calls) {
    if (call.settled) continue;
    call.settled = true;
    call.resolve(call.outcomes);
  }
}
