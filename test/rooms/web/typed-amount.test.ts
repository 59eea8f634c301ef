import { describe, expect, test } from 'vitest';
import {
  groupThousands,
  keyFromKeyboard,
  minorOf,
  pressKey,
  typedFromMinor,
  typeText,
  type AmountKey,
} from '../../../web/wallet/flows/parts/typed-amount.ts';

const press = (...keys: AmountKey[]) =>
  keys.reduce((state, key) => pressKey(state.typed, key), { typed: '', complaint: null } as ReturnType<
    typeof pressKey
  >);

describe('an amount typed key by key', () => {
  test('is exact in fen', () => {
    expect(minorOf(press('5', '0', '0').typed)).toBe(50000n);
    expect(minorOf(press('0', '.', '0', '1').typed)).toBe(1n);
    expect(minorOf(press('8', '8', '.', '5').typed)).toBe(8850n);
    expect(minorOf('')).toBeUndefined();
  });
  test('a third decimal is told at once and not taken', () => {
    expect(press('1', '.', '2', '3', '4')).toEqual({ typed: '1.23', complaint: 'too_many_decimals' });
  });
  test('a point at the beginning means nought point', () => expect(press('.', '5').typed).toBe('0.5'));
  test('a second point and a leading nought change nothing', () => {
    expect(press('1', '.', '.').typed).toBe('1.');
    expect(press('0', '0', '7').typed).toBe('7');
  });
  test('stops before a sum that no wallet can hold', () => {
    expect(press('1', '2', '3', '4', '5', '6', '7', '8', '9')).toEqual({ typed: '12345678', complaint: 'too_large' });
  });
  test('what is pasted is read like typing', () => {
    expect(typeText('¥1,234.50')).toEqual({ typed: '1234.50', complaint: null });
    expect(typeText('０．５')).toEqual({ typed: '0.5', complaint: null });
    expect(typeText('1.005').complaint).toBe('too_many_decimals');
  });
  test('a sum goes to typed form and back', () => {
    for (const minor of [1n, 10n, 100n, 8850n, 123456n]) expect(minorOf(typedFromMinor(minor))).toBe(minor);
    expect(typedFromMinor(30000n)).toBe('300');
  });
  test('thousands are separated while typing', () => expect(groupThousands('1234567.8')).toBe('1,234,567.8'));
  test('the keys of a keyboard', () => {
    expect(keyFromKeyboard('。')).toBe('.');
    expect(keyFromKeyboard('Backspace')).toBe('delete');
    expect(keyFromKeyboard('Enter')).toBeUndefined();
  });
});
