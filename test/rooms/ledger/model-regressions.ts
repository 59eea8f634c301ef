import type { LedgerLimits } from '../../../src/ledger/ledger-limits.ts';
import { FAR, type ModelStep, type ModelTransfer } from './model-program.ts';

/**
 * Programs that once ended otherwise than in the plain model, or that were made to try a dangerous place: run first,
 * and on every change. A counter-example of the long mode goes here as it is printed.
 */

export const limitsOfModes = {
  'all at once': {},
  'one by one': { maxBatch: 1, secondLineFrom: 1 },
  'almost no memory': { maxBatch: 5, secondLineFrom: 1, cache: { accounts: 2, transfers: 2, holds: 1 } },
  'one connection': { lines: 1, maxBatch: 20 },
  'largest batches': { maxBatch: 8_192 },
  'middling batches': { maxBatch: 300, secondLineFrom: 1, cache: { accounts: 3, transfers: 100, holds: 20 } },
} satisfies Record<string, Partial<LedgerLimits>>;

export type Mode = keyof typeof limitsOfModes;

const t = (id: number, more: Partial<ModelTransfer> = {}): ModelTransfer => ({
  kind: 'post',
  id,
  from: 0,
  to: 1,
  amount: 1,
  pending: 0,
  whole: false,
  code: 1,
  operation: 0,
  expires: 0,
  ...more,
});

const upTo = (counter: 0 | 1, most: number) => ({ counts: [{ counter, upTo: most }] });

export const regressions: { name: string; mode: Mode; program: ModelStep[] }[] = [
  {
    name: 'a refusal is not shared that only stood until the rest of its chain was found in the tables',
    mode: 'almost no memory',
    program: [
      { step: 'together', calls: [{ chains: [[t(401)]] }] },
      { step: 'restart' },
      {
        step: 'together',
        calls: [
          { chains: [[t(29, { from: 1, to: 1 }), t(401, { amount: 2 })]] },
          { chains: [[t(11)], [t(14)], [t(20)], [t(23)]] },
          { chains: [[t(29, { kind: 'pending', from: 2 }), t(26, { from: 3, to: 3 })]] },
          { chains: [[t(29)]] },
        ],
      },
    ],
  },
  {
    name: 'states change between transfers of one moment, with chains that fail around them',
    mode: 'one by one',
    program: [
      {
        step: 'together',
        calls: [{ chains: [[t(1, { amount: 30 })], [t(2, { kind: 'pending', from: 1, to: 2, amount: 9 })]] }],
      },
      {
        step: 'together',
        calls: [
          { chains: [[t(3, { from: 1, to: 2 }), t(4, { from: 2, to: 1, amount: 500 })]] },
          { account: 1, frozen: true },
          { chains: [[t(5, { from: 1, to: 2 })], [t(6, { kind: 'post_pending', pending: 2, amount: 4 })]] },
          { account: 1, closed: true },
          { chains: [[t(7)], [t(8, { kind: 'void_pending', pending: 2 })]] },
          { account: 1, frozen: false, closed: false },
          { chains: [[t(3, { from: 1, to: 2 })], [t(7)]] },
        ],
      },
    ],
  },
  {
    name: 'a hold is taken, released and runs out at its very moment',
    mode: 'all at once',
    program: [
      {
        step: 'together',
        calls: [{ chains: [3, 4, 5].map((id) => [t(id, { kind: 'pending', expires: 5 })]) }],
      },
      { step: 'time', ms: 4 },
      { step: 'together', calls: [{ chains: [[t(6, { kind: 'post_pending', pending: 3, whole: true })]] }] },
      { step: 'time', ms: 1 },
      {
        step: 'together',
        calls: [
          { chains: [[t(7, { kind: 'post_pending', pending: 4 })], [t(8, { kind: 'void_pending', pending: 5 })]] },
        ],
      },
      { step: 'expire', limit: 1 },
      { step: 'time', ms: -3 },
      {
        step: 'together',
        calls: [
          { chains: [[t(9, { kind: 'post_pending', pending: 4 })], [t(10, { kind: 'post_pending', pending: 5 })]] },
        ],
      },
      { step: 'expire', limit: 1_000 },
      { step: 'time', ms: 3 },
      { step: 'expire', limit: 1_000 },
      { step: 'together', calls: [{ chains: [[t(11, { kind: 'void_pending', pending: 5 })]] }] },
    ],
  },
  {
    name: 'a look for holds that finds none is a moment like any other, also where time runs back after it',
    mode: 'all at once',
    program: [
      { step: 'time', ms: 1 },
      { step: 'expire', limit: 1 },
      { step: 'time', ms: -5 },
      {
        step: 'together',
        calls: [
          { chains: [[t(6, { kind: 'pending', expires: 5 })]] },
          { chains: [[t(1, { kind: 'void_pending', pending: 6 })]] },
        ],
      },
    ],
  },
  {
    name: 'half a chain that somebody else has posted is no part of a call that comes too late',
    mode: 'almost no memory',
    program: [
      { step: 'together', calls: [{ chains: [[t(401, { from: 3, to: 0 })], [t(0, { to: 0 })]] }] },
      {
        step: 'together',
        calls: [
          { chains: [[t(0, { from: 3, to: 0 })], [t(1, { from: 3, to: 0 })]] },
          { chains: [[t(400, { to: 0, operation: 1 })], [t(401, { from: 3, to: 0 })], [t(13, { to: 0 })]] },
          { chains: [[t(2, { to: 0 }), t(0, { to: 0, code: 2 })]], before: 0 },
        ],
      },
    ],
  },
  {
    name: 'a refusal for a counter stands for those who ask alike, also after others with that id were decided afresh',
    mode: 'one by one',
    program: [
      {
        step: 'together',
        calls: [
          { chains: [[t(1, { amount: 10, ...upTo(0, 9) })]] },
          { chains: [[t(1, { amount: 12, from: 1, to: 2, ...upTo(1, 90) })]] },
          { chains: [[t(1, { amount: 10, ...upTo(0, 9) })]] },
          { account: 0, frozen: true },
          { chains: [[t(1, { amount: 10, ...upTo(0, 8) })]] },
          { chains: [[t(1, { amount: 10, ...upTo(0, 9) })]] },
          { account: 0, frozen: false },
          { chains: [[t(1, { amount: 10, ...upTo(0, 10) })]] },
          { chains: [[t(1, { amount: 10, ...upTo(0, 9) })]] },
        ],
      },
    ],
  },
  {
    name: 'what a failed chain counted is given back, also where others of its batch were counted and are kept',
    mode: 'middling batches',
    program: [
      {
        step: 'together',
        calls: [
          { chains: [[t(1, { amount: 30, ...upTo(0, 30) })], [t(2, { amount: 5, ...upTo(1, FAR) })]] },
          {
            chains: [
              [
                t(3, {
                  amount: 9,
                  counts: [
                    { counter: 1, upTo: 14 },
                    { counter: 0, upTo: FAR },
                  ],
                }),
                t(4, { amount: 0 }),
              ],
            ],
          },
          { chains: [[t(5, { amount: 9, ...upTo(1, 14) })], [t(6, { amount: 1, ...upTo(0, 30) })]] },
        ],
      },
      { step: 'restart' },
      {
        step: 'together',
        calls: [{ chains: [[t(7, { amount: 1, ...upTo(1, 14) })], [t(6, { amount: 1, ...upTo(0, 31) })]] }],
      },
    ],
  },
  {
    name: 'a chain of thousands fails at its end and leaves nothing, and what it would have made is made after it',
    mode: 'largest batches',
    program: [
      {
        step: 'together',
        calls: [
          {
            chains: [
              [
                ...Array.from({ length: 4_000 }, (_, at) => t(1_000 + at, at % 3 === 0 ? { kind: 'pending' } : {})),
                ...Array.from({ length: 1_000 }, (_, at) =>
                  t(9_000 + at, {
                    kind: at % 2 === 0 ? 'post_pending' : 'void_pending',
                    pending: 1_000 + 3 * at,
                    whole: true,
                  }),
                ),
                t(20_000, { amount: 0 }),
              ],
              [t(1_000)],
              [t(9_001, { kind: 'void_pending', pending: 1_003 })],
            ],
          },
        ],
      },
    ],
  },
];
