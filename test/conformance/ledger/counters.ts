import { describe, expect, test } from 'vitest';
import { MAX_MINOR } from '../../../src/kernel/money.ts';
import type { AccountId, Count, Counter, NewTransfer } from '../../../src/ledger/ledger.ts';
import type { LedgerScene } from '../ledger-scene.ts';
import { hold, isOfCaller, makeId, post, release, take } from '../transfers.ts';

const TOP = 2n ** 63n - 1n;

const upTo = (most: bigint, counter: Counter = 0): { counts: Count[] } => ({ counts: [{ counter, upTo: most }] });
const both = (first: bigint, second: bigint): { counts: Count[] } => ({
  counts: [
    { counter: 0, upTo: first },
    { counter: 1, upTo: second },
  ],
});

export function describeCounters(scene: () => LedgerScene): void {
  const counted = async (id: AccountId) => (await scene().account(id)).counted;

  describe('a counter', () => {
    test('counts what leaves its account by those who say so, beside the balance, and nothing of the other side', async () => {
      const [a, b] = await scene().makePair(1_000n);
      expect(await counted(a)).toEqual([0n, 0n]);
      const operationId = makeId();
      const all = [
        post(a, b, 30n, { ...upTo(500n), operationId }),
        post(a, b, 7n, { ...upTo(500n, 1), operationId }),
        // In whatever order it was asked.
        post(a, b, 100n, { counts: both(500n, 500n).counts.toReversed(), operationId }),
        post(a, b, 200n, { operationId }),
        post(a, b, 400n, { counts: [], operationId }),
        post(b, a, 3n, { ...upTo(3n), operationId }),
      ];
      for (const each of all) expect(await scene().outcome(each)).toBe('posted');
      expect(await counted(a)).toEqual([130n, 107n]);
      expect(await counted(b)).toEqual([3n, 0n]);
      expect((await scene().ledger.accounts([a, b])).get(a)?.counted).toEqual([130n, 107n]);
      expect(await scene().balances(a, b)).toEqual([266n, 734n]);
      const expected = [[0], [1], [0, 1], [], [], [0]];
      const alone = await Promise.all(all.map(({ id }) => scene().ledger.transfer(id)));
      expect(alone.map((each) => each?.counters)).toEqual(expected);
      const ofOperation = await scene().ledger.transfersOf(operationId);
      expect(ofOperation.map(({ counters }) => counters)).toEqual(expected);
      const { entries } = await scene().ledger.history(b, { limit: 10 });
      expect(entries.toReversed().map(({ counters }) => counters)).toEqual(expected);
    });

    test('is reached to the unit and not passed, and a refusal changes nothing', async () => {
      const [a, b] = await scene().makePair(1_000n);
      await scene().outcomes([post(a, b, 60n, upTo(100n))]);
      const before = [await scene().account(a), await scene().account(b)];
      const beyond = [
        post(a, b, 41n, upTo(100n)),
        post(a, b, 1n, upTo(60n)),
        post(a, b, 1n, upTo(59n)),
        post(a, b, 1n, upTo(0n)),
        post(a, b, 1n, upTo(-(2n ** 63n))),
        post(a, b, MAX_MINOR, upTo(MAX_MINOR + 59n)),
      ];
      expect(new Set((await scene().outcomes(...beyond.map((each) => [each]))).flat())).toEqual(
        new Set(['exceeds_counter']),
      );
      expect([await scene().account(a), await scene().account(b)]).toEqual(before);
      for (const { id } of beyond) expect(await scene().ledger.transfer(id)).toBeUndefined();
      expect(await scene().outcomes([post(a, b, 40n, upTo(100n))], [post(a, b, 1n, upTo(100n))])).toEqual([
        ['posted'],
        ['exceeds_counter'],
      ]);
      expect(await counted(a)).toEqual([100n, 0n]);
    });

    test('that would pass its limit refuses for the other as well, which stays where it is', async () => {
      const [a, b] = await scene().makePair(1_000n);
      await scene().outcomes([post(a, b, 50n, both(100n, 100n))], [post(a, b, 30n, upTo(100n, 1))]);
      expect(
        await scene().outcomes(
          [post(a, b, 21n, both(100n, 100n))],
          [post(a, b, 51n, both(100n, TOP))],
          [post(a, b, 20n, both(TOP, 99n))],
        ),
      ).toEqual([['exceeds_counter'], ['exceeds_counter'], ['exceeds_counter']]);
      expect(await counted(a)).toEqual([50n, 80n]);
      expect(await scene().outcomes([post(a, b, 20n, both(70n, 100n))])).toEqual([['posted']]);
      expect(await counted(a)).toEqual([70n, 100n]);
      // Only the counter that is named has a say.
      expect(await scene().outcome(post(a, b, 900n - 80n, upTo(TOP)))).toBe('posted');
      expect(await counted(a)).toEqual([890n, 100n]);
    });

    test('is as far as each asking says: refused with one limit, it goes on with a farther one', async () => {
      const [a, b] = await scene().makePair(1_000n);
      const one = post(a, b, 80n, upTo(79n));
      expect(await scene().outcome(one)).toBe('exceeds_counter');
      expect(await scene().outcome({ ...one, ...upTo(79n, 1) })).toBe('exceeds_counter');
      expect(await scene().outcome({ ...one, ...upTo(80n) })).toBe('posted');
      expect(await scene().outcome(one)).toBe('exists');
      // What was counted beyond a limit of now is not taken back.
      expect(await scene().outcomes([post(a, b, 1n, upTo(79n))], [post(a, b, 1n, upTo(81n))])).toEqual([
        ['exceeds_counter'],
        ['posted'],
      ]);
      expect(await counted(a)).toEqual([81n, 0n]);
    });

    test('counts an id once: asked again it exists, however it is to be counted then', async () => {
      const [a, b] = await scene().makePair(100n);
      const [one, plain] = [post(a, b, 10n, upTo(10n)), post(a, b, 10n)];
      await scene().outcomes([one], [plain]);
      const { counts: _, ...uncounted } = one;
      const again: NewTransfer[] = [
        one,
        uncounted,
        { ...one, ...upTo(5n) },
        { ...one, ...both(TOP, 0n) },
        { ...plain, ...upTo(TOP, 1) },
        { ...plain, ...upTo(-5n) },
      ];
      const exist = again.map(() => ['exists']);
      expect(await scene().outcomes(...again.map((each) => [each]))).toEqual(exist);
      expect(await scene().outcomes([post(a, b, 1n, upTo(11n)), one])).toEqual([['linked_event_failed', 'exists']]);
      await scene().reopen();
      expect(await scene().outcomes(...again.map((each) => [each]))).toEqual(exist);
      expect(await scene().outcome({ ...one, ...upTo(5n), amount: 9n })).toBe('exists_with_different_amount');
      expect(await counted(a)).toEqual([10n, 0n]);
      expect((await scene().ledger.transfer(plain.id))?.counters).toEqual([]);
    });

    test('never counts what is held, nor what is taken of it', async () => {
      const [a, b] = await scene().makePair(100n);
      const held = [hold(a, b, 30n), hold(a, b, 20n), hold(a, b, 10n)];
      const ends = [take(held[0]!.id), take(held[1]!.id, 5n), release(held[2]!.id)];
      const counting = post(a, b, 10n, upTo(10n));
      expect(await scene().outcomes(held, [counting], ends)).toEqual([
        ['posted', 'posted', 'posted'],
        ['posted'],
        ['posted', 'posted', 'posted'],
      ]);
      expect(await counted(a)).toEqual([10n, 0n]);
      for (const { id } of [...held, ...ends]) expect((await scene().ledger.transfer(id))?.counters).toEqual([]);
    });

    test('counts to the last unit that eight bytes hold, and no further', async () => {
      const [a, b] = [await scene().makeAccount(), await scene().makeAccount()];
      // 1,024 times 2^53 - 1 is 2^63 - 1,024.
      const filling = Array.from({ length: 1_024 }, () => [post(a, b, MAX_MINOR, both(TOP, TOP))]);
      expect(new Set((await scene().outcomes(...filling)).flat())).toEqual(new Set(['posted']));
      expect(await scene().outcomes([post(a, b, 1_024n, upTo(TOP))], [post(a, b, 1_023n, upTo(TOP))])).toEqual([
        ['exceeds_counter'],
        ['posted'],
      ]);
      await scene().reopen();
      expect(await counted(a)).toEqual([TOP, TOP - 1_023n]);
      expect(await scene().outcome(post(a, b, 1n, upTo(TOP)))).toBe('exceeds_counter');
    });

    test('stays over a restart, and whatever moves beside it that is not counted', async () => {
      const [a, b] = await scene().makePair(1_000n);
      const c = await scene().makeCustomer(1_000n);
      await scene().outcomes([post(a, b, 10n, both(TOP, TOP))]);
      await scene().reopen();
      expect(await counted(a)).toEqual([10n, 10n]);
      // Alone and among others, with some counted and with none.
      const rounds: [NewTransfer[][], [bigint, bigint]][] = [
        [[[post(a, b, 1n)]], [10n, 10n]],
        [
          [[post(c, b, 1n, upTo(TOP))], [post(a, b, 1n)]],
          [10n, 10n],
        ],
        [
          [[post(a, b, 1n)], [post(c, b, 1n)], [hold(a, b, 1n)]],
          [10n, 10n],
        ],
        [
          [[post(a, b, 1n)], [post(a, b, 5n, upTo(15n))]],
          [15n, 10n],
        ],
        [[[post(a, b, 5n, upTo(15n, 1))]], [15n, 15n]],
        [[[post(b, a, 5n, upTo(5n))]], [15n, 15n]],
      ];
      for (const [chains, expected] of rounds) {
        expect(new Set((await scene().outcomes(...chains)).flat())).toEqual(new Set(['posted']));
        expect(await counted(a)).toEqual(expected);
        await scene().reopen();
        expect(await counted(a)).toEqual(expected);
      }
      expect(await scene().outcomes([post(a, b, 1n, upTo(15n))], [post(a, b, 1n, upTo(16n))])).toEqual([
        ['exceeds_counter'],
        ['posted'],
      ]);
      expect(await counted(c)).toEqual([1n, 0n]);
      expect(await counted(b)).toEqual([5n, 0n]);
    });

    test('is not touched by the state of its account', async () => {
      const [a, b] = await scene().makePair(1_000n);
      const set = (state: { frozen?: boolean; closed?: boolean }) => scene().ledger.setAccountState(a, state);
      const [first, , second] = await Promise.all([
        scene().outcome(post(a, b, 10n, both(TOP, TOP))),
        set({ frozen: true }),
        scene().outcome(post(a, b, 10n, both(TOP, TOP))),
      ]);
      expect([first, second]).toEqual(['posted', 'debit_account_frozen']);
      await set({ frozen: false, closed: true });
      await scene().reopen();
      await set({ closed: false });
      expect(await counted(a)).toEqual([10n, 10n]);
    });
  });

  describe('a counter in a chain', () => {
    test('that fails is where it was before, wherever the chain failed', async () => {
      const [a, b] = await scene().makePair(1_000n);
      await scene().outcomes([post(a, b, 100n, both(TOP, TOP))], [post(b, a, 50n, upTo(TOP))]);
      const parts = () => [
        post(a, b, 10n, both(TOP, TOP)),
        post(b, a, 20n, upTo(TOP)),
        post(a, b, 5n, upTo(TOP, 1)),
        post(a, b, 5n),
      ];
      for (const [bad, reason] of [
        [post(a, b, 5_000n), 'exceeds_credits'],
        [post(a, b, 1n, upTo(110n)), 'exceeds_counter'],
      ] as const) {
        const chain = [...parts(), { ...bad, id: makeId() }];
        const linked = parts().map(() => 'linked_event_failed');
        // What follows in the same call sees nothing of it.
        expect(await scene().outcomes(chain, [post(a, b, 1n, upTo(100n))], chain)).toEqual([
          [...linked, reason],
          ['exceeds_counter'],
          [...linked, reason],
        ]);
        expect(await counted(a)).toEqual([100n, 100n]);
        expect(await counted(b)).toEqual([50n, 0n]);
      }
      await scene().reopen();
      expect(await counted(a)).toEqual([100n, 100n]);
      expect(await scene().outcomes(parts())).toEqual([['posted', 'posted', 'posted', 'posted']]);
      expect(await counted(a)).toEqual([110n, 115n]);
      expect(await counted(b)).toEqual([70n, 0n]);
    });

    test('is seen by the members after the one that it counted', async () => {
      const [a, b] = await scene().makePair(1_000n);
      const pay = (...limits: bigint[]) => limits.map((most) => post(a, b, 10n, upTo(most)));
      expect(await scene().outcomes(pay(20n, 20n), pay(30n, 39n), pay(30n, 40n), pay(40n))).toEqual([
        ['posted', 'posted'],
        ['linked_event_failed', 'exceeds_counter'],
        ['posted', 'posted'],
        ['exceeds_counter'],
      ]);
      expect(await counted(a)).toEqual([40n, 0n]);
    });
  });

  describe('many who are counted at once', () => {
    test('pass as far as the counter may go, those who asked first, and no further', async () => {
      const [a, b] = await scene().makePair(10_000n);
      await scene().outcomes([post(a, b, 10n, both(TOP, TOP))]);
      const heard = await Promise.all(
        Array.from({ length: 120 }, (_, at) => scene().outcome(post(a, b, 3n, both(TOP, at % 2 === 0 ? 100n : 70n)))),
      );
      // In turn until the nearer limit, then each second one: (70 - 10) / 3 is 20, (100 - 10) / 3 is 30.
      const passed = heard.flatMap((each, at) => (each === 'posted' ? [at] : []));
      expect(passed).toEqual([
        ...Array.from({ length: 20 }, (_, at) => at),
        ...Array.from({ length: 10 }, (_, at) => 20 + 2 * at),
      ]);
      expect(new Set(heard)).toEqual(new Set(['posted', 'exceeds_counter']));
      expect(await counted(a)).toEqual([100n, 100n]);
      expect(await scene().balance(b)).toBe(100n);
    });

    test('with one id share a refusal where they may go as far, and nobody else does', async () => {
      const [a, b] = await scene().makePair(100n);
      const one = post(a, b, 10n, both(9n, 20n));
      const { counts: _, ...uncounted } = one;
      const heard = await Promise.all([
        scene().outcome(one),
        scene().outcome({ ...one, counts: one.counts!.toReversed() }),
        // The same limits for another movement: whose the refusal was is told.
        scene().outcome({ ...one, amount: 5n }),
        scene().outcome({ ...one, ...both(20n, 9n) }),
        scene().outcome({ ...one, ...upTo(9n) }),
        scene().outcome({ ...one, ...upTo(9n), amount: 200n, counts: [] }),
        scene().outcome({ ...one, ...upTo(20n, 1) }),
        scene().outcome(one),
        scene().outcome(uncounted),
      ]);
      expect(heard).toEqual([
        'exceeds_counter',
        'exceeds_counter',
        'id_already_failed_with_other_content',
        'exceeds_counter',
        'exceeds_counter',
        'exceeds_credits',
        'posted',
        'exists',
        'exists',
      ]);
      expect(await counted(a)).toEqual([0n, 10n]);
    });

    test('and one that is not counted pass each other: it is refused to none for the other’s limit', async () => {
      const [a, b] = await scene().makePair(100n);
      const one = post(a, b, 10n, upTo(9n));
      const { counts: _, ...uncounted } = one;
      expect(await Promise.all([scene().outcome(one), scene().outcome(uncounted)])).toEqual([
        'exceeds_counter',
        'posted',
      ]);
      expect(await counted(a)).toEqual([0n, 0n]);
      // What is refused for anything else is refused to all of them.
      const poor = post(a, b, 91n, upTo(100n));
      const heard = await Promise.all([
        scene().outcome(poor),
        scene().outcome({ ...poor, ...upTo(90n) }),
        scene().outcome({ ...poor, counts: [] }),
      ]);
      expect(heard).toEqual(['exceeds_credits', 'exceeds_credits', 'exceeds_credits']);
    });
  });

  test.each<[string, (a: AccountId, b: AccountId) => NewTransfer]>([
    ['of a hold', (a, b) => hold(a, b, 1n, upTo(5n))],
    ['in one counter twice', (a, b) => post(a, b, 1n, { counts: [...upTo(5n).counts, ...upTo(6n).counts] })],
    ['in three', (a, b) => post(a, b, 1n, { counts: [...both(5n, 5n).counts, ...upTo(5n, 1).counts] })],
    ...[2, -1, 0.5, Number.NaN, '0', 0n, null, undefined].map((counter) => of({ counter, upTo: 5n })),
    ...[2n ** 63n, 10n ** 30n, 5, '5', null, undefined].map((most) => of({ counter: 0, upTo: most })),
    ...[null, 5, 'x', {}, [null], [5], [[]]].map((counts): [string, (a: AccountId, b: AccountId) => NewTransfer] => [
      `by ${JSON.stringify(counts)}`,
      (a, b) => post(a, b, 1n, { counts }),
    ]),
  ])('a count %s is a bug: the call is rejected and nothing of it is done', async (_, make) => {
    const [a, b] = await scene().makePair(100n);
    const good = () => post(a, b, 1n, upTo(TOP));
    await expect(scene().ledger.post([[good()], [good(), make(a, b)]])).rejects.toSatisfy(isOfCaller);
    expect(await scene().account(a)).toMatchObject({ counted: [0n, 0n], debitsPosted: 0n, debitsPending: 0n });
  });
}

function of(count: { counter: unknown; upTo: unknown }): [string, (a: AccountId, b: AccountId) => NewTransfer] {
  const show = (value: unknown) => (typeof value === 'bigint' ? `${value}n` : JSON.stringify(value));
  return [`in ${show(count.counter)} up to ${show(count.upTo)}`, (a, b) => post(a, b, 1n, { counts: [count] })];
}
