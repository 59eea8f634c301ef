import type { Page } from 'playwright-core';
import { buildWeb } from '../../../src/start/build-web.ts';
import { goodPin, lastCode, startWallet, type SamplePerson, type TestWallet } from '../../support/wallet.ts';
import type { TestDatabase } from '../../support/database.ts';
import { startBrowser, type TestBrowser, type View } from '../support/browser.ts';
import { words } from './app-words.ts';
import { Walker } from './walker.ts';

export type Stage = {
  wallet: TestWallet;
  url: string;
  /** A person's phone: a browser of their own with the app closed. */
  open: (view?: View) => Promise<Walker>;
  /** The same, signed in and with identity and PIN; through the API, since these steps have journeys of their own. */
  openSignedIn: (person: SamplePerson, view?: View) => Promise<Walker>;
  close: () => Promise<void>;
};

/** A wallet with its banks, the built app in front of it, and a browser. */
export async function setStage({ database }: { database?: TestDatabase } = {}): Promise<Stage> {
  const webRoot = await buildWeb(() => undefined, AbortSignal.timeout(120_000));
  const wallet = await startWallet({ webRoot, ...(database ? { database } : {}) });
  let browser: TestBrowser;
  try {
    browser = await startBrowser();
  } catch (error) {
    await wallet.close();
    throw error;
  }
  const url = wallet.url.replace('127.0.0.1', 'localhost');
  const open = async (view: View = {}) => {
    const { page, context } = await browser.open(view);
    return new Walker({ page, context, url, wallet, words: words[view.language ?? 'zh-CN'] });
  };
  return {
    wallet,
    url,
    open,
    openSignedIn: async (person, view) => {
      const walker = await open(view);
      await signIn(walker.page, url, wallet, person);
      return walker;
    },
    close: async () => {
      await browser.close();
      await wallet.close();
    },
  };
}

type Call = { method: string; path: string; body?: unknown };

/** A request of the app's own page, with its cookie and its header. */
async function callFrom<T>(page: Page, call: Call): Promise<T> {
  return page.evaluate(async ({ method, path, body }) => {
    const answer = await fetch(path, {
      method,
      headers: { 'content-type': 'application/json', 'x-purser-client': 'web', 'accept-language': 'zh-CN' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }, call) as Promise<T>;
}

async function signIn(page: Page, url: string, wallet: TestWallet, person: SamplePerson): Promise<void> {
  const { newPublicId } = await import('../../support/api.ts');
  await page.goto(`${url}/status`);
  const call = <T>(method: string, path: string, body?: unknown) =>
    callFrom<T>(page, { method, path, ...(body === undefined ? {} : { body }) });
  const settled = async (id: string) => {
    for (let i = 0; i < 40; i += 1) {
      const { state } = await call<{ state: string }>('GET', `/v1/operations/${id}?waitMs=500`);
      if (state !== 'working') return state;
    }
    throw new Error(`${id} is still working`);
  };
  await call('POST', '/v1/visits', {});
  const opening = newPublicId('op');
  await call('POST', '/v1/operations', {
    id: opening,
    kind: 'open_wallet',
    input: { phone: person.phone, language: 'zh-CN' },
  });
  await settled(opening);
  await call('POST', `/v1/operations/${opening}/steps/code`, { code: await lastCode(wallet.sandbox, person.phone) });
  await settled(opening);
  if ((await settled(opening)) === 'needs_you') {
    await call('POST', `/v1/operations/${opening}/steps/pin`, { pin: goodPin });
    await settled(opening);
  }
  await call('POST', '/v1/sessions', { operationId: opening });
  // As the app itself remembers it on its first page.
  await page.evaluate(() => localStorage.setItem('purser.signedIn', 'yes'));
  const { identityVerified, pinSet } = await call<{ identityVerified: boolean; pinSet: boolean }>('GET', '/v1/me');
  if (identityVerified && pinSet) return;
  const verifying = newPublicId('op');
  const input = { name: person.name, idNumber: person.idNumber };
  await call('POST', '/v1/operations', { id: verifying, kind: 'verify_identity', input });
  await settled(verifying);
  await call('PUT', '/v1/me/payment-pin', { pin: goodPin });
}

/** Binds a card through the API from the page of a person who is signed in. */
export async function bindFrom(walker: Walker, card: { number: string; reservedPhone: string }): Promise<void> {
  const { newPublicId } = await import('../../support/api.ts');
  const id = newPublicId('op');
  const call = <T>(method: string, path: string, body?: unknown) =>
    callFrom<T>(walker.page, { method, path, ...(body === undefined ? {} : { body }) });
  const settled = async () => {
    for (let i = 0; i < 40; i += 1) {
      const { state } = await call<{ state: string }>('GET', `/v1/operations/${id}?waitMs=500`);
      if (state !== 'working') return state;
    }
    throw new Error(`${id} is still working`);
  };
  await call('POST', '/v1/operations', {
    id,
    kind: 'bind_card',
    input: { cardNumber: card.number, reservedPhone: card.reservedPhone },
  });
  await settled();
  await call('POST', `/v1/operations/${id}/steps/code`, {
    code: await lastCode(walker.wallet.sandbox, card.reservedPhone),
  });
  const state = await settled();
  if (state !== 'succeeded') throw new Error(`not bound: ${state}`);
}
