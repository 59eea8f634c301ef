import { describe, expect, test } from 'vitest';
import type { Uuid } from '../../../src/kernel/ids.ts';
import { MAX_MINOR } from '../../../src/kernel/money.ts';
import {
  transferRefusals,
  type AccountId,
  type DirectTransfer,
  type PostPending,
  type TransferRefusal,
} from '../../../src/ledger/ledger.ts';
import type { LedgerScene } from '../ledger-scene.ts';
import { hold, makeId, post, release, take } from '../transfers.ts';

/**
 * The first reason that applies is the answer: every two reasons that one transfer can have at once are given to it, and
 * the earlier one of the documented list must be told.
 */

type Draft = { -readonly [K in keyof DirectTransfer]: DirectTransfer[K] };
/** What is wrong: first with what the transfer says, then with the accounts that it names. */
type Flaw = {
  says?: (draft: Draft, scene: LedgerScene) => unknown;
  is?: (draft: Draft, scene: LedgerScene) => unknown;
};

const UNKNOWN = 555_556n as AccountId;

const flaws = {
  amount_must_be_positive: { says: (draft) => (draft.amount = 0n) },
  amount_too_large: { says: (draft) => (draft.amount = MAX_MINOR + 1n) },
  accounts_must_be_different: { says: (draft) => (draft.creditAccountId = draft.debitAccountId) },
  debit_account_not_found: { says: (draft) => (draft.debitAccountId = UNKNOWN) },
  credit_account_not_found: { says: (draft) => (draft.creditAccountId = (UNKNOWN + 1n) as AccountId) },
  accounts_must_have_the_same_ledger: {
    says: async (draft, scene) => (draft.creditAccountId = await scene.makeAccount({ ledger: 2 })),
  },
  debit_account_closed: { is: (draft, { ledger }) => ledger.setAccountState(draft.debitAccountId, { closed: true }) },
  credit_account_closed: { is: (draft, { ledger }) => ledger.setAccountState(draft.creditAccountId, { closed: true }) },
  debit_account_frozen: { is: (draft, { ledger }) => ledger.setAccountState(draft.debitAccountId, { frozen: true }) },
  // Farther back than nothing, so that an amount of nothing would go beyond it too.
  exceeds_counter: { says: (draft) => (draft.counts = [{ counter: 1, upTo: -1n }]) },
  overflows_account: { says: async (draft, scene) => (draft.debitAccountId = await findFull(scene)) },
  exceeds_credits: { says: async (draft, scene) => (draft.debitAccountId = await scene.makeCustomer()) },
  exceeds_debits: {
    says: async (draft, scene) =>
      (draft.creditAccountId = await scene.makeAccount({ flags: { creditsMustNotExceedDebits: true } })),
  },
} satisfies Partial<Record<TransferRefusal, Flaw>> as Partial<Record<TransferRefusal, Flaw>>;

/** One would undo the other: an amount that is both too small and too large, an account that is not there and closed. */
const impossible = new Set([
  'amount_must_be_positive amount_too_large',
  'accounts_must_be_different credit_account_not_found',
  'accounts_must_be_different accounts_must_have_the_same_ledger',
  'accounts_must_be_different exceeds_debits',
  'debit_account_not_found accounts_must_have_the_same_ledger',
  'debit_account_not_found debit_account_closed',
  'debit_account_not_found debit_account_frozen',
  'debit_account_not_found overflows_account',
  'debit_account_not_found exceeds_credits',
  'credit_account_not_found accounts_must_have_the_same_ledger',
  'credit_account_not_found credit_account_closed',
  'credit_account_not_found exceeds_debits',
  'accounts_must_have_the_same_ledger exceeds_debits',
]);

const full = new WeakMap<LedgerScene, Promise<AccountId>>();

/** One of each ledger is enough; it takes some filling. */
function findFull(scene: LedgerScene): Promise<AccountId> {
  const found = full.get(scene) ?? makeFull(scene);
  full.set(scene, found);
  return found;
}

/** Spent all that eight bytes can count: the next unit neither fits nor is there. */
async function makeFull(scene: LedgerScene): Promise<AccountId> {
  const [spent, source] = [await scene.makeCustomer(), await scene.makeAccount()];
  const times = Array.from({ length: 1_024 });
  await scene.outcomes(...times.map(() => [post(source, spent, MAX_MINOR)]));
  await scene.outcomes(...times.map(() => [post(spent, source, MAX_MINOR)]));
  return spent;
}

type Pair = [TransferRefusal, TransferRefusal];

const pairsOf = (reasons: readonly TransferRefusal[]): Pair[] => {
  const ordered = transferRefusals.filter((each) => reasons.includes(each));
  return ordered.flatMap((first, at) => ordered.slice(at + 1).map((second): Pair => [first, second]));
};

export function describePrecedence(scene: () => LedgerScene): void {
  describe('of two reasons the first is the answer', () => {
    const direct = pairsOf(Object.keys(flaws) as TransferRefusal[]).filter((each) => !impossible.has(each.join(' ')));
    test.each(direct)('%s before %s', async (first, second) => {
      const draft = post(await scene().makeAccount(), await scene().makeAccount(), 5_000n) as Draft;
      for (const reason of [second, first]) await flaws[reason]!.says?.(draft, scene());
      for (const reason of [second, first]) await flaws[reason]!.is?.(draft, scene());
      expect(await scene().outcome(draft)).toBe(first);
      // What is held is never counted.
      if (draft.counts === undefined)
        expect(await scene().outcome({ ...draft, id: makeId(), kind: 'pending' })).toBe(first);
      const isThere = draft.debitAccountId !== UNKNOWN;
      if (isThere) await scene().ledger.setAccountState(draft.debitAccountId, { frozen: false, closed: false });
    });

    test.each(
      pairsOf(Object.keys(endings) as TransferRefusal[]).filter(canBeBoth),
    )('%s before %s', async (first, second) => {
      const [debit, credit] = await scene().makePair(100n);
      const held = hold(debit, credit, 50n, { expiresAt: scene().inMs(1_000) });
      await scene().outcomes([held]);
      const ending: Ending = { ...take(held.id), debit, credit };
      for (const reason of [first, second]) await endings[reason]!(ending, scene());
      const { debit: _, credit: __, ...asked } = ending;
      expect(await scene().outcome(asked)).toBe(first);
    });
  });

  describePrecedenceOfIds(scene);
  describePrecedenceInChains(scene);
}

type Ending = { -readonly [K in keyof PostPending]: PostPending[K] } & { debit: AccountId; credit: AccountId };

const endings: Partial<Record<TransferRefusal, (ending: Ending, scene: LedgerScene) => unknown>> = {
  amount_must_be_positive: (ending) => (ending.amount = 0n),
  amount_too_large: (ending) => (ending.amount = MAX_MINOR + 1n),
  pending_transfer_not_found: (ending) => (ending.pendingId = makeId()),
  pending_transfer_not_pending: async (ending, scene) => {
    const plain = post(ending.debit, ending.credit, 1n);
    await scene.outcomes([plain]);
    ending.pendingId = plain.id;
  },
  pending_transfer_already_posted: (ending, scene) => scene.outcomes([take(ending.pendingId)]),
  pending_transfer_already_voided: (ending, scene) => scene.outcomes([release(ending.pendingId)]),
  pending_transfer_expired: (_, scene) => scene.clock.advance(1_000),
  exceeds_pending_transfer_amount: (ending) => (ending.amount ??= 51n),
  debit_account_closed: (ending, { ledger }) => ledger.setAccountState(ending.debit, { closed: true }),
  credit_account_closed: (ending, { ledger }) => ledger.setAccountState(ending.credit, { closed: true }),
};

function canBeBoth([first, second]: Pair): boolean {
  const amounts = ['amount_must_be_positive', 'amount_too_large', 'exceeds_pending_transfer_amount'];
  if (amounts.includes(first) && amounts.includes(second)) return first === 'amount_too_large';
  const isOfHold = (reason: TransferRefusal) => reason.startsWith('pending_transfer');
  // A hold that was ended by hand can be past its time as well; otherwise it is in one state.
  if (isOfHold(first) && isOfHold(second)) return first.includes('already') && second === 'pending_transfer_expired';
  return true;
}

function describePrecedenceOfIds(scene: () => LedgerScene): void {
  describe('of an id that is there, the first difference is the answer', () => {
    const other = { kind: 0, debit_account: 0, credit_account: 0, amount: 0, code: 0, operation: 0 };
    const fields = Object.keys(other) as (keyof typeof other)[];
    const pairs = fields.flatMap((first, at) => fields.slice(at).map((second) => [first, second] as const));

    test.each(pairs)('%s before %s', async (first, second) => {
      const [a, b] = await scene().makePair(100n);
      const c = await scene().makeCustomer();
      const there = post(a, b, 10n, { operationId: makeId() });
      await scene().outcomes([there]);
      // Today's rules would refuse each of them as well, and are not asked.
      await scene().ledger.setAccountState(a, { frozen: true, closed: true });
      const changes = {
        kind: { kind: 'pending' },
        debit_account: { debitAccountId: c },
        credit_account: { creditAccountId: c },
        amount: { amount: -1n },
        code: { code: 8 },
        operation: { operationId: undefined },
      };
      const asked = { ...there, ...changes[first], ...changes[second] } as DirectTransfer & { operationId?: Uuid };
      if (asked.operationId === undefined) delete asked.operationId;
      expect(await scene().outcome(asked)).toBe(`exists_with_different_${first}`);
      expect(await scene().outcome(there)).toBe('exists');
    });

    test('the hold that an end names comes after its kind and before its amount', async () => {
      const [a, b] = await scene().makePair(100n);
      const [one, two] = [hold(a, b, 30n), hold(a, b, 40n)];
      await scene().outcomes([one], [two]);
      const taken = take(one.id, 20n);
      await scene().outcomes([taken]);
      const { id } = taken;
      expect(await scene().outcome(release(two.id, { id }))).toBe('exists_with_different_kind');
      expect(await scene().outcome(take(two.id, 1n, { id, code: 8 }))).toBe('exists_with_different_pending_id');
      expect(await scene().outcome(take(one.id, 1n, { id, code: 8 }))).toBe('exists_with_different_amount');
      expect(await scene().outcome(take(one.id, 20n, { id, code: 8, operationId: id }))).toBe(
        'exists_with_different_code',
      );
      expect(await scene().outcome(take(one.id, 20n, { id, operationId: id }))).toBe('exists_with_different_operation');
    });
  });
}

function describePrecedenceInChains(scene: () => LedgerScene): void {
  test('an id that failed a moment ago with other content is told before anything else is looked at', async () => {
    const [a, b] = await scene().makePair(10n);
    const one = post(a, b, 11n);
    const again = (more: object) => ({ ...one, ...more });
    const others = [{ amount: 0n }, { creditAccountId: a }, { debitAccountId: UNKNOWN }, { amount: 5n }, { code: 8 }];
    expect(await scene().outcomes([one], ...others.map((each) => [again(each)]), [one])).toEqual([
      ['exceeds_credits'],
      ...others.map(() => ['id_already_failed_with_other_content']),
      ['exceeds_credits'],
    ]);
  });

  test('of a chain only the first that fails tells why, whatever is wrong with those beside it', async () => {
    const [a, b] = await scene().makePair(10n);
    const bad = [post(a, b, 0n), post(a, a, 1n), post(a, UNKNOWN, 1n), post(a, b, 11n), take(makeId())];
    const alone = ['amount_must_be_positive', 'accounts_must_be_different', 'credit_account_not_found'];
    const reasons = [...alone, 'exceeds_credits', 'pending_transfer_not_found'];
    for (const [at, reason] of reasons.entries()) {
      const chain = [post(a, b, 1n), ...bad.slice(at), post(a, b, 1n)].map((each) => ({ ...each, id: makeId() }));
      const linked = (count: number) => Array.from({ length: count }, () => 'linked_event_failed');
      expect(await scene().outcomes(chain)).toEqual([[...linked(1), reason, ...linked(chain.length - 2)]]);
    }
    expect(await scene().balance(a)).toBe(10n);
  });
}
