import type { OperationShape } from '../../../src/contract/operations.ts';
import type { Problem } from '../../../src/contract/problem.ts';
import { atMs, now } from '../../client/clock.ts';
import type { Station } from '../../ui/path-line.tsx';
import type words from './words/zh-CN.json';

// What the gallery draws its parts with. Only here, never in the app.

export type GalleryWords = typeof words;
type FailureWords = GalleryWords['expired'];

export const yuan = (minor: string) => ({ minor, currency: 'CNY' });
const minutesFromNow = (minutes: number): string => atMs(now().getTime() + minutes * 60_000).toISOString();

const problem = (words: FailureWords, own: Partial<Problem>): Problem => ({
  type: '/docs/causes',
  title: words.title,
  status: 402,
  detail: words.detail,
  code: 'card.expired',
  flow: 'top_up',
  step: 'debiting',
  side: 'card_issuer',
  sideLabel: words.sideLabel,
  sideNote: words.sideNote,
  retry: 'other_method',
  retryAt: null,
  moneyMoved: 'no',
  remedies: [
    { action: 'choose_other_card', target: null, label: words.first },
    { action: 'add_card', target: null, label: words.second },
  ],
  operation: null,
  field: null,
  params: {},
  reference: 'P3C8-7T1D',
  ...own,
});

export const expiredCard = (words: GalleryWords): Problem => problem(words.expired, {});
export const overLimit = (words: GalleryWords): Problem =>
  problem(words.limit, {
    code: 'limit.daily',
    flow: 'transfer',
    side: 'policy',
    retry: 'later',
    retryAt: minutesFromNow(600),
    reference: 'P5L1-8R3N',
  });

export const stoppedAtBank: Station[] = [
  { station: 'you', state: 'reached' },
  { station: 'purser', state: 'reached' },
  { station: 'bank', state: 'stopped' },
  { station: 'debit', state: 'never' },
];
export const waitingAtBank: Station[] = stoppedAtBank.map((stop) =>
  stop.station === 'bank' ? { ...stop, state: 'waiting' } : stop,
);

export const askingOperation = (): Pick<
  OperationShape,
  'kind' | 'amount' | 'createdAt' | 'updatedAt' | 'deadlineAt' | 'nextAskAt' | 'timeline' | 'state'
> => ({
  kind: 'top_up',
  state: 'asking',
  amount: yuan('50000'),
  createdAt: minutesFromNow(-6),
  updatedAt: minutesFromNow(-1),
  deadlineAt: minutesFromNow(6.7),
  nextAskAt: minutesFromNow(3),
  timeline: [
    { at: minutesFromNow(-6), event: 'sent_to_bank', step: 'debiting', attempt: null, cause: null },
    { at: minutesFromNow(-5), event: 'bank_silent', step: 'asking', attempt: null, cause: null },
    { at: minutesFromNow(-1), event: 'asked_bank', step: 'asking', attempt: 3, cause: null },
  ],
});

export const soon = (): string => minutesFromNow(0.63);
export const justNow = (): string => now().toISOString();
export const digest = '7f3a91c2e04bd8561122334455667788';
