import axe from 'axe-core';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { goodPin, lastCode, type TestWallet } from '../../support/wallet.ts';
import type { Words } from './app-words.ts';

type WalkerParts = { page: Page; context: BrowserContext; url: string; wallet: TestWallet; words: Words };

/** A person with a phone: what they see and press, in their language. */
export class Walker {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly url: string;
  readonly wallet: TestWallet;
  readonly words: Words;
  /** What the page complained of by itself; a journey ends with none. */
  readonly faults: string[] = [];

  constructor({ page, context, url, wallet, words }: WalkerParts) {
    this.page = page;
    this.context = context;
    this.url = url;
    this.wallet = wallet;
    this.words = words;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      const isRefusal = /Failed to load resource/.test(message.text());
      if (message.type() === 'error' && !isRefusal) this.faults.push(message.text());
    });
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(this.url + path);
  }
  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
  }
  async press(name: string | RegExp): Promise<void> {
    await this.button(name).click();
  }
  field(label: string): Locator {
    return this.page.getByRole('textbox', { name: label });
  }
  /** The one input of a screen that has one. */
  get input(): Locator {
    return this.page.getByRole('textbox').first();
  }
  async sees(text: string | RegExp): Promise<void> {
    await this.page
      .getByText(text, typeof text === 'string' ? { exact: true } : {})
      .first()
      .waitFor();
  }
  /** The complaint beneath a field. */
  async complaint(): Promise<string> {
    const alert = this.page.getByRole('alert').first();
    await alert.waitFor();
    return alert.innerText();
  }
  /** The failure card: its sentence, what became of the money, and its buttons. */
  async failure(): Promise<{ title: string; money: string; buttons: string[] }> {
    const card = this.page.locator('.fail');
    await card.waitFor();
    const buttons = await card.getByRole('button').allInnerTexts();
    const money = await card.locator('.fail-money .headline').innerText();
    return { title: await card.getByRole('heading').innerText(), money: money.split('\n')[0] ?? '', buttons };
  }
  /** The payment PIN by the keys on the screen. */
  async enterPin(pin = goodPin): Promise<void> {
    for (const digit of pin) await this.button(digit).last().click();
  }
  code(phone: string): Promise<string> {
    return lastCode(this.wallet.sandbox, phone);
  }
  async enterCode(code: string): Promise<void> {
    await this.page.getByRole('textbox', { name: this.words.ui.code.label }).fill(code);
  }

  /** What axe finds for a person with any disability. */
  async findsBarriers(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    return this.page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
        resultTypes: ['violations'],
      });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
    });
  }
  /** What runs out of the screen sideways, its innermost parts. */
  async findsOverflow(): Promise<string[]> {
    return this.page.evaluate(() => {
      if (document.documentElement.scrollWidth <= window.innerWidth) return [];
      const wide = [...document.body.querySelectorAll('*')].filter(
        (part) => part.getBoundingClientRect().right > window.innerWidth + 1,
      );
      const inner = wide.filter((part) => !wide.some((other) => other !== part && part.contains(other)));
      return inner.slice(0, 3).map((part) => part.outerHTML.slice(0, 160));
    });
  }
  /** What is typed in groups of digits, or stands as a masked number, and is cut off: it could not be checked. */
  async findsClippedDigits(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('input[style*="--chars"], .num, .pan-no, .quick button')]
        .filter((part) => {
          const isSeen = part.checkVisibility({ opacityProperty: true });
          const broken = part.tagName !== 'INPUT' && part.scrollHeight > part.clientHeight + 4 && part.clientHeight > 0;
          return isSeen && (part.scrollWidth > part.clientWidth + 1 || broken) && part.clientWidth > 0;
        })
        .slice(0, 3)
        .map((part) => `cut off: ${part.outerHTML.slice(0, 160)}`),
    );
  }
  async isAccessible(): Promise<void> {
    expect(await this.findsBarriers(), this.page.url()).toEqual([]);
  }
  async fits(): Promise<void> {
    expect(await this.findsOverflow(), this.page.url()).toEqual([]);
  }
  async isGood(): Promise<void> {
    await this.isAccessible();
    await this.fits();
  }
}
