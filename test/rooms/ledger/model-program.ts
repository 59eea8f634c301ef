import fc from 'fast-check';

/** Random programs over a handful of accounts and ids, so that everything meets everything. */

export type ModelTransfer = {
  kind: 'post' | 'pending' | 'post_pending' | 'void_pending';
  /** Which of the program's ids; small, so that ids are used again. */
  id: number;
  from: number;
  to: number;
  amount: number;
  pending: number;
  whole: boolean;
  code: 1 | 2;
  operation: 0 | 1;
  expires: 0 | 5 | 50;
};
export type ModelStep =
  | { step: 'together'; calls: ModelTransfer[][][] }
  | { step: 'state'; account: number; frozen: boolean; closed: boolean }
  | { step: 'time'; ms: number }
  | { step: 'expire' }
  | { step: 'restart' };

export const ACCOUNTS = [
  { ledger: 1, debits: false, credits: false },
  { ledger: 1, debits: true, credits: false },
  { ledger: 1, debits: true, credits: false },
  { ledger: 1, debits: false, credits: true },
  { ledger: 2, debits: false, credits: false },
  { ledger: 2, debits: true, credits: false },
] as const;

const rarely = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    ...others.map((each) => ({ weight: 1, arbitrary: fc.constant(each) })),
  );

const transfer = (ids: number): fc.Arbitrary<ModelTransfer> =>
  fc.record({
    kind: fc.constantFrom('post', 'post', 'post', 'pending', 'pending', 'post_pending', 'void_pending'),
    id: fc.nat(ids),
    // One beyond the accounts is one that does not exist.
    from: fc.oneof({ weight: 30, arbitrary: fc.nat(3) }, { weight: 4, arbitrary: fc.nat(ACCOUNTS.length) }),
    to: fc.oneof({ weight: 30, arbitrary: fc.nat(3) }, { weight: 4, arbitrary: fc.nat(ACCOUNTS.length) }),
    amount: fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 1, max: 30 }) },
      { weight: 1, arbitrary: fc.integer({ min: -2, max: 0 }) },
    ),
    pending: fc.nat(ids),
    whole: fc.boolean(),
    code: rarely<1 | 2>(1, 2),
    operation: rarely<0 | 1>(0, 1),
    expires: fc.constantFrom<0 | 5 | 50>(0, 0, 0, 0, 5, 5, 50),
  });

const chain = (ids: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.array(transfer(ids), { minLength: 1, maxLength: 1 }) },
    {
      weight: 2,
      arbitrary: fc.uniqueArray(transfer(ids), { minLength: 1, maxLength: 4, selector: (each) => each.id }),
    },
  );

const together = (ids: number): fc.Arbitrary<ModelStep> =>
  fc
    .array(fc.array(chain(ids), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })
    .map((calls) => ({ step: 'together', calls }));

const state: fc.Arbitrary<ModelStep> = fc.record({
  step: fc.constant('state' as const),
  account: fc.nat(ACCOUNTS.length - 1),
  frozen: rarely(false, true),
  closed: rarely(false, true),
});

export const modelProgram = (ids = 30): fc.Arbitrary<ModelStep[]> =>
  fc.array(
    fc.oneof(
      { weight: 20, arbitrary: together(ids) },
      { weight: 3, arbitrary: state },
      { weight: 4, arbitrary: fc.record({ step: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 30 }) }) },
      { weight: 2, arbitrary: fc.constant<ModelStep>({ step: 'expire' }) },
      { weight: 1, arbitrary: fc.constant<ModelStep>({ step: 'restart' }) },
    ),
    { minLength: 4, maxLength: 24 },
  );
