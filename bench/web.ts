import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBrowser } from '../test/browser/support/browser.ts';
import { freePort } from '../src/database/free-port.ts';
import { startWallet } from './start-wallet.ts';

const RUNS = 3;
/** A slow phone, as Lighthouse has it: four times slower, 1.6 Mbit/s down, 150 ms there and back. */
const SLOW = { cpu: 4, bytesPerSecond: (1.6 * 1024 * 1024) / 8, latencyMs: 150 };

type Load = { bytes: number; requests: number; usableMs: number };

async function measure(url: string): Promise<Load> {
  const browser = await startBrowser();
  try {
    const { page } = await browser.open();
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: SLOW.latencyMs,
      downloadThroughput: SLOW.bytesPerSecond,
      uploadThroughput: SLOW.bytesPerSecond / 2,
    });
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW.cpu });
    let bytes = 0;
    let requests = 0;
    session.on('Network.loadingFinished', (event) => {
      bytes += event.encodedDataLength;
      requests += 1;
    });
    const began = performance.now();
    await page.goto(url);
    await page.locator('.btn-main').first().waitFor();
    return { bytes, requests, usableMs: performance.now() - began };
  } finally {
    await browser.close();
  }
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The first visit of a stranger: everything that is loaded until the first button can be pressed. */
export async function run(words: readonly string[]): Promise<void> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'purser-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = await startWallet({
    PURSER_PORT: String(port),
    PURSER_SANDBOX_PORT: String(await freePort()),
    PURSER_SHOP_PORT: String(await freePort()),
    PURSER_DATA: dataFolder,
  });
  try {
    for (let i = 0; i < 600; i += 1) {
      if ((await fetch(`${url}/health/ready`).catch(() => undefined))?.status === 200) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const loads: Load[] = [];
    for (let i = 0; i < RUNS; i += 1) loads.push(await measure(url));
    const result = {
      firstLoadKiB: Math.round(median(loads.map((load) => load.bytes)) / 1024),
      requests: median(loads.map((load) => load.requests)),
      usableOnSlowPhoneMs: Math.round(median(loads.map((load) => load.usableMs))),
    };
    if (words.includes('--json')) console.log(JSON.stringify(result));
    else {
      console.log(
        `first load, compressed, with the calls it makes   ${result.firstLoadKiB} KiB in ${result.requests} requests   (goal 180)`,
      );
      console.log(`first button usable on a slow phone              ${result.usableOnSlowPhoneMs} ms`);
    }
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    await rm(dataFolder, { recursive: true, force: true });
  }
}
