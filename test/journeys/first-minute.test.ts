import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createShop } from '../../sandbox/shop/create-shop.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { startWallet } from '../support/wallet.ts';

const root = new URL('../../', import.meta.url);

test('the example prints the story that is recorded beside it', async () => {
  // The shop goes by the time of the machine, and believes no event of another time.
  const wallet = await startWallet({ clock: systemClock });
  const dataFolder = await mkdtemp(join(tmpdir(), 'shop-'));
  const shop = await createShop({
    port: wallet.shopPort,
    host: '127.0.0.1',
    dataFolder,
    apiUrl: wallet.url,
    apiKey: wallet.shopKey,
    webhookSecret: wallet.webhookSecret,
  });
  try {
    const shopUrl = await shop.listen();
    const run = promisify(execFile)(
      process.execPath,
      ['examples/first-minute.ts', wallet.url, wallet.sandbox.url, shopUrl],
      { cwd: root },
    );
    const { stdout } = await run;
    // The moment of a new day is the one thing that differs from run to run.
    const steady = (text: string) => text.replace(/wait until [^.]*\./, 'wait until then.');
    expect(steady(stdout)).toBe(steady(await readFile(new URL('examples/first-minute.txt', root), 'utf8')));
    expect(wallet.said).toEqual([]);
  } finally {
    await shop.close();
    await wallet.close();
    await rm(dataFolder, { recursive: true, force: true });
  }
});
