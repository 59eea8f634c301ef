import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../src/kernel/ids.ts';
import { MAX_MINOR } from '../../../src/kernel/money.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import type { AccountId, NewTransfer } from '../../../src/ledger/ledger.ts';
import { hold, LedgerFixture, makeId, post, release, take, words } from './fixture.ts';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.create();
});
afterAll(() => fixture.close());

const outcomesOf = async (...chains: NewTransfer[][]) => words(await fixture.ledger.post(chains));
const outcomeOf = async (transfer: NewTransfer) => (await outcomesOf([transfer]))[0]![0];

describe('a movement', () => {
  test('changes both accounts by the same amount and gets the next place in the list', async () => {
    const a = await fixture.makeCustomer(500n);
    const b = await fixture.makeCustomer();
    const first = await fixture.one(post(a, b, 120n));
    const second = await fixture.one(post(b, a, 20n));
    expect(first.outcome === 'posted' && second.outcome === 'posted' && second.seq - first.seq).toBe(1n);
    expect([await fixture.balance(a), await fixture.balance(b)]).toEqual([400n, 100n]);
  });

  test('cannot take more than is there, and can take all of it', async () => {
    const a = await fixture.makeCustomer(100n);
    const b = await fixture.makeCustomer();
    expect(await outcomesOf([post(a, b, 101n)], [post(a, b, 100n)], [post(a, b, 1n)])).toEqual([
      ['exceeds_credits'],
      ['posted'],
      ['exceeds_credits'],
    ]);
  });

  test('cannot give an account of debits more credit than it has debits', async () => {
    const asset = await fixture.makeAccount({ flags: { creditsMustNotExceedDebits: true } });
    const other = await fixture.makeAccount();
    expect(await outcomesOf([post(asset, other, 50n)], [post(other, asset, 51n)], [post(other, asset, 50n)])).toEqual([
      ['posted'],
      ['exceeds_debits'],
      ['posted'],
    ]);
  });

  test('sees those before it in the same call, and a refused one disturbs nobody', async () => {
    const a = await fixture.makeCustomer();
    const b = await fixture.makeCustomer(10n);
    expect(await outcomesOf([post(a, b, 5n)], [post(b, a, 10n)], [post(a, b, 5n)], [post(b, a, 6n)])).toEqual([
      ['exceeds_credits'],
      ['posted'],
      ['posted'],
      ['exceeds_credits'],
    ]);
  });
});

describe('bad input has its own answer and nothing beside it is disturbed', () => {
  const unknown = 555_555n as AccountId;
  test.each<[string, (a: AccountId, b: AccountId, foreign: AccountId) => NewTransfer]>([
    ['amount_must_be_positive', (a, b) => post(a, b, 0n)],
    ['amount_must_be_positive', (a, b) => post(a, b, -5n)],
    ['amount_too_large', (a, b) => post(a, b, MAX_MINOR + 1n)],
    ['amount_too_large', (a, b) => post(a, b, 2n ** 63n)],
    ['amount_too_large', (a, b) => post(a, b, 10n ** 30n)],
    ['accounts_must_be_different', (a) => post(a, a, 1n)],
    ['debit_account_not_found', (_, b) => post(unknown, b, 1n)],
    ['debit_account_not_found', (_, b) => post(0n as AccountId, b, 1n)],
    ['debit_account_not_found', (_, b) => post(-1n as AccountId, b, 1n)],
    ['credit_account_not_found', (a) => post(a, unknown, 1n)],
    ['credit_account_not_found', (a) => post(a, (2n ** 63n) as AccountId, 1n)],
    ['accounts_must_have_the_same_ledger', (a, _, foreign) => post(a, foreign, 1n)],
    ['pending_transfer_not_found', () => take(makeId())],
    ['pending_transfer_not_found', () => release(makeId())],
  ])('%s', async (reason, make) => {
    const a = await fixture.makeCustomer(100n);
    const b = await fixture.makeCustomer();
    const foreign = await fixture.makeAccount({ ledger: 2 });
    expect(await outcomesOf([post(a, b, 1n)], [make(a, b, foreign)], [post(a, b, 1n)])).toEqual([
      ['posted'],
      [reason],
      ['posted'],
    ]);
    expect(await fixture.balance(a)).toBe(98n);
  });

  test('totals that would not fit into eight bytes', async () => {
    const a = await fixture.makeAccount();
    const b = await fixture.makeAccount();
    await fixture.withOwner((client) =>
      client.query(`update ledger_account set debits_posted = $2, credits_posted = $2 where id = $1`, [
        a,
        2n ** 63n - 10n,
      ]),
    );
    expect(await outcomesOf([post(a, b, 10n)], [hold(b, a, 10n)])).toEqual([
      ['overflows_account'],
      ['overflows_account'],
    ]);
    await fixture.withOwner((client) =>
      client.query(`update ledger_account set debits_posted = 0, credits_posted = 0 where id = $1`, [a]),
    );
    // The books in memory are made anew from the tables.
    await fixture.ledger.close();
    await fixture.open();
  });

  test('a malformed id or code is a bug: the call is rejected and nothing of it is done', async () => {
    const a = await fixture.makeCustomer(100n);
    const b = await fixture.makeCustomer();
    const bad: NewTransfer[] = [
      post(a, b, 1n, { id: 'nonsense' }),
      post(a, b, 1n, { code: -1 }),
      post(a, b, 1n, { code: 1.5 }),
      post(a, b, 1n, { operationId: 'x' }),
      take('x' as never),
    ];
    for (const each of bad) await expect(fixture.ledger.post([[post(a, b, 1n)], [each]])).rejects.toThrow('assertion');
    const twice = post(a, b, 1n);
    await expect(fixture.ledger.post([[twice, twice]])).rejects.toThrow('an id twice');
    expect(await fixture.balance(a)).toBe(100n);
  });

  test('the first reason that applies is the answer', async () => {
    const a = await fixture.makeCustomer(1n);
    const b = await fixture.makeCustomer();
    await fixture.ledger.setAccountState(a, { frozen: true });
    await fixture.ledger.setAccountState(b, { closed: true });
    expect(await outcomeOf(post(a, a, 0n))).toBe('amount_must_be_positive');
    expect(await outcomeOf(post(a, b, 5n))).toBe('credit_account_closed');
    await fixture.ledger.setAccountState(a, { closed: true });
    expect(await outcomeOf(post(a, b, 5n))).toBe('debit_account_closed');
    await fixture.ledger.setAccountState(a, { closed: false });
    await fixture.ledger.setAccountState(b, { closed: false });
    expect(await outcomeOf(post(a, b, 5n))).toBe('debit_account_frozen');
    await fixture.ledger.setAccountState(a, { frozen: false });
    expect(await outcomeOf(post(a, b, 5n))).toBe('exceeds_credits');
  });
});

describe('an id', () => {
  test('seen before answers exists, or names the first field that differs', async () => {
    const [a, b, c] = [await fixture.makeCustomer(100n), await fixture.makeCustomer(), await fixture.makeCustomer()];
    const operationId = makeId();
    const first = post(a, b, 10n, { operationId });
    const posted = await fixture.one(first);
    expect(await fixture.one(first)).toEqual({ ...posted, outcome: 'exists' });
    const { id } = first;
    expect(await outcomeOf(hold(a, b, 10n, { id, operationId }))).toBe('exists_with_different_kind');
    expect(await outcomeOf(post(c, b, 10n, { id, operationId }))).toBe('exists_with_different_debit_account');
    expect(await outcomeOf(post(a, c, 11n, { id, operationId }))).toBe('exists_with_different_credit_account');
    expect(await outcomeOf(post(a, b, 11n, { id, operationId }))).toBe('exists_with_different_amount');
    expect(await outcomeOf(post(a, b, 10n, { id, operationId, code: 8 }))).toBe('exists_with_different_code');
    expect(await outcomeOf(post(a, b, 10n, { id }))).toBe('exists_with_different_operation');
    expect(await fixture.balance(a)).toBe(90n);
  });

  test('of the end of a hold is compared with the hold too', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const [one, two] = [hold(a, b, 30n), hold(a, b, 40n)];
    await outcomesOf([one], [two]);
    const taken = take(one.id);
    expect(await outcomesOf([taken], [taken])).toEqual([['posted'], ['exists']]);
    expect(await outcomeOf(take(one.id, 30n, { id: taken.id }))).toBe('exists');
    expect(await outcomeOf(take(one.id, 29n, { id: taken.id }))).toBe('exists_with_different_amount');
    expect(await outcomeOf(take(two.id, 30n, { id: taken.id }))).toBe('exists_with_different_pending_id');
    expect(await outcomeOf(release(one.id, { id: taken.id }))).toBe('exists_with_different_kind');
  });

  test('is known after a restart, also where the rules would refuse it now', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const all = post(a, b, 100n);
    const held = hold(b, a, 60n);
    const taken = take(held.id, 50n);
    expect(await outcomesOf([all], [held], [taken])).toEqual([['posted'], ['posted'], ['posted']]);
    await fixture.ledger.close();
    await fixture.open();
    expect(await outcomesOf([all], [taken], [held], [post(a, b, 51n)])).toEqual([
      ['exists'],
      ['exists'],
      ['exists'],
      ['exceeds_credits'],
    ]);
    expect(await outcomeOf(post(a, b, 99n, { id: all.id }))).toBe('exists_with_different_amount');
  });

  test('made long ago by its text, or in the future, is found all the same', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const ids = ['00000000-0000-7000-8000-000000000001', 'ffffffff-ffff-7fff-8fff-fffffffffff1'];
    const transfers = ids.map((id) => post(a, b, 10n, { id }));
    expect(await outcomesOf(...transfers.map((each) => [each]))).toEqual([['posted'], ['posted']]);
    await fixture.ledger.close();
    await fixture.open();
    expect(await outcomesOf(...transfers.map((each) => [each]), [post(a, b, 1n)])).toEqual([
      ['exists'],
      ['exists'],
      ['posted'],
    ]);
    expect(await fixture.balance(b)).toBe(21n);
  });

  test('taken for new because of a clock that went back is found by the unique key, or by looking up what was refused', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const idNow = () => newId(fixture.clock, systemRandom);
    const [part, all] = [post(a, b, 10n, { id: idNow() }), post(a, b, 90n, { id: idNow() })];
    await outcomesOf([part], [all], [post(b, a, 50n)]);
    await fixture.ledger.close();
    fixture.clock.advance(-2_000);
    await fixture.open();
    expect(await outcomesOf([all], [post(b, a, 1n)])).toEqual([['exists'], ['posted']]);
    expect(await outcomesOf([post(b, a, 1n)], [part], [post(b, a, 100n)])).toEqual([
      ['posted'],
      ['exists'],
      ['exceeds_credits'],
    ]);
    fixture.clock.advance(2_000);
    expect([await fixture.balance(a), await fixture.balance(b)]).toEqual([52n, 48n]);
    expect(fixture.problems).toEqual([]);
  });

  test('asked for by many at once moves money once, and all hear the same', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const one = post(a, b, 10n);
    const heard = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(one)));
    expect(heard.filter((each) => each === 'posted')).toHaveLength(1);
    expect(heard.filter((each) => each === 'exists')).toHaveLength(49);
    expect(await fixture.balance(a)).toBe(90n);
  });

  test('refused for one is refused for all who ask at the same time, and decided afresh later', async () => {
    const [a, b, c] = [await fixture.makeCustomer(), await fixture.makeCustomer(), await fixture.makeCustomer(50n)];
    const one = post(a, b, 10n);
    const heard = await Promise.all([
      outcomeOf(one),
      outcomeOf(post(c, a, 10n)),
      outcomeOf(one),
      outcomeOf(post(a, b, 9n, { id: one.id })),
    ]);
    expect(heard).toEqual(['exceeds_credits', 'posted', 'exceeds_credits', 'id_already_failed_with_other_content']);
    expect(await outcomeOf(one)).toBe('posted');
  });
});

describe('a hold', () => {
  test('reserves, and each of its ends happens once', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const held = hold(a, b, 80n);
    expect(await outcomesOf([held], [post(a, b, 21n)])).toEqual([['posted'], ['exceeds_credits']]);
    expect(await fixture.account(a)).toMatchObject({ debitsPending: 80n, debitsPosted: 0n });
    expect(await outcomeOf(take(held.id, 81n))).toBe('exceeds_pending_transfer_amount');
    expect(await outcomeOf(take(held.id, 0n))).toBe('amount_must_be_positive');
    expect(await outcomesOf([take(held.id, 30n)], [take(held.id, 10n)], [release(held.id)])).toEqual([
      ['posted'],
      ['pending_transfer_already_posted'],
      ['pending_transfer_already_posted'],
    ]);
    expect(await fixture.account(a)).toMatchObject({ debitsPending: 0n, debitsPosted: 30n });
    expect(await fixture.account(b)).toMatchObject({ creditsPending: 0n, creditsPosted: 30n });
  });

  test('that is released gives all of it back', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const held = hold(a, b, 80n);
    expect(
      await outcomesOf([held], [release(held.id)], [release(held.id)], [take(held.id)], [post(a, b, 100n)]),
    ).toEqual([
      ['posted'],
      ['posted'],
      ['pending_transfer_already_voided'],
      ['pending_transfer_already_voided'],
      ['posted'],
    ]);
  });

  test('cannot be made of a movement that is no hold', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const plain = post(a, b, 10n);
    expect(await outcomesOf([plain], [take(plain.id)], [release(plain.id)])).toEqual([
      ['posted'],
      ['pending_transfer_not_pending'],
      ['pending_transfer_not_pending'],
    ]);
    await fixture.ledger.close();
    await fixture.open();
    expect(await outcomeOf(take(plain.id))).toBe('pending_transfer_not_pending');
  });

  test('releases by itself when its time is over', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const operationId = makeId();
    const expiresAt = new Date(fixture.clock.now().getTime() + 1_000);
    const held = hold(a, b, 80n, { expiresAt, operationId });
    const lasting = hold(a, b, 5n);
    await outcomesOf([held], [lasting]);
    expect(await fixture.ledger.expireHolds(10)).toBe(0);
    fixture.clock.advance(1_000);
    expect(await outcomesOf([take(held.id)], [release(held.id)])).toEqual([
      ['pending_transfer_expired'],
      ['pending_transfer_expired'],
    ]);
    expect(await fixture.account(a)).toMatchObject({ debitsPending: 85n });
    expect(await Promise.all([fixture.ledger.expireHolds(10), fixture.ledger.expireHolds(10)])).toContain(1);
    expect(await fixture.ledger.expireHolds(10)).toBe(0);
    expect(await fixture.account(a)).toMatchObject({ debitsPending: 5n, debitsPosted: 0n });
    expect(await outcomeOf(take(held.id))).toBe('pending_transfer_expired');
    const [begun, ended] = await fixture.ledger.transfersOf(operationId);
    expect([begun?.kind, ended?.kind, ended?.pendingId]).toEqual(['pending', 'void_pending', held.id]);
  });
});

describe('a chain', () => {
  test('succeeds or fails together, and others are not touched by its failure', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const held = hold(a, b, 10n);
    await outcomesOf([held]);
    expect(
      await outcomesOf(
        [take(held.id), hold(a, b, 20n), post(b, a, 5n), post(a, b, 500n), post(a, b, 1n)],
        [post(a, b, 90n)],
      ),
    ).toEqual([
      ['linked_event_failed', 'linked_event_failed', 'linked_event_failed', 'exceeds_credits', 'linked_event_failed'],
      ['posted'],
    ]);
    expect(await fixture.account(a)).toMatchObject({ debitsPosted: 90n, debitsPending: 10n });
    expect(await outcomesOf([take(held.id), post(b, a, 100n)])).toEqual([['posted', 'posted']]);
  });

  test('may build on itself: a hold made and taken in one', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const held = hold(a, b, 70n);
    expect(await outcomesOf([held, take(held.id, 60n), post(b, a, 60n)])).toEqual([['posted', 'posted', 'posted']]);
    expect([await fixture.balance(a), await fixture.balance(b)]).toEqual([100n, 0n]);
  });

  test('that is there answers exists for each; one that is there in part fails and says what is there', async () => {
    const [a, b] = [await fixture.makeCustomer(100n), await fixture.makeCustomer()];
    const chain = [post(a, b, 10n), post(a, b, 20n)];
    expect(await outcomesOf(chain)).toEqual([['posted', 'posted']]);
    const mixed = [post(a, b, 1n), chain[1]!, post(a, b, 2n, { id: chain[0]!.id })];
    const expected = ['linked_event_failed', 'exists', 'exists_with_different_amount'];
    expect(await outcomesOf(chain, mixed)).toEqual([['exists', 'exists'], expected]);
    await fixture.ledger.close();
    await fixture.open();
    expect(await outcomesOf(mixed, chain)).toEqual([expected, ['exists', 'exists']]);
    expect(await fixture.balance(a)).toBe(70n);
  });

  test('spends against a limit that is a balance, exactly, however many ask at once', async () => {
    const [a, shop] = [await fixture.makeCustomer(10_000n), await fixture.makeAccount()];
    const allowance = await fixture.makeCustomer(1_000n);
    const used = await fixture.makeAccount();
    const pay = () => outcomesOf([post(a, shop, 30n), post(allowance, used, 30n)]);
    const heard = (await Promise.all(Array.from({ length: 100 }, pay))).flat();
    expect(heard.filter(([, limit]) => limit === 'posted')).toHaveLength(33);
    expect(
      heard.filter(([first, limit]) => first === 'linked_event_failed' && limit === 'exceeds_credits'),
    ).toHaveLength(67);
    expect(await fixture.balance(shop)).toBe(990n);
  });

  test('without members has no outcomes', async () => {
    expect(await outcomesOf([], [])).toEqual([[], []]);
    expect(await fixture.ledger.post([])).toEqual([]);
  });
});
