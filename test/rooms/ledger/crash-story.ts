import pg from 'pg';
import { expect } from 'vitest';
import { columnTypes } from '../../../src/database/column-types.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { checkLedger } from '../../../src/ledger/check-ledger.ts';
import type { LedgerLimits } from '../../../src/ledger/ledger-limits.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { loadTransfer } from './ledger-load.ts';

/** Small batches, so that two lines are under way at any moment. */
export const quick: Partial<LedgerLimits> = { retryMs: 20, giveUpMs: 20_000, maxBatch: 8, secondLineFrom: 1 };

export async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, types: columnTypes });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** What callers asked, and what each heard. */
export type Story = { asked: Iterable<string>; heard: ReadonlyMap<string, string> };

/** Holds the story of callers against the tables. */
export async function expectTruth(ownerConnectionString: string, stories: readonly Story[]): Promise<void> {
  await withClient(ownerConnectionString, async (client) => {
    const { rows } = await client.query<{ id: string }>('select id from ledger_transfer');
    const stored = new Set(rows.map((row) => row.id));
    expect(stored.size).toBe(rows.length);
    for (const { heard } of stories) {
      for (const [id, word] of heard) {
        if (stored.has(id) !== (word === 'posted' || word === 'exists'))
          throw new Error(`heard ${word} of ${id}, stored: ${stored.has(id)}`);
      }
    }
    const asked = new Set(stories.flatMap((story) => [...story.asked]));
    for (const id of stored) if (!asked.has(id)) throw new Error(`nobody asked for ${id}`);
    expect(await checkLedger(client)).toMatchObject({ ok: true });
  });
}

/** Asks again for everything that was asked and not answered: the answer must agree with what was there. */
export async function askAgain(
  database: { connectionString: string; ownerConnectionString: string },
  story: Story,
): Promise<Map<string, string>> {
  const unanswered = [...story.asked].filter((id) => !story.heard.has(id));
  const answers = new Map<string, string>();
  const ledger = await openLedger({ connectionString: database.connectionString, clock: systemClock, limits: quick });
  try {
    // The first answer means that the lock was had and everything left under way has ended.
    await ledger.post([[loadTransfer('00000000-0000-7000-8000-000000000000')]]);
    const stored = await withClient(database.ownerConnectionString, async (client) => {
      const { rows } = await client.query<{ id: string }>('select id from ledger_transfer where id = any($1)', [
        unanswered,
      ]);
      return new Set(rows.map((row) => row.id));
    });
    for (const id of unanswered) {
      const outcome = (await ledger.post([[loadTransfer(id)]]))[0]![0]!;
      expect(outcome.outcome === 'exists').toBe(stored.has(id));
      answers.set(id, outcome.outcome);
    }
  } finally {
    await ledger.close();
  }
  return answers;
}

/** The one transfer by which it is known that somebody writes. */
export const firstEver = { asked: ['00000000-0000-7000-8000-000000000000'], heard: new Map<string, string>() };
