import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyCode, currencyDigits } from '../../../src/kernel/currencies.ts';
import { fromPublicId } from '../../../src/kernel/ids.ts';
import { instant } from '../../../web/client/clock.ts';
import { newOperationId } from '../../../web/client/new-id.ts';
import { addMoney, formatFigure, formatMoney, partOf } from '../../../web/ui/format-money.ts';
import { dayOf, formatClock, formatDay, formatExact, formatLeft, formatMonth } from '../../../web/ui/format-time.ts';

const yuan = (minor: string) => ({ minor, currency: 'CNY' });

describe('an amount on the screen', () => {
  it('is grouped, with the digits of its currency', () => {
    expect(formatMoney(yuan('1284650'))).toBe('¥12,846.50');
    expect(formatMoney(yuan('5'))).toBe('¥0.05');
    expect(formatMoney(yuan('-1200'))).toBe('−¥12.00');
    expect(formatMoney({ minor: '1234567', currency: 'JPY' })).toBe('¥1,234,567');
    expect(formatFigure({ minor: '1234567', currency: 'KWD' })).toBe('1,234.567');
  });
  it('is read back as the same sum, whatever its size', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 16n), fc.constantFrom('CNY', 'JPY', 'KWD'), (minor, currency) => {
        const text = formatFigure({ minor: minor.toString(), currency });
        expect(BigInt(text.replaceAll(/[,.]/g, ''))).toBe(minor);
        const code = currencyCode(currency);
        expect(text.split('.')[1]?.length ?? 0).toBe(code === undefined ? -1 : currencyDigits(code));
      }),
    );
  });
  it('is added without loss', () => {
    expect(addMoney(yuan('9007199254740991'), yuan('1'))).toEqual(yuan('9007199254740992'));
  });
  it('is a part of a limit between nothing and all of it', () => {
    expect(partOf(yuan('30000'), yuan('500000'))).toBe(0.06);
    expect(partOf(yuan('600000'), yuan('500000'))).toBe(1);
    expect(partOf(yuan('1'), yuan('0'))).toBe(0);
  });
});

describe('a moment on the screen', () => {
  const evening = instant('2025-11-22T16:05:09Z');
  it('is of the day in China, whatever the device says', () => {
    expect(dayOf(evening)).toBe('2025-11-23');
    expect(formatClock(evening)).toBe('00:05');
    expect(formatExact(evening)).toBe('2025-11-23 00:05:09');
  });
  it('is named in both languages, with spaces as Chinese texts set them', () => {
    expect(formatDay(evening, 'zh-CN')).toBe('2025 年 11 月 23 日');
    expect(formatDay(evening, 'en')).toBe('23 November 2025');
    expect(formatMonth(evening, 'zh-CN')).toBe('2025 年 11 月');
  });
  it('that is awaited is counted down', () => {
    expect(formatLeft(400_000)).toBe('6:40');
    expect(formatLeft(3_725_000)).toBe('1:02:05');
    expect(formatLeft(0)).toBe('0:00');
  });
});

it('the id that the app makes for an operation is one that the server reads, ordered by time', () => {
  const ids = Array.from({ length: 50 }, newOperationId);
  expect(new Set(ids).size).toBe(50);
  for (const id of ids) expect(fromPublicId('op', id)?.[14]).toBe('7');
});
