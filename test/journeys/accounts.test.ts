import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId } from '../../src/features/books/chart.ts';
import type { Person } from '../../src/features/people/person.ts';
import { humanReference, toPublicId } from '../../src/kernel/ids.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { decide } from '../support/breaks.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { personOf, signBackIn, setAccountState } from '../support/people.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, samplePerson, wen } from '../support/samples.ts';
import { asOwner, expectBooksEqual, expectRefused } from '../support/told.ts';
import { until } from '../support/until.ts';
import { goodPin, move, openFunded, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

/** What support does when somebody's account is stopped, or has to be: `purser account`. */

let wallet: TestWallet;
let room: OperatorRoom;
let operators: Operators;
let me: Api;
let cardId: string;
let person: Person;
let id: string;
const her = samplePerson('陈志强');

beforeAll(async () => {
  wallet = await startWallet();
  room = await openOperatorRoom(wallet);
  operators = await openOperators(room, ['zhang', 'li', 'wang']);
  ({ api: me, cardId } = await openFunded(wallet, '100.00'));
  await openVerified(wallet, her);
  person = await personOf(wallet, ming.phone);
  id = toPublicId('acc', person.id);
});
afterAll(async () => {
  await expectBooksEqual(wallet);
  await wallet.close();
  await room.close();
});

/** What one of them types; whose sessions it ends is signed in again. */
async function run(who: string | undefined, ...words: string[]): Promise<string> {
  const said = await operators.account(who, ...words);
  await signBackIn(wallet, person);
  return said;
}
const because = ['--because', 'came to the counter with the ID card'];
const inBooks = async () => {
  const found = await wallet.app.ground.ledger.account(accountId(person.balanceAccount));
  if (!found) throw new Error('no account');
  return found;
};
const newest = async () => {
  const found = (await wallet.sandbox.messages(ming.phone)) as { id: string; text: string; code: string | null }[];
  return found.filter(({ code }) => code === null);
};
/** A message with these words has come to its owner. */
const told = (words: string) => until(async () => (await newest()).some(({ text }) => text.includes(words)), words);
const send = (amount: string, more: object = {}) =>
  me.call<{ state?: string; code?: string }>('POST', '/v1/transfers', {
    ...{ id: newPublicId('op'), payeePhone: her.phone, amount: yuan(amount), pin: goodPin, ...more },
  });
async function both(verb: 'lift' | 'close' | 'reopen', ...which: string[]): Promise<string> {
  await run('zhang', verb, id, ...which, ...because);
  return run('li', 'confirm', id, `--${verb}`, ...which, ...because);
}
const open = () => setAccountState(wallet.app.ground, person.id, { state: 'normal' });

test('an account is found by what a person can say, and shown masked', async () => {
  for (const name of [ming.phone, ming.phone.slice(3), String(person.balanceAccount), id]) {
    const shown = await run(undefined, 'show', name);
    expect(shown).toContain(
      `${id}  wallet ${person.balanceAccount}, **远, ID ${person.idNumberMasked}, ${person.phoneMasked}`,
    );
    expect(shown).toMatch(/state {6}open\n {2}ledger {5}stops nothing; CNY 100\.00 in it/);
    expect(shown).not.toContain(ming.phone.slice(-8));
    expect(shown).not.toContain(ming.name);
    expect(shown).not.toContain(ming.idNumber);
  }
  for (const nobody of [
    '13900000000',
    '99999999',
    'acc_01',
    'Ming',
    `${id.slice(0, -1)}${id.endsWith('z') ? 'y' : 'z'}`,
  ]) {
    await expect(run(undefined, 'show', nobody)).rejects.toThrow(/^Nobody has ".*"\. Give the phone number/);
  }
});

test('one of them freezes it at once, with why its owner is told and until when, and the owner hears of it', async () => {
  const said = await run(
    'zhang',
    'freeze',
    ming.phone,
    '--security',
    '--because',
    'called: three payments are not his',
  );
  expect(said).toContain('Frozen by zhang: nothing new begins on it, and its owner is told by message.');
  expect(said).toContain('from now on nothing leaves it');
  expect(await inBooks()).toMatchObject({ frozen: true });
  await expectRefused(me, (by) => by.refusedStart('transfer', { payeePhone: her.phone, amount: yuan('1.00') }), {
    ...{ code: reproduces('account.frozen_security'), side: 'security', retry: 'no', says: /最晚 .*有答复/ },
  });
  await told('我们冻结了你的账户');
  const shown = await run(undefined, 'show', id);
  expect(shown).toMatch(
    /frozen \(account\.frozen_security\) since .*, by zhang \("called: three payments are not his"\)/,
  );
  expect(shown).toMatch(/answer {5}promised by/);
  expect(shown).toContain('told       Account frozen to keep your money safe.');
  expect(shown).toContain('lifted by  two of you, once each has seen that it is its owner who asks');
  expect(await run(undefined, 'list')).toContain(id);
  expect(await operators.review(undefined, 'list')).toContain('Accounts that wait as well: 1.');
  expect(await (await fetch(`${wallet.url}/metrics`)).text()).toContain('purser_reviews{state="waiting"} 1');
  // It takes longer than was promised: its owner reads the new day.
  const promised = (await personOf(wallet, ming.phone)).accountReviewAt?.getTime() ?? 0;
  await run('li', 'freeze', id, '--security', '--days', '9', '--because', 'waits for the police report');
  expect((await personOf(wallet, ming.phone)).accountReviewAt?.getTime()).toBeGreaterThan(promised);
  expect((await run(undefined, 'show', id)).match(/frozen \(account\.frozen_security\), by/g)).toHaveLength(2);
  // The owner's own remedies lift nothing that others stopped.
  expect((await me.call<{ code: string }>('POST', '/v1/me/unfreeze', unfreezing)).body.code).toBe(
    'account.frozen_security',
  );
  expect((await me.call<{ code: string }>('POST', '/v1/me/close', { pin: goodPin })).body.code).toBe(
    'account.frozen_security',
  );
});
const unfreezing = { name: ming.name, idNumber: ming.idNumber, pin: goodPin };

test('it takes two to lift it, about the same freeze, and neither who may decide no more', async () => {
  expect(await run('zhang', 'lift', id, ...because)).toMatch(
    /Nothing has changed yet\.\nA second person confirms it: /,
  );
  expect(await run(undefined, 'list')).toContain('proposed   to lift it by zhang: waits for a second person');
  await expect(run('zhang', 'confirm', id, '--lift', ...because)).rejects.toThrow(/somebody else than zhang/);
  await expect(run('li', 'confirm', id, '--close', ...because)).rejects.toThrow(/Nobody has asked to close it/);
  expect(await inBooks()).toMatchObject({ frozen: true });
  // Frozen by law since: what was found before is about another freeze.
  const order = ['--by-law', '--authority', 'Pudong PSB', '--because', 'order 2026-114 of 22 Nov, scanned'];
  await run('wang', 'freeze', id, ...order);
  await told('有关机关要求冻结你的账户');
  await expect(run('li', 'confirm', id, '--lift', ...because)).rejects.toThrow(
    /Several stop it, each by itself\. Say which one:\n.* --lift --by-law .*\n.* --lift --security /,
  );
  await expect(run('li', 'confirm', id, '--lift', '--security', ...because)).rejects.toThrow(
    /counts no more: it was changed since/,
  );
  await expectRefused(me, (by) => by.refusedStart('transfer', { payeePhone: her.phone, amount: yuan('1.00') }), {
    ...{ code: reproduces('account.frozen_by_law'), side: 'policy', retry: 'no', says: /Pudong PSB/ },
  });
  // Its owner goes on being told what is the stronger of the two.
  expect(await run('zhang', 'freeze', id, '--security', ...because)).toContain(
    'beside account.frozen_by_law: its owner is told that one, and of this once that is lifted.',
  );
  await expect(run('zhang', 'close', id, ...because)).rejects.toThrow(
    /nothing to close\. Possible is ".* account lift/,
  );
  await run('wang', 'lift', id, '--by-law', ...because);
  await operators.remove('wang');
  await expect(run('li', 'confirm', id, '--lift', '--by-law', ...because)).rejects.toThrow(
    /wang decides nothing any more/,
  );
  await run('zhang', 'lift', id, '--by-law', ...because);
  expect(await run('li', 'confirm', id, '--lift', '--by-law', ...because)).toContain('It stays frozen');
  await told('另一项还在');
  expect(await both('lift')).toContain('Carried out: it is open, and its owner is told by message.');
  await told('已经解除冻结');
  expect(await inBooks()).toMatchObject({ frozen: false, closed: false });
  expect(await send('1.00')).toMatchObject({ status: 200, body: { state: 'succeeded' } });
  expect(await run(undefined, 'list')).toBe('No account waits for people.');
});

test('once a freeze is answered nothing leaves the account, however many payments are on their way', async () => {
  let stopped = false;
  const answers = new Map<string, number>();
  const pay = async () => {
    while (!stopped) {
      const { body } = await send('0.01');
      const said = body.state ?? body.code ?? '';
      answers.set(said, (answers.get(said) ?? 0) + 1);
    }
  };
  const paying = Promise.all(Array.from({ length: 6 }, pay));
  await until(() => (answers.get('succeeded') ?? 0) >= 5, 'payments');
  await run('li', 'freeze', id, '--security', ...because);
  const { debitsPosted, debitsPending } = await inBooks();
  const refused = () => answers.get('account.frozen_security') ?? 0;
  const before = refused();
  await until(() => refused() >= before + 12, 'refusals');
  stopped = true;
  await paying;
  expect(await inBooks()).toMatchObject({ frozen: true, debitsPosted, debitsPending: 0n });
  expect(debitsPending).toBe(0n);
  expect(await both('lift')).toContain('it is open');
});

test('two operators who confirm at once, and two processes that carry it out, do it once', async () => {
  await operators.add('sun');
  const beside = await wallet.startBeside();
  await run('zhang', 'freeze', id, '--security', ...because);
  await run('zhang', 'lift', id, ...because);
  const answers = await Promise.allSettled(['li', 'sun'].map((who) => run(who, 'confirm', id, '--lift', ...because)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await beside.app.close();
  const { rows } = await asOwner(wallet, (client) =>
    client.query(
      `select a.state, a.set_by, d.operator, c.operator as second from account_act a
       join review_decision d on d.id = a.decision_id left join review_confirmation c on c.decision_id = d.id
       where a.person_id = $1 order by a.seq desc limit 2`,
      [person.id],
    ),
  );
  expect(rows).toMatchObject([
    { state: 'normal', set_by: 'operator', operator: 'zhang', second: expect.stringMatching(/li|sun/) },
    { state: 'frozen', set_by: 'operator', operator: 'zhang', second: null },
  ]);
});

test('a lift that two decided does nothing when somebody freezes it at that very moment', async () => {
  await run('zhang', 'freeze', id, '--security', ...because);
  await run('zhang', 'lift', id, ...because);
  const { ledger } = wallet.app.ground;
  const { setAccountState: set } = ledger;
  // The wallet is about to lift it in the ledger.
  const lifting = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  ledger.setAccountState = async (of, state) => {
    if (state.frozen === false) {
      lifting.resolve();
      await going.promise;
    }
    return set(of, state);
  };
  const confirming = run('li', 'confirm', id, '--lift', ...because);
  await lifting.promise;
  const order = ['--by-law', '--authority', 'Pudong court', '--because', 'order 2026-115 of 22 Nov, scanned'];
  const frozen = run('li', 'freeze', id, ...order);
  await until(async () => (await personOf(wallet, ming.phone)).accountCause === 'account.frozen_by_law', 'a freeze');
  going.resolve();
  ledger.setAccountState = set;
  expect(await confirming).toContain('Not carried out, the account was changed since');
  expect(await frozen).toContain('from now on nothing leaves it');
  expect(await inBooks()).toMatchObject({ frozen: true });
  expect(await run(undefined, 'show', id)).toMatch(
    /asked to lift it: .*; could not be carried out: the account was changed/,
  );
  expect(await both('lift', '--security')).toContain('It stays frozen (account.frozen_by_law)');
  expect(await both('lift')).toContain('it is open');
});

test('what the owner froze themselves is lifted by two, and held for security where they deny it', async () => {
  await me.call('POST', '/v1/me/freeze');
  expect(await run(undefined, 'show', id)).toMatch(
    /by its owner, in the app[\s\S]*its owner, in the app: name, ID number/,
  );
  await run('zhang', 'freeze', id, '--security', ...because);
  expect((await me.call<{ code: string }>('POST', '/v1/me/unfreeze', unfreezing)).body.code).toBe(
    'account.frozen_security',
  );
  expect(await both('lift', '--security')).toContain('It stays frozen (account.frozen_by_you)');
  expect((await me.call('POST', '/v1/me/unfreeze', unfreezing)).status).toBe(204);
  await me.call('POST', '/v1/me/freeze');
  expect(await both('lift')).toContain('it is open');
});

test('two close it, with money in it that is listed, and open an empty one again', async () => {
  expect(await run('zhang', 'close', id, ...because)).toMatch(/There is CNY 9\d\.\d\d in it: once closed/);
  expect(await run('li', 'confirm', id, '--close', ...because)).toContain('it is closed');
  await told('你的账户已经注销');
  await until(async () => (await inBooks()).closed, 'a closed account');
  await until(async () => (await run(undefined, 'show', id)).includes(humanReference(person.id)), 'a case');
  await expect(run('zhang', 'reopen', id, ...because)).rejects.toThrow(/waits for people.*\n.*review show P/);
  await expect(run('zhang', 'freeze', id, '--security', ...because)).rejects.toThrow(/It is closed/);
  await expect(run('zhang', 'lift', id, ...because)).rejects.toThrow(
    /nothing to lift\. Possible is ".* account reopen/,
  );
  await decide(wallet, person.id, 'left', 'reopened');
  await told('重新开通');
  await until(async () => (await inBooks()).closed === false, 'an open account');
  // It is opened, and the case is over, in one commit: who dies between the two would open it again later.
  const { rows } = await asOwner(wallet, (client) =>
    client.query(
      `select a.xmin = b.xmin as at_once from account_act a join review_booking b on b.decision_id = a.decision_id
       where a.person_id = $1 order by a.seq desc limit 1`,
      [person.id],
    ),
  );
  expect(rows).toEqual([{ at_once: true }]);
  await open();
  const { available } = await me.get<{ available: { minor: string; currency: string } }>('/v1/balance');
  await move(me, 'withdraw', { cardId, amount: available });
  expect((await me.call('POST', '/v1/me/close', { pin: goodPin })).status).toBe(204);
  await until(async () => (await inBooks()).closed, 'a closed account');
  expect(await run('zhang', 'reopen', id, ...because)).toContain('wants to reopen it');
  expect(await run('li', 'confirm', id, '--reopen', ...because)).toContain('Carried out: it is open');
  expect(await inBooks()).toMatchObject({ frozen: false, closed: false });
  expect(await move(me, 'top_up', { cardId, amount: yuan('5.00') })).toMatchObject({ state: 'succeeded' });
  await expect(run('zhang', 'reopen', id, ...because)).rejects.toThrow(/It is open, and nothing stops it/);
});

test('what is typed wrongly is refused with what is right, and changes nothing', async () => {
  const no = (who: string | undefined, words: string) => expect(run(who, ...words.split(' '))).rejects;
  await no(undefined, `freeze ${id} --security`).toThrow(/Set PURSER_OPERATOR_TOKEN/);
  await no('zhang', `freeze ${id}`).toThrow(/one of:\n.*--security.*\n.*--by-law/);
  await no('zhang', `freeze ${id} --security --by-law`).toThrow(/one of:/);
  await no('zhang', `freeze ${id} --security`).toThrow(/Say how you know/);
  await no('zhang', `freeze ${id} --by-law`).toThrow(/Name the authority/);
  await no('zhang', `freeze ${id} --security --authority police`).toThrow(/Only a freeze --by-law/);
  await no('zhang', `freeze ${id} --security --because aaaaaaaaaaaa --days 0`).toThrow(/1 to 90/);
  await no('zhang', `freeze ${id} --security --beacuse aaaaaaaaaaaa`).toThrow(/"--beacuse" is not understood/);
  await no('zhang', `lift ${id} --because aaaaaaaaaaaa`).toThrow(/nothing stops it: there is nothing to lift/);
  await no('zhang', `confirm ${id} --because aaaaaaaaaaaa`).toThrow(/Confirm what\? One of --lift, --close, --reopen/);
  await no('zhang', 'freeze --security').toThrow(/^Whose\?/);
  await no('zhang', 'thaw').toThrow(/There is no "account thaw"\. There is:/);
  expect(await personOf(wallet, ming.phone)).toMatchObject({ accountState: 'normal' });
});

test('what an operator stopped is lifted by no call of the program alone', async () => {
  await run('zhang', 'freeze', id, '--security', ...because);
  await open();
  const { rows } = await wallet.app.ground.database.pool.query(
    'select id from account_stop where person_id = $1 and ended_at is null',
    [person.id],
  );
  expect(rows).toHaveLength(1);
  for (const by of [`'wallet', null`, `'owner', null`, `'operator', decision_id`]) {
    const [endedBy, decision] = by.split(', ');
    await expect(
      wallet.app.ground.database.pool.query(
        `update account_stop set ended_at = now(), ended_by = ${endedBy}, end_decision_id = ${decision} where person_id = $1
         and ended_at is null`,
        [person.id],
      ),
    ).rejects.toMatchObject({ code: '23514' });
  }
  await until(async () => (await inBooks()).frozen, 'a frozen account');
  expect(await both('lift')).toContain('it is open');
});

test('while no wallet runs it is said that the ledger does not know yet; the next one that starts sees to it', async () => {
  const wens = await openVerified(wallet, wen);
  const hers = await personOf(wallet, wen.phone);
  const { balanceAccount } = hers;
  const { ledger } = wallet.app.ground;
  const { setAccountState: set } = ledger;
  // Nobody carries anything out.
  ledger.setAccountState = () => Promise.reject(new Error('the wallet is gone'));
  const said = await run('zhang', 'freeze', wen.phone, '--security', ...because);
  expect(said).toContain('NOT YET IN THE LEDGER');
  expect(await run(undefined, 'show', wen.phone)).toContain('NOT YET AS IT SAYS ABOVE');
  await signBackIn(wallet, hers);
  expect(await wens.get('/v1/me')).toMatchObject({ accountState: 'frozen' });
  const beside = await wallet.startBeside();
  expect(await beside.app.ground.ledger.account(accountId(balanceAccount))).toMatchObject({ frozen: true });
  ledger.setAccountState = set;
  await beside.app.close();
});
