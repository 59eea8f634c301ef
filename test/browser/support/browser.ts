import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type LaunchOptions, type Page } from 'playwright-core';
import { unpackBrowser } from './unpack-browser.ts';

/** The sizes at which screens are looked at. */
export const sizes = {
  narrow: { width: 360, height: 740 },
  phone: { width: 390, height: 844 },
  desk: { width: 1280, height: 800 },
} as const;

export type View = {
  size?: keyof typeof sizes;
  language?: 'zh-CN' | 'en';
  theme?: 'light' | 'dark';
  /** With the app's own service worker, which answers before any route of a test is asked. */
  keepsShell?: boolean;
};

export type TestBrowser = {
  /** A person's browser: storage and cookies of its own. Closed together with the browser. */
  open(view?: View): Promise<{ context: BrowserContext; page: Page }>;
  close(): Promise<void>;
};

const LAUNCHES = 3;

/** On a machine with too much to do it was seen to crash before it began; that says nothing of our pages. */
async function launch(options: LaunchOptions): Promise<Browser> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await chromium.launch(options);
    } catch (error) {
      if (attempt === LAUNCHES || !/process did exit/.test(String(error))) throw error;
    }
  }
}

/**
 * Starts the browser with a temporary folder of its own, which goes when it is closed. `textScale` is the browser's
 * own setting for the size of text, from which everything relative grows, media queries too: 2 is text at 200 %.
 */
export async function startBrowser({ textScale = 1 }: { textScale?: number } = {}): Promise<TestBrowser> {
  const { executable, environment } = await unpackBrowser();
  const folder = await mkdtemp(join(tmpdir(), 'purser-browser-'));
  const { PATH = '/usr/bin:/bin' } = process.env;
  const browser = await launch({
    executablePath: executable,
    args: ['--no-sandbox', `--blink-settings=defaultFontSize=${16 * textScale}`],
    headless: true,
    env: { PATH, HOME: folder, TMPDIR: folder, ...environment },
  });
  return {
    open: async ({ size = 'phone', language = 'zh-CN', theme = 'light', keepsShell = false } = {}) => {
      const context = await browser.newContext({
        viewport: sizes[size],
        locale: language,
        colorScheme: theme,
        timezoneId: 'Asia/Shanghai',
        hasTouch: size !== 'desk',
        deviceScaleFactor: 1,
        reducedMotion: 'reduce',
        serviceWorkers: keepsShell ? 'allow' : 'block',
      });
      const page = await context.newPage();
      return { context, page };
    },
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
