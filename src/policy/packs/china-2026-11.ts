import { CNY } from '../../kernel/currencies.ts';
import { dayMs, hourMs } from '../../kernel/clock.ts';
import { type Money, money } from '../../kernel/money.ts';
import type { PolicyPack } from '../policy-pack.ts';

const yuan = (amount: bigint): Money => money(amount * 100n, CNY);
const fen = (amount: bigint): Money => money(amount, CNY);

/**
 * Mainland China, as the rules stood in November 2026. Numbers marked `weak` or `own_choice` are defaults of this
 * software, not law. Whoever runs a real service needs a licence and checks each number with counsel.
 */
export const china202611: PolicyPack = {
  id: 'china-2026-11',
  place: 'CN',
  currency: CNY,
  timeZone: 'Asia/Shanghai',
  effectiveFrom: '2026-11-01',
  accountClasses: [
    {
      class: 1,
      channels: 1,
      functions: ['pay', 'transfer'],
      balancePayments: { amount: yuan(1_000n), period: 'lifetime' },
    },
    {
      class: 2,
      channels: 3,
      functions: ['pay', 'transfer'],
      balancePayments: { amount: yuan(100_000n), period: 'year' },
    },
    {
      class: 3,
      channels: 5,
      functions: ['pay', 'transfer', 'buy_wealth_products'],
      balancePayments: { amount: yuan(200_000n), period: 'year' },
    },
  ],
  dayLimits: [
    { strength: 'certificate', amount: null, lossBorneByUs: false },
    { strength: 'two_factors', amount: yuan(5_000n), lossBorneByUs: false },
    { strength: 'fewer_factors', amount: yuan(1_000n), lossBorneByUs: true },
  ],
  codeTiers: [
    { tier: 'A', code: 'dynamic', strength: 'certificate', dayLimit: null },
    { tier: 'B', code: 'dynamic', strength: 'two_factors', dayLimit: yuan(5_000n) },
    { tier: 'C', code: 'dynamic', strength: 'fewer_factors', dayLimit: yuan(1_000n) },
    { tier: 'D', code: 'static', strength: null, dayLimit: yuan(500n) },
  ],
  single: {
    top_up: { min: fen(1n), max: yuan(50_000n) },
    withdraw: { min: fen(1n), max: yuan(50_000n) },
    pay: { min: fen(1n), max: yuan(50_000n) },
    transfer: { min: fen(1n), max: yuan(50_000n) },
  },
  withoutPin: { single: yuan(200n) },
  afterPinReset: { pauseMs: dayMs, upTo: yuan(1_000n) },
  cardsPerAccount: 10,
  accountsPerCard: 5,
  minimumAge: 16,
  dormantAfterMonths: 6,
  delayedTransfers: {
    arrivals: [
      { arrival: 'at_once', delayMs: 0 },
      { arrival: 'two_hours', delayMs: 2 * hourMs },
      { arrival: 'next_day', delayMs: dayMs },
    ],
    delayIsShown: true,
  },
  verifiedForBankUpTo: yuan(200n),
  feeChangeNoticeDays: 30,
  keepTransactionsYears: 5,
  sources: {
    accountClasses: {
      title: 'PBoC announcement 2015 no. 43, article 11 (Xinhua text of 2015-12-28)',
      inForceFrom: '2016-07-01',
      confidence: 'text',
    },
    dayLimits: {
      title: 'PBoC announcement 2015 no. 43, article 24',
      inForceFrom: '2016-07-01',
      confidence: 'quotation',
    },
    verifiedForBankUpTo: {
      title: 'PBoC announcement 2015 no. 43, article 23',
      inForceFrom: '2016-07-01',
      confidence: 'quotation',
    },
    codeTiers: {
      title: 'PBoC bar-code payment rules of 2017 (Securities Daily, Beijing Youth Daily)',
      inForceFrom: '2018-04-01',
      confidence: 'report',
    },
    dormantAfterMonths: {
      title: 'PBoC notice yinfa 2016 no. 261',
      inForceFrom: '2016-12-01',
      confidence: 'text',
    },
    delayedTransfers: {
      title:
        'Kinds of arrival: yinfa 2016 no. 261, paragraph 8; that a delay is shown: PBoC notice of March 2019. The two hours are our choice',
      inForceFrom: '2019-06-01',
      confidence: 'report',
    },
    feeChangeNoticeDays: {
      title: 'Draft implementing rules to State Council order 768 (China.com, April 2024)',
      inForceFrom: null,
      confidence: 'report',
    },
    keepTransactionsYears: {
      title: 'Draft implementing rules to State Council order 768 (China.com, April 2024)',
      inForceFrom: null,
      confidence: 'report',
    },
    cardsPerAccount: { title: 'Limits that WeChat Pay publishes', inForceFrom: null, confidence: 'weak' },
    accountsPerCard: { title: 'Limits that WeChat Pay publishes', inForceFrom: null, confidence: 'weak' },
    single: {
      title: 'After the 50,000 CNY a day from which banks ask for a certificate (yinfa 2016 no. 261)',
      inForceFrom: null,
      confidence: 'own_choice',
    },
    withoutPin: {
      title: 'The sum up to which an institution may verify in the stead of a bank (PBoC 2015 no. 43, article 23)',
      inForceFrom: null,
      confidence: 'own_choice',
    },
    afterPinReset: {
      title: 'The sum of a day with fewer than two factors (PBoC announcement 2015 no. 43, article 24), for one day',
      inForceFrom: null,
      confidence: 'own_choice',
    },
    minimumAge: {
      title: 'Age at which a person living on their own work has full capacity (Civil Code, article 18)',
      inForceFrom: null,
      confidence: 'own_choice',
    },
  },
};
