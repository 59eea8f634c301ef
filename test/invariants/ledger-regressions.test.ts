import { describe, expect, test } from 'vitest';
import { LedgerFixture } from '../rooms/ledger/fixture.ts';
import { limitsOfModes, regressions } from '../rooms/ledger/model-regressions.ts';
import { runProgram } from '../rooms/ledger/model-runner.ts';

describe('programs that once found something', () => {
  test.each(regressions)('$name', async ({ mode, program }) => {
    const fixture = await LedgerFixture.create(limitsOfModes[mode]);
    const { clock } = fixture;
    const subject = {
      get ledger() {
        return fixture.ledger;
      },
      reopen: () => fixture.reopen(),
      now: () => clock.now(),
      advance: (ms: number) => clock.advance(ms),
    };
    const difference = await runProgram(subject, program, 1);
    await fixture.close();
    expect(difference).toBeUndefined();
  });
});
