import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountId, NewTransfer } from '../../../src/ledger/ledger.ts';
import { hold, LedgerFixture, makeId, post, release, take, words } from './fixture.ts';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.create();
});
afterAll(() => fixture.close());

const outcomesOf = async (...chains: NewTransfer[][]) => words(await fixture.ledger.post(chains));
const outcomeOf = async (transfer: NewTransfer) => (await outcomesOf([transfer]))[0]![0];

describe('an account', () => {
  test('that is frozen gives nothing, takes what comes, and holds placed before still end', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer(100n)];
    const [one, two] = [hold(a, b, 10n), hold(a, b, 10n)];
    await outcomesOf([one], [two]);
    await fixture.ledger.setAccountState(a, { frozen: true });
    expect(
      await outcomesOf([post(a, b, 1n)], [hold(a, b, 1n)], [post(b, a, 1n)], [take(one.id)], [release(two.id)]),
    ).toEqual([['debit_account_frozen'], ['debit_account_frozen'], ['posted'], ['posted'], ['posted']]);
    expect(await fixture.account(a)).toMatchObject({
      frozen: true,
      closed: false,
      flags: { debitsMustNotExceedCredits: true },
    });
    await fixture.ledger.setAccountState(a, { frozen: false });
    expect(await outcomeOf(post(a, b, 1n))).toBe('posted');
  });

  test('that is closed is not touched by money; its holds can only be released', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer(100n)];
    const held = hold(a, b, 10n);
    await outcomesOf([held]);
    await fixture.ledger.setAccountState(a, { closed: true });
    expect(await outcomesOf([post(a, b, 1n)], [post(b, a, 1n)], [take(held.id)], [release(held.id)])).toEqual([
      ['debit_account_closed'],
      ['credit_account_closed'],
      ['debit_account_closed'],
      ['posted'],
    ]);
  });

  test('that is frozen while many ask is frozen for all who ask later', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const before = Array.from({ length: 20 }, () => outcomeOf(post(a, b, 1n)));
    const frozen = fixture.ledger.setAccountState(a, { frozen: true });
    const after = Array.from({ length: 20 }, () => outcomeOf(post(a, b, 1n)));
    await frozen;
    expect(new Set(await Promise.all(before))).toEqual(new Set(['posted']));
    expect(new Set(await Promise.all(after))).toEqual(new Set(['debit_account_frozen']));
  });

  test('is made once; the same again changes nothing, other content is an assertion', async () => {
    const id = 7_000_001n as AccountId;
    const flags = { debitsMustNotExceedCredits: true };
    await fixture.ledger.createAccounts([{ id, ledger: 1, code: 3, flags }]);
    await fixture.ledger.setAccountState(id, { frozen: true });
    await fixture.ledger.createAccounts([{ id, ledger: 1, code: 3, flags }]);
    expect((await fixture.account(id)).frozen).toBe(true);
    await expect(fixture.ledger.createAccounts([{ id, ledger: 1, code: 3 }])).rejects.toThrow('other content');
    await expect(fixture.ledger.createAccounts([{ id, ledger: 2, code: 3, flags }])).rejects.toThrow('other content');
    await expect(fixture.ledger.setAccountState(7_777_777n as AccountId, { frozen: true })).rejects.toThrow(
      'no account',
    );
  });
});

describe('reading', () => {
  test('a history goes back page by page with the balance after each movement', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const held = hold(a, b, 50n);
    await outcomesOf([post(a, b, 10n)], [held], [post(b, a, 3n)], [take(held.id, 20n)], [hold(a, b, 1n)]);
    const first = await fixture.ledger.history(a, { limit: 2 });
    expect(first.entries.map((each) => [each.side, each.amount, each.balanceAfter])).toEqual([
      ['debit', 20n, 73n],
      ['credit', 3n, 93n],
    ]);
    const second = await fixture.ledger.history(a, { limit: 2, beforeSeq: first.nextBeforeSeq! });
    expect(second.entries.map((each) => [each.side, each.amount, each.balanceAfter])).toEqual([
      ['debit', 10n, 90n],
      ['credit', 100n, 100n],
    ]);
    expect(second.nextBeforeSeq).toBeUndefined();
    expect((await fixture.ledger.history(a, { limit: 4 })).nextBeforeSeq).toBeUndefined();
  });

  test('a transfer by its id, all of an operation, many accounts', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const operationId = makeId();
    const one = post(a, b, 10n, { operationId });
    await outcomesOf([one, post(a, b, 5n, { operationId })], [post(a, b, 1n)]);
    expect(await fixture.ledger.transfer(one.id)).toMatchObject({ ...one, ledger: 1, pendingId: undefined });
    expect((await fixture.ledger.transfersOf(operationId)).map((each) => each.amount)).toEqual([10n, 5n]);
    expect(await fixture.ledger.transfer(makeId())).toBeUndefined();
    expect(await fixture.ledger.account(4_444_444n as AccountId)).toBeUndefined();
    expect([...(await fixture.ledger.accounts([a, b, 4_444_444n as AccountId])).keys()].sort()).toEqual([a, b].sort());
  });
});

test('the application may not change or remove a transfer, nor remove anything', async () => {
  await fixture.withOwner(async (client) => {
    await client.query('set role purser_app');
    for (const statement of [
      'update ledger_transfer set amount = 1',
      'delete from ledger_transfer',
      'truncate ledger_transfer',
      'delete from ledger_account',
      'delete from ledger_hold',
      'delete from ledger_head',
      'update ledger_hold set amount = 1',
      'update ledger_account set ledger = 2',
    ]) {
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
  });
});
