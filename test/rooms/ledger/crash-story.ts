import assert from 'node:assert/strict';
import pg from 'pg';
import { columnTypes } from '../../../src/database/column-types.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { checkLedger } from '../../../src/ledger/check-ledger.ts';
import { LedgerUnavailable } from '../../../src/ledger/ledger-errors.ts';
import type { LedgerLimits } from '../../../src/ledger/ledger-limits.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { loadTransfer } from './ledger-load.ts';

/** What callers asked and heard while something died, and whether it was true. */

export type Story = { asked: Iterable<string>; heard: ReadonlyMap<string, string> };
export type Database = { connectionString: string; ownerConnectionString: string };

/** Small batches, so that two lines are under way at any moment. */
export const quick: Partial<LedgerLimits> = { retryMs: 20, giveUpMs: 60_000, maxBatch: 8, secondLineFrom: 1 };

const FIRST = '00000000-0000-7000-8000-000000000000';
/** What `askAgain` asks for itself. */
export const firstEver: Story = { asked: [FIRST], heard: new Map() };

export async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, types: columnTypes });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Asks until it is known: of ledgers whose patience is set shorter than a slow machine may need. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
    }
  }
}

/** Every answered transfer is there once, nothing is there that nobody asked for, and the books add up. */
export async function expectTruth(ownerConnectionString: string, stories: readonly Story[]): Promise<void> {
  await withClient(ownerConnectionString, async (client) => {
    const { rows } = await client.query<{ id: string }>('select id from ledger_transfer');
    const stored = new Set(rows.map((row) => row.id));
    assert.equal(stored.size, rows.length);
    for (const { heard } of stories) {
      for (const [id, word] of heard) {
        const isThere = word === 'posted' || word === 'exists';
        assert.equal(stored.has(id), isThere, `heard ${word} of ${id}, stored: ${stored.has(id)}`);
      }
    }
    const asked = new Set(stories.flatMap((story) => [...story.asked]));
    for (const id of stored) assert.ok(asked.has(id), `nobody asked for ${id}`);
    const checked = await checkLedger(client);
    assert.equal(checked.ok ? 'right' : checked.problem, 'right');
  });
}

/** Asks again for everything that was asked and not answered: the answer must agree with what was there. */
export async function askAgain(database: Database, story: Story): Promise<Map<string, string>> {
  const unanswered = [...story.asked].filter((id) => !story.heard.has(id));
  const answers = new Map<string, string>();
  const ledger = await openLedger({ connectionString: database.connectionString, clock: systemClock, limits: quick });
  try {
    // The first answer means that the lock was had and everything left under way has ended.
    await ledger.post([[loadTransfer(FIRST)]]);
    const stored = await withClient(database.ownerConnectionString, async (client) => {
      const text = 'select id from ledger_transfer where id = any($1)';
      const { rows } = await client.query<{ id: string }>(text, [unanswered]);
      return new Set(rows.map((row) => row.id));
    });
    for (const id of unanswered) {
      const outcome = (await ledger.post([[loadTransfer(id)]]))[0]![0]!;
      assert.equal(outcome.outcome === 'exists', stored.has(id), `${id} is told ${outcome.outcome}`);
      answers.set(id, outcome.outcome);
    }
  } finally {
    await ledger.close();
  }
  return answers;
}
