import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LedgerLimits } from '../../src/ledger/ledger-limits.ts';
import { LedgerFixture } from '../rooms/ledger/fixture.ts';
import { modelProgram } from '../rooms/ledger/model-program.ts';
import { runProgram } from '../rooms/ledger/model-runner.ts';

const tinyCache = { accounts: 2, transfers: 2, holds: 1 };

describe('random programs end as in a plain sequential model', () => {
  test.each<[string, Partial<LedgerLimits>, number]>([
    ['all in one batch', {}, 150],
    ['one call per batch, two lines in turn', { maxBatch: 1, secondLineFrom: 1 }, 80],
    ['small batches, almost no memory', { maxBatch: 5, secondLineFrom: 1, cache: tinyCache }, 100],
    ['one connection', { lines: 1, maxBatch: 20 }, 50],
  ])('%s', async (_, limits, numRuns) => {
    const fixture = await LedgerFixture.create(limits);
    let run = 0;
    const subject = {
      get ledger() {
        return fixture.ledger;
      },
      reopen: async () => {
        await fixture.ledger.close();
        await fixture.open(limits);
      },
      now: () => fixture.clock.now(),
      advance: (ms: number) => fixture.clock.advance(ms),
    };
    try {
      await fc.assert(
        fc.asyncProperty(modelProgram(), async (program) => {
          run += 1;
          expect(await runProgram(subject, program, run)).toBe(undefined);
        }),
        { numRuns, endOnFailure: false, interruptAfterTimeLimit: 50_000 },
      );
    } finally {
      await fixture.close();
    }
    expect(fixture.problems).toEqual([]);
  });
});
