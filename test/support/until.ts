import { systemClock } from '../../src/kernel/clock.ts';

/** Waits for what comes by itself, for as long as a slow machine needs for it. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 1200; i += 1) {
    if (await holds()) return;
    await systemClock.sleep(100);
  }
  throw new Error(`it never came to ${what}`);
}
