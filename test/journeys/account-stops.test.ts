import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { accountId } from '../../src/features/books/chart.ts';
import type { Person } from '../../src/features/people/person.ts';
import { toPublicId } from '../../src/kernel/ids.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { decide, untilCarriedOut } from '../support/breaks.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { personOf, signBackIn } from '../support/people.ts';
import { ming, samplePerson } from '../support/samples.ts';
import { expectBooksEqual } from '../support/told.ts';
import { until } from '../support/until.ts';
import { goodPin, openFunded, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

/** Several stops of one account: each is kept by itself, and the account is free only when none is left. */

let wallet: TestWallet;
let room: OperatorRoom;
let operators: Operators;
let me: Api;
let person: Person;
let id: string;
const her = samplePerson('陈志强');

beforeAll(async () => {
  wallet = await startWallet();
  room = await openOperatorRoom(wallet);
  operators = await openOperators(room, ['zhang', 'li', 'wang']);
  ({ api: me } = await openFunded(wallet, '100.00'));
  await openVerified(wallet, her);
  person = await personOf(wallet, ming.phone);
  id = toPublicId('acc', person.id);
});
afterAll(async () => {
  await expectBooksEqual(wallet);
  await wallet.close();
  await room.close();
});
beforeEach(async () => {
  expect(await told()).toBe(null);
});

/** What one of them types; whose sessions it ends is signed in again. */
async function run(who: string | undefined, ...words: string[]): Promise<string> {
  const said = await operators.account(who, ...words);
  await signBackIn(wallet, person);
  return said;
}
const because = ['--because', 'came to the counter with the ID card'];
const law = (authority: string) => ['--by-law', '--authority', authority, ...because];
const told = async () => (await me.get<{ accountCause: string | null }>('/v1/me')).accountCause;
const toldWords = async () => /told {7}(.*)/.exec(await run(undefined, 'show', id))?.[1];
const inBooks = async () => {
  const found = await wallet.app.ground.ledger.account(accountId(person.balanceAccount));
  if (!found) throw new Error('no account');
  return found;
};
const send = async () => {
  const { body } = await me.call<{ state?: string; code?: string }>('POST', '/v1/transfers', {
    ...{ id: newPublicId('op'), payeePhone: her.phone, amount: yuan('0.01'), pin: goodPin },
  });
  return body.state ?? body.code;
};
const unfreeze = async () =>
  (await me.call('POST', '/v1/me/unfreeze', { name: ming.name, idNumber: ming.idNumber, pin: goodPin })).status;
async function lift(...which: string[]): Promise<string> {
  await run('zhang', 'lift', id, ...which, ...because);
  return run('li', 'confirm', id, '--lift', ...which, ...because);
}

test('a security freeze stays when the law’s, which was laid over it, is lifted', async () => {
  await run('zhang', 'freeze', id, '--security', ...because);
  await run('zhang', 'freeze', id, ...law('Pudong PSB'));
  expect(await told()).toBe('account.frozen_by_law');
  expect(await lift('--by-law')).toContain('It stays frozen (account.frozen_security)');
  expect([await told(), await send()]).toEqual(['account.frozen_security', 'account.frozen_security']);
  expect(await inBooks()).toMatchObject({ frozen: true });
  expect(await lift()).toContain('it is open');
  expect([await told(), await send()]).toEqual([null, 'succeeded']);
});

test('and the law’s stays when the freeze for security, which was laid over it or before it, is lifted', async () => {
  await run('zhang', 'freeze', id, ...law('Pudong PSB'));
  expect(await run('li', 'freeze', id, '--security', ...because)).toContain('its owner is told that one');
  await expect(run('zhang', 'lift', id, ...because)).rejects.toThrow(
    /Say which one:\n.* lift acc_\w+ --by-law .*\n.* lift acc_\w+ --security/,
  );
  expect(await lift('--security')).toContain('It stays frozen (account.frozen_by_law)');
  expect([await told(), await send()]).toEqual(['account.frozen_by_law', 'account.frozen_by_law']);
  expect(await lift()).toContain('it is open');
});

test('each authority’s order is lifted by its own release', async () => {
  await run('zhang', 'freeze', id, ...law('Pudong PSB'));
  await run('li', 'freeze', id, ...law('Pudong court'));
  expect(await toldWords()).toContain('Contact Pudong PSB, Pudong court;');
  await expect(run('zhang', 'lift', id, '--by-law', ...because)).rejects.toThrow(
    /--by-law --authority "Pudong PSB" .*\n.*--by-law --authority "Pudong court"/,
  );
  await run('zhang', 'lift', id, '--by-law', '--authority', 'Pudong PSB', ...because);
  await expect(
    run('li', 'confirm', id, '--lift', '--by-law', '--authority', 'Pudong court', ...because),
  ).rejects.toThrow(/Nobody has asked to lift it/);
  const shown = await run(undefined, 'show', id);
  expect(shown).toContain('proposed   to lift frozen (account.frozen_by_law, Pudong PSB) by zhang');
  await run('li', 'confirm', id, '--lift', '--by-law', '--authority', 'pudong psb', ...because);
  expect(await toldWords()).toContain('Contact Pudong court;');
  expect(await lift('--by-law', '--authority', 'Pudong court')).toContain('it is open');
});

test('what its owner froze stays theirs to lift, before, beside and after what others stopped', async () => {
  await me.call('POST', '/v1/me/freeze');
  await run('zhang', 'freeze', id, '--security', ...because);
  expect(await unfreeze()).toBe(403);
  expect(await lift('--security')).toContain('It stays frozen (account.frozen_by_you)');
  expect(await unfreeze()).toBe(204);
  expect(await told()).toBe(null);
  // While another stop stands they can still say that they want it frozen.
  await run('zhang', 'freeze', id, '--security', ...because);
  expect((await me.call('POST', '/v1/me/freeze')).status).toBe(204);
  expect(await told()).toBe('account.frozen_security');
  const shown = await run(undefined, 'show', id);
  expect(shown).toMatch(/ {2}state {6}frozen \(account\.frozen_security\) since .*, by zhang/);
  expect(shown).toMatch(/ {2}and {8}frozen \(account\.frozen_by_you\) since .*, by its owner, in the app/);
  expect(shown).toContain(`account lift ${id} --own --because`);
  expect(await lift('--security')).toContain('It stays frozen (account.frozen_by_you)');
  expect(await send()).toBe('account.frozen_by_you');
  expect(await unfreeze()).toBe(204);
});

test('a wallet that was frozen when two closed it is frozen when two open it again', async () => {
  const hers = await personOf(wallet, her.phone);
  const name = toPublicId('acc', hers.id);
  await run('zhang', 'freeze', name, '--security', ...because);
  const two = async (verb: string) => {
    await run('zhang', verb, name, ...because);
    return run('li', 'confirm', name, `--${verb}`, ...because);
  };
  await two('close');
  expect((await personOf(wallet, her.phone)).accountCause).toBe('account.closed');
  const { ledger } = wallet.app.ground;
  const left = async () => (await ledger.account(accountId(hers.balanceAccount)))?.creditsPosted ?? 0n;
  await decide(wallet, hers.id, (await left()) > 0n ? 'left' : 'account', 'reopened');
  await untilCarriedOut(wallet);
  await until(async () => (await personOf(wallet, her.phone)).accountCause !== 'account.closed', 'an opening');
  expect((await personOf(wallet, her.phone)).accountCause).toBe('account.frozen_security');
  await until(async () => (await ledger.account(accountId(hers.balanceAccount)))?.closed === false, 'the ledger');
  expect(await ledger.account(accountId(hers.balanceAccount))).toMatchObject({ frozen: true, closed: false });
});

test('two operators who lift two stops at once lift each once, and a process that dies between carries on', async () => {
  await run('zhang', 'freeze', id, '--security', ...because);
  await run('zhang', 'freeze', id, ...law('Pudong PSB'));
  await run('wang', 'lift', id, '--security', ...because);
  await run('wang', 'lift', id, '--by-law', ...because);
  const said = await Promise.allSettled([
    run('li', 'confirm', id, '--lift', '--security', ...because),
    run('zhang', 'confirm', id, '--lift', '--by-law', ...because),
  ]);
  // The second was about the account with both: it is written down anew.
  expect(said.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
  expect(await inBooks()).toMatchObject({ frozen: true });
  const left = await told();
  expect(['account.frozen_security', 'account.frozen_by_law']).toContain(left);
  expect(await lift()).toContain('it is open');
});
