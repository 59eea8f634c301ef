import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LedgerLimits } from '../../src/ledger/ledger-limits.ts';
import { StandingClock } from '../conformance/ledger-scene.ts';
import { openModelLedger } from '../conformance/model-ledger.ts';
import { LedgerFixture } from '../rooms/ledger/fixture.ts';
import { modelProgram } from '../rooms/ledger/model-program.ts';
import { runProgram, type Subject } from '../rooms/ledger/model-runner.ts';

const tinyCache = { accounts: 2, transfers: 2, holds: 1 };

const subjectOf = (scene: Pick<LedgerFixture, 'ledger' | 'reopen'>, clock: StandingClock): Subject => ({
  get ledger() {
    return scene.ledger;
  },
  reopen: () => scene.reopen(),
  now: () => clock.now(),
  advance: (ms) => clock.advance(ms),
});

describe('random programs end as in a plain sequential model', () => {
  test.each<[string, Partial<LedgerLimits>, { runs: number; flood?: number }]>([
    ['all in one batch', {}, { runs: 150 }],
    ['one call per batch, two lines in turn', { maxBatch: 1, secondLineFrom: 1 }, { runs: 80 }],
    ['small batches, almost no memory', { maxBatch: 5, secondLineFrom: 1, cache: tinyCache }, { runs: 100 }],
    ['one connection', { lines: 1, maxBatch: 20 }, { runs: 50 }],
    ['thousands at a moment, in batches of 8,192', { maxBatch: 8_192 }, { runs: 6, flood: 8_192 }],
    [
      'thousands at a moment, in batches of 300, little memory',
      { maxBatch: 300, secondLineFrom: 1, cache: { accounts: 3, transfers: 100, holds: 20 } },
      { runs: 6, flood: 3_000 },
    ],
  ])('%s', async (_, limits, { runs, flood = 0 }) => {
    const fixture = await LedgerFixture.create(limits);
    const subject = subjectOf(fixture, fixture.clock);
    let run = 0;
    // A slow machine runs fewer, each of them to its end.
    const untilMs = performance.now() + 60_000;
    try {
      await fc.assert(
        fc.asyncProperty(modelProgram({ flood }), async (program) => {
          if (performance.now() > untilMs) return;
          run += 1;
          expect(await runProgram(subject, program, run)).toBe(undefined);
        }),
        { numRuns: runs, endOnFailure: false },
      );
    } finally {
      await fixture.close();
    }
    expect(fixture.problems).toEqual([]);
  });

  test('and so does the model behind the interface, by which the programs themselves are tried', async () => {
    const clock = new StandingClock();
    const subject = subjectOf(openModelLedger(clock), clock);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(modelProgram({ flood: 50 }), async (program) => {
        run += 1;
        expect(await runProgram(subject, program, run)).toBe(undefined);
      }),
      { numRuns: 60 },
    );
  });
});
