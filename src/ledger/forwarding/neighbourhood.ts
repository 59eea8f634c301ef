import { secondMs, type Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import type { LedgerLimits } from '../ledger-limits.ts';
import type { Neighbours, WriterDesk } from '../neighbours.ts';
import type { Reader } from '../stored-rows.ts';
import { advertise } from './advertisement.ts';
import { Follower } from './follower.ts';
import type { VisitorDeps } from './visitor.ts';
import { WriterDoor } from './writer-door.ts';

/** Where this process takes the calls of others while it writes; port 0 is any that is free. */
export type LedgerAddress = { host: string; port: number };

export type NeighbourhoodDeps = {
  reader: Reader;
  pace: Clock;
  random: Random;
  limits: LedgerLimits;
  listen: LedgerAddress;
  check: VisitorDeps['check'];
  onProblem: (error: Error) => void;
};

const SECRET_BYTES = 32;
const NAME_BYTES = 16;
/** Until listening is tried again where it failed. */
const LISTEN_AGAIN_MS = secondMs;

type Turn = { epoch: number; over: AbortController; door: WriterDoor | undefined; opened: Promise<void> };

/** The other processes on the same database, as the writer of this one sees them. */
export const openNeighbourhood =
  (deps: NeighbourhoodDeps) =>
  (desk: WriterDesk): Neighbours => {
    const process = Buffer.from(deps.random.bytes(NAME_BYTES)).toString('hex');
    const follower = new Follower({ ...deps, desk, process });
    const ended: Promise<void>[] = [];
    let turn: Turn | undefined;
    const endTurn = () => {
      const { over, door, opened } = turn ?? {};
      turn = undefined;
      over?.abort();
      door?.end();
      if (opened) ended.push(opened.then(() => door?.closed()));
    };
    return {
      follow: () => follower.start(),
      stopFollowing: () => follower.stop(),
      lead(epoch) {
        turn = { epoch, over: new AbortController(), door: undefined, opened: Promise.resolve() };
        turn.opened = openDoor(deps, desk, turn);
      },
      stopLeading: endTurn,
      wake: () => follower.wake(),
      finishFollowing: () => follower.drain(),
      leave() {
        turn?.over.abort();
        turn?.door?.leave();
      },
      async close() {
        follower.stop();
        endTurn();
        await Promise.all(ended);
      },
    };
  };

/** Listens and tells the others where. Writing does not wait for it: what fails is told, and tried again. */
async function openDoor(deps: NeighbourhoodDeps, desk: WriterDesk, turn: Turn): Promise<void> {
  const { epoch, over } = turn;
  const secret = Buffer.from(deps.random.bytes(SECRET_BYTES));
  while (!over.signal.aborted) {
    try {
      if (turn.door === undefined) {
        const door = await WriterDoor.open({ ...deps, ...deps.listen, epoch, secret, desk });
        if (over.signal.aborted) {
          door.end();
          await door.closed();
          return;
        }
        turn.door = door;
      }
      await advertise(deps.reader, { epoch, secret, host: deps.listen.host, port: turn.door.port });
      return;
    } catch (error) {
      if (over.signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      deps.onProblem(new Error(`other processes cannot pass their transfers to this one: ${why}`, { cause: error }));
      await deps.pace.sleep(LISTEN_AGAIN_MS, over.signal);
    }
  }
}
