import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { toPublicId } from '../../src/kernel/ids.ts';
import { Api } from '../support/api.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { personOf } from '../support/people.ts';
import { ming } from '../support/samples.ts';
import { asOwner } from '../support/told.ts';
import { until } from '../support/until.ts';
import { goodPin, lastCode, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

/** What its owner hears when their account is stopped or freed, by whomever, and whose sessions end. */

let wallet: TestWallet;
let room: OperatorRoom;
let operators: Operators;
let me: Api;
let id: string;

beforeAll(async () => {
  wallet = await startWallet();
  room = await openOperatorRoom(wallet);
  operators = await openOperators(room, ['zhang', 'li']);
  me = await openVerified(wallet, ming);
  id = toPublicId('acc', (await personOf(wallet, ming.phone)).id);
});
afterAll(async () => {
  await wallet.close();
  await room.close();
});
beforeEach(async () => {
  if (!(await isIn(me))) me = await signIn();
});
/** On another device: by a code that comes to the phone, and the payment PIN. */
async function signIn(): Promise<Api> {
  const device = new Api(wallet.url);
  device.token = (await device.post<{ token: string }>('/v1/visits')).token;
  const begun = await device.start('open_wallet', { phone: ming.phone, language: 'zh-CN' });
  await device.settled(begun.id);
  await device.step(begun.id, 'code', { code: await lastCode(wallet.sandbox, ming.phone) });
  await device.step(begun.id, 'pin', { pin: goodPin });
  await device.settled(begun.id);
  device.token = (await device.post<{ token: string }>('/v1/sessions', { operationId: begun.id })).token;
  return device;
}

const because = ['--because', 'came to the counter with the ID card'];
const run = (who: string | undefined, ...words: string[]) => operators.account(who, ...words);
const proof = { name: ming.name, idNumber: ming.idNumber, pin: goodPin };
const freeze = (by: Api) => by.call('POST', '/v1/me/freeze');
const unfreeze = (by: Api) => by.call('POST', '/v1/me/unfreeze', proof);
async function lift(...which: string[]): Promise<void> {
  await run('zhang', 'lift', id, ...which, ...because);
  await run('li', 'confirm', id, '--lift', ...which, ...because);
}
const isIn = async (by: Api) => (await by.call('GET', '/v1/me')).status === 200;
const texts = async () => {
  const found = (await wallet.sandbox.messages(ming.phone)) as { text: string; code: string | null }[];
  return found
    .toReversed()
    .filter(({ code }) => code === null)
    .map(({ text }) => text);
};
/** What has come since, once as many as these have. */
async function heard(before: number, ...words: RegExp[]): Promise<void> {
  await until(async () => (await texts()).length >= before + words.length, 'messages');
  const since = (await texts()).slice(before);
  expect(since).toHaveLength(words.length);
  for (const word of words) expect(since.some((text) => word.test(text))).toBe(true);
}
const speak = (language: 'zh-CN' | 'en') => me.call('PATCH', '/v1/me', { language });

test.each([
  ['en', /You froze your account/, /The freeze that you set .* was lifted/],
  ['zh-CN', /你的账户已按你的要求冻结/, /你设置的冻结已经解除/],
] as const)('its owner hears in %s that they froze it, once, and that they lifted it', async (language, frozen, lifted) => {
  await speak(language);
  const before = (await texts()).length;
  await Promise.all([freeze(me), freeze(me)]);
  expect((await freeze(me)).status).toBe(204);
  await heard(before, frozen);
  expect((await unfreeze(me)).status).toBe(204);
  expect((await unfreeze(me)).status).toBe(204);
  await heard(before, frozen, lifted);
});

test('what its owner freezes is theirs from this session on: every other one ends, each time they ask', async () => {
  await speak('en');
  const before = (await texts()).length;
  const stolen = await signIn();
  expect([await isIn(stolen), await isIn(me)]).toEqual([true, true]);
  await freeze(me);
  expect([await isIn(stolen), await isIn(me)]).toEqual([false, true]);
  // Whoever took the phone over signs in once more, as long as they have it.
  const again = await signIn();
  expect(await isIn(again)).toBe(true);
  await freeze(me);
  expect([await isIn(again), await isIn(me)]).toEqual([false, true]);
  await unfreeze(me);
  await heard(before, /You froze your account/, /The freeze that you set/);
});

test('a freeze for security ends all sessions; its owner signs in again, and reads why', async () => {
  await speak('en');
  const other = await signIn();
  const before = (await texts()).length;
  await run('zhang', 'freeze', id, '--security', ...because);
  expect([await isIn(other), await isIn(me)]).toEqual([false, false]);
  const { rows } = await asOwner(wallet, (client) =>
    client.query(`select distinct end_reason from session where ended_at is not null and person_id is not null
      and ended_at = (select max(ended_at) from session where person_id is not null)`),
  );
  expect(rows).toEqual([{ end_reason: 'account_frozen' }]);
  me = await signIn();
  expect(await me.get('/v1/me')).toMatchObject({ accountCause: 'account.frozen_security' });
  await lift();
  expect(await isIn(me)).toBe(true);
  await heard(before, /We froze your account/, /no longer frozen/);
});

test('a freeze by law leaves them, and says nothing of a freeze for security that is laid beside it', async () => {
  await speak('en');
  const before = (await texts()).length;
  await run('zhang', 'freeze', id, '--by-law', '--authority', 'Pudong PSB', ...because);
  expect(await isIn(me)).toBe(true);
  await run('zhang', 'freeze', id, '--security', ...because);
  expect(await isIn(me)).toBe(false);
  await lift('--security');
  await lift('--by-law');
  await heard(before, /by order of an authority/, /no longer frozen/);
});

test('an owner who closes the wallet hears of it', async () => {
  await speak('en');
  const before = (await texts()).length;
  expect((await me.call('POST', '/v1/me/close', { pin: goodPin })).status).toBe(204);
  expect((await me.call('POST', '/v1/me/close', { pin: goodPin })).status).toBe(204);
  await heard(before, /Your account is closed/);
  await run('zhang', 'reopen', id, ...because);
  await run('li', 'confirm', id, '--reopen', ...because);
  await heard(before, /Your account is closed/, /open again/);
});
