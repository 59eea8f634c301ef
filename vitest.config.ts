import { defineConfig } from 'vitest/config';
import { PlainReporter } from './tools/plain-reporter.ts';

/** Only what hangs meets it: a test that waits for something waits for the thing itself, on however slow a machine. */
const HANGS_MS = 240_000;

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: ['test/support/database-server.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
    teardownTimeout: HANGS_MS / 2,
    expect: { poll: { timeout: HANGS_MS / 3, interval: 25 } },
    reporters: ['default', new PlainReporter()],
  },
});
