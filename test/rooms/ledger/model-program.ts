import fc from 'fast-check';

/** Random programs over a handful of accounts and ids, so that everything meets everything. */

export type ModelTransfer = {
  kind: 'post' | 'pending' | 'post_pending' | 'void_pending';
  /** Which of the program's ids; few, so that ids are used again. */
  id: number;
  from: number;
  to: number;
  amount: number;
  pending: number;
  whole: boolean;
  code: 1 | 2;
  operation: 0 | 1;
  /** Milliseconds until it runs out, 0 for never. */
  expires: number;
  /** Where a `post` is counted; one that says nothing of it is not. */
  counts?: readonly ModelCount[];
};
/** `upTo` is a number as amounts are, or `FAR`. */
export type ModelCount = { counter: 0 | 1; upTo: number };
export type ModelChange = { account: number; frozen?: boolean; closed?: boolean };
/** What one of those asks who ask at the same moment. `before` is so many milliseconds away. */
export type ModelAsk = { chains: ModelTransfer[][]; before?: number } | ModelChange;

export type ModelStep =
  | { step: 'together'; calls: ModelAsk[] }
  /** Many at once, made from a seed: as many transfers, in chains and calls of up to so many. */
  | { step: 'flood'; seed: number; transfers: number; perChain: number; perCall: number; counted?: boolean }
  | { step: 'time'; ms: number }
  | { step: 'expire'; limit: number }
  | { step: 'restart' };

export const ACCOUNTS = [
  { ledger: 1, debits: false, credits: false },
  { ledger: 1, debits: true, credits: false },
  { ledger: 1, debits: true, credits: false },
  { ledger: 1, debits: false, credits: true },
  { ledger: 2, debits: false, credits: false },
  { ledger: 2, debits: true, credits: false },
] as const;

/** Amounts from here on mean 2^53 - 1 less the rest, as much as one transfer can move, and more than that. */
export const HUGE = 1_000_000;
/** As far as a counter can go. */
export const FAR = 2 * HUGE;

const rarely = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    ...others.map((each) => ({ weight: 1, arbitrary: fc.constant(each) })),
  );

// One beyond the accounts is one that does not exist.
const party = fc.oneof({ weight: 30, arbitrary: fc.nat(3) }, { weight: 4, arbitrary: fc.nat(ACCOUNTS.length) });

/** A program moves some hundreds in all: most of these are reached, few at once. */
const count: fc.Arbitrary<ModelCount> = fc.record({
  counter: fc.constantFrom<(0 | 1)[]>(0, 1),
  upTo: fc.oneof(
    { weight: 12, arbitrary: fc.nat(90) },
    { weight: 4, arbitrary: fc.constant(FAR) },
    { weight: 1, arbitrary: fc.integer({ min: -2, max: 1 }) },
    { weight: 1, arbitrary: fc.integer({ min: HUGE - 1, max: HUGE + 3 }) },
  ),
});
const counts = fc.oneof(
  fc.constant([]),
  fc.uniqueArray(count, { minLength: 1, maxLength: 2, selector: ({ counter }) => counter }),
);

const transfer = (ids: number): fc.Arbitrary<ModelTransfer> =>
  fc.record({
    kind: fc.constantFrom('post', 'post', 'post', 'pending', 'pending', 'post_pending', 'void_pending'),
    id: fc.nat(ids),
    from: party,
    to: party,
    amount: fc.oneof(
      { weight: 40, arbitrary: fc.integer({ min: 1, max: 30 }) },
      { weight: 2, arbitrary: fc.integer({ min: -2, max: 0 }) },
      { weight: 1, arbitrary: fc.integer({ min: HUGE - 1, max: HUGE + 3 }) },
    ),
    pending: fc.nat(ids),
    whole: fc.boolean(),
    code: rarely<1 | 2>(1, 2),
    operation: rarely<0 | 1>(0, 1),
    expires: fc.constantFrom(0, 0, 0, 0, 5, 5, 50, -3),
    counts,
  });

/** Ids made by a clock that runs ahead of the ledger's: only the unique key, or looking up what was refused, finds them. */
export const AHEAD_IDS = { from: 400, count: 6 };

const aheadTransfer = fc
  .tuple(transfer(30), fc.nat(AHEAD_IDS.count - 1))
  .map(([each, id]) => ({ ...each, id: AHEAD_IDS.from + id }));

const chain = (ids: number) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.array(transfer(ids), { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(aheadTransfer, { minLength: 1, maxLength: 1 }) },
    {
      weight: 20,
      arbitrary: fc.uniqueArray(transfer(ids), { minLength: 1, maxLength: 4, selector: (each) => each.id }),
    },
  );

const change: fc.Arbitrary<ModelChange> = fc.record(
  { account: fc.nat(ACCOUNTS.length - 1), frozen: rarely(false, true), closed: rarely(false, true) },
  { requiredKeys: ['account'] },
);

const ask = (ids: number): fc.Arbitrary<ModelAsk> => {
  const chains = fc.array(chain(ids), { minLength: 1, maxLength: 4 });
  return fc.oneof(
    { weight: 20, arbitrary: fc.record({ chains }) },
    { weight: 1, arbitrary: fc.record({ chains, before: fc.integer({ min: 0, max: 1 }) }) },
    { weight: 2, arbitrary: change },
  );
};

const flood = (most: number): fc.Arbitrary<ModelStep> =>
  fc.record({
    step: fc.constant('flood' as const),
    seed: fc.nat(1_000_000_000),
    transfers: fc.oneof(fc.integer({ min: 1, max: most }), fc.constant(most)),
    perChain: fc.constantFrom(1, 1, 3, 20, most),
    perCall: fc.constantFrom(1, 1, 10, 1_000, most),
    counted: fc.boolean(),
  });

/** Asks once more for some of what was asked for, alone and counted otherwise. */
const askAgain = (calls: readonly ModelAsk[], again: readonly [number, readonly ModelCount[]][]): ModelAsk[] => {
  const asked = calls.flatMap((each) => ('chains' in each ? each.chains.flat() : []));
  if (asked.length === 0) return [...calls];
  const chainOf = ([at, otherwise]: (typeof again)[number]) => [{ ...asked[at % asked.length]!, counts: otherwise }];
  return [...calls, ...again.map((each) => ({ chains: [chainOf(each)] }))];
};

const together = (ids: number): fc.Arbitrary<ModelStep> =>
  fc
    .tuple(fc.array(ask(ids), { minLength: 1, maxLength: 6 }), fc.array(fc.tuple(fc.nat(20), counts), { maxLength: 3 }))
    .map(([calls, again]) => ({ step: 'together', calls: askAgain(calls, again) }));

/** `flood` is how many transfers at most are asked for at one moment, 0 for none of these. */
export const modelProgram = (options: { ids?: number; flood?: number } = {}): fc.Arbitrary<ModelStep[]> => {
  const { ids = 30, flood: most = 0 } = options;
  const steps: { weight: number; arbitrary: fc.Arbitrary<ModelStep> }[] = [
    { weight: 20, arbitrary: together(ids) },
    { weight: 3, arbitrary: change.map((each) => ({ step: 'together', calls: [each] })) },
    { weight: 4, arbitrary: fc.record({ step: fc.constant('time' as const), ms: fc.integer({ min: -20, max: 30 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ step: fc.constant('expire' as const), limit: fc.constantFrom(1, 2, 1_000, 1_000) }),
    },
    { weight: 1, arbitrary: fc.constant<ModelStep>({ step: 'restart' }) },
  ];
  if (most > 0) steps.push({ weight: 6, arbitrary: flood(most) });
  return fc.array(fc.oneof(...steps), { minLength: 4, maxLength: most > 0 ? 12 : 24 });
};

/** From which id on those of floods lie, and how many there are. */
const FLOOD_IDS = { from: 1_000, count: 100_000 };

/** The calls of a flood, always the same for the same seed. */
export function expandFlood(step: Extract<ModelStep, { step: 'flood' }>): ModelAsk[] {
  const next = randomFrom(step.seed);
  const below = (bound: number) => Math.floor(next() * bound);
  const among = <T>(...all: T[]): T => all[below(all.length)]!;
  const ids = Array.from({ length: step.transfers }, () => FLOOD_IDS.from + below(FLOOD_IDS.count));
  const transferAt = (at: number): ModelTransfer => ({
    kind: among('post', 'post', 'post', 'pending', 'post_pending', 'void_pending'),
    // One in fifty comes again.
    id: below(50) === 0 ? ids[below(at + 1)]! : ids[at]!,
    from: below(200) === 0 ? below(ACCOUNTS.length + 1) : among(0, 0, 0, 1, 2, 3),
    to: below(200) === 0 ? below(ACCOUNTS.length + 1) : among(0, 1, 1, 2, 2, 3),
    amount: below(100) === 0 ? below(3) - 2 : 1 + below(30),
    pending: ids[Math.max(0, at - 1 - below(12))]!,
    whole: below(2) === 0,
    code: below(100) === 0 ? 2 : 1,
    operation: below(20) === 0 ? 1 : 0,
    expires: among(0, 0, 0, 5, 50),
  });
  // Of their own numbers: what a seed once meant stays the same.
  const nextCount = randomFrom(step.seed + 1);
  const countedAt = (each: ModelTransfer): ModelTransfer => {
    const [first, second, far] = [nextCount(), nextCount(), nextCount()];
    const upTo = far < 0.6 ? FAR : Math.floor(second * 40_000);
    const both = [{ counter: 0, upTo: FAR } as const, { counter: 1, upTo } as const];
    return { ...each, counts: first < 0.5 ? [] : first < 0.7 ? both : [{ counter: first < 0.85 ? 0 : 1, upTo }] };
  };
  const all = ids.map((_, at) => transferAt(at)).map((each) => (step.counted === true ? countedAt(each) : each));
  const chains: ModelTransfer[][] = [];
  for (let at = 0; at < all.length; at += chains.at(-1)!.length) {
    const rest = all.slice(at, at + 1 + below(step.perChain));
    const again = rest.findIndex((each, place) => rest.findIndex(({ id }) => id === each.id) < place);
    // An id twice in one chain is a bug of the caller's, not a program.
    chains.push(again < 0 ? rest : rest.slice(0, again));
  }
  const calls: ModelAsk[] = [];
  for (let at = 0; at < chains.length; ) {
    const several = chains.slice(at, at + 1 + below(step.perCall));
    calls.push({ chains: several });
    at += several.length;
  }
  return calls;
}

/** Numbers from 0 to below 1 that follow from the seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
