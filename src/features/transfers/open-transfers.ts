import { addMs, secondMs, type Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { refusal } from '../../causes/refusal.ts';
import { LedgerUnavailable } from '../../ledger/ledger-errors.ts';
import type { Instants } from '../../operations/instant.ts';
import { isNothingDone } from './tell-ledger-failure.ts';

export type OpenTransfer = { ownerId: Uuid; intent: string; key: Uuid; id: Uuid; before: Date };

type Open = Pick<OpenTransfer, 'key' | 'id'> & {
  /** How many requests have it at the books now. */
  underWay: number;
  /** One of them ended without an outcome: it is there, or will be, or never will. */
  unknown: boolean;
  /** After that it is there or never will be. */
  until: Date;
};

/** By when a commit that was sent in time has come, or never will: longer than the ledger takes to notice a lost one. */
const COMMITTED_WITHIN_MS = 30 * secondMs;

/**
 * Transfers that this process has brought to the books and whose outcome is not known yet. Nothing of them is recorded
 * before their commit, so that only here is remembered that a second one, equal but for its id, may be meant to be the
 * same. It does not see those of other processes; one that nobody hears of is settled in the database, for all of them.
 */
export function createOpenTransfers({ clock, instants }: { clock: Clock; instants: Pick<Instants, 'read'> }) {
  const kept = new Map<string, Open>();

  const isSettled = async (open: Open): Promise<boolean> =>
    open.until <= clock.now() || (await instants.read(open.key)) !== undefined;

  const refuse = ({ underWay, until, id, key }: Open): Failure =>
    refusal(underWay > 0 ? 'operation.in_progress' : 'operation.previous_unsettled', {
      params: { until },
      retryAt: until,
    }).within({ operationId: id, key });

  function forgetSettled(): void {
    const now = clock.now();
    for (const [name, open] of kept) {
      if (open.underWay > 0 || open.until > now) return;
      kept.delete(name);
    }
  }

  /**
   * Runs `post` unless an equal transfer is open: `operation.in_progress` while it is at the books, and
   * `operation.previous_unsettled` while nobody knows what became of it. That nothing was done is only said where an
   * earlier try with this id can have done nothing either.
   */
  return async function keepOpen<T>({ ownerId, intent, key, id, before }: OpenTransfer, post: () => Promise<T>) {
    const name = `${ownerId} ${intent}`;
    for (let other = kept.get(name); other && other.key !== key; other = kept.get(name)) {
      if (other.underWay > 0 || !(await isSettled(other))) throw refuse(other);
      if (kept.get(name) === other && other.underWay === 0) kept.delete(name);
    }
    forgetSettled();
    const mine = kept.get(name) ?? { key, id, underWay: 0, unknown: false, until: before };
    kept.set(name, mine);
    mine.underWay += 1;
    mine.until = addMs(before, COMMITTED_WITHIN_MS);
    try {
      const posted = await post();
      mine.unknown = false;
      return posted;
    } catch (error) {
      if (isNothingDone(error) && (mine.unknown || mine.underWay > 1)) {
        throw new LedgerUnavailable('an earlier try may have been carried out', error);
      }
      if (error instanceof LedgerUnavailable) mine.unknown = true;
      // Decided after every earlier try, of which none can come any more.
      else if (error instanceof Failure) mine.unknown = false;
      throw error;
    } finally {
      mine.underWay -= 1;
      if (mine.underWay === 0 && !mine.unknown && kept.get(name) === mine) kept.delete(name);
    }
  };
}
