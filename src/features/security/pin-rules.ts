import { refusal } from '../../causes/refusal.ts';
import { dayMs, hourMs } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Pin } from '../../kernel/masked.ts';
import type { AttemptRule } from './spend-attempt.ts';

/**
 * Five wrong payment PINs within a day close it for three hours, which leaves a thief forty guesses a day out of a
 * million and the owner a way back the same evening. Entering a right one starts the count again.
 */
export const pinAttempts = (personId: Uuid): AttemptRule => ({
  scope: 'payment_pin',
  subject: personId,
  limit: 5,
  windowMs: dayMs,
  lockMs: 3 * hourMs,
});

/** What argon2 gets to see: keyed and bound to the person, so that neither the table alone nor a copied row is of use. */
export const pinMaterial = (digest: Digest, personId: Uuid, pin: Pin): string =>
  digest('payment pin', `${personId} ${pin.reveal()}`).toString('base64url');

/** OWASP's second choice of argon2id parameters (19 MiB, two passes): about 20 ms on a server's core. */
export const pinCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const SIX_DIGITS = /^[0-9]{6}$/;
const isPinForm = (text: string): boolean => SIX_DIGITS.test(text);

/** PINs that most people who guess try first: one or two digits over and over, runs, halves or thirds repeated, dates. */
export function isWeakPin(text: string): boolean {
  if (new Set(text).size <= 2) return true;
  if (text.slice(0, 3) === text.slice(3) || text.slice(0, 2).repeat(3) === text) return true;
  if ([...text].toReversed().join('') === text) return true;
  const digits = Array.from(text, Number);
  const steps = digits.slice(1).map((digit, i) => (digit - (digits[i] ?? 0) + 10) % 10);
  if (new Set(steps).size === 1) return true;
  return isDate(text) || FAVOURITES.has(text);
}

/** Throws `input.format_invalid` for anything but six digits, and `input.secret_weak` for six that are guessed first. */
export function refuseBadPin(pin: Pin): void {
  if (!isPinForm(pin.reveal())) {
    throw refusal('input.format_invalid', {
      field: 'payment_pin',
      params: { example: { 'zh-CN': '六位数字', en: 'six digits' } },
    });
  }
  if (isWeakPin(pin.reveal())) throw refusal('input.secret_weak', { field: 'payment_pin' });
}

/** Six digits that are a birthday: 900101, 010190, or a year and a month such as 198811. */
function isDate(text: string): boolean {
  const [a, b, c] = [Number(text.slice(0, 2)), Number(text.slice(2, 4)), Number(text.slice(4))];
  const isMonthAndDay = (month: number, day: number) => month >= 1 && month <= 12 && day >= 1 && day <= 31;
  const year = a * 100 + b;
  return (
    isMonthAndDay(b, c) ||
    isMonthAndDay(b, a) ||
    isMonthAndDay(a, b) ||
    (year >= 1930 && year <= 2029 && c >= 1 && c <= 12)
  );
}

/** Often used in China and on no list above: "520 1314" and the like, keyboard columns. */
const FAVOURITES = new Set([
  '520131',
  '131452',
  '521131',
  '147258',
  '258369',
  '159357',
  '147852',
  '789456',
  '456789',
  '142536',
]);
