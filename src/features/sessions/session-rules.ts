import { hash } from 'node:crypto';
import { dayMs, minuteMs } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';

/**
 * A visit is short: it serves to open a wallet or to sign in. A person's session lasts, as on every phone, because
 * nothing in it moves money by itself: each movement takes the payment PIN at that moment, which is stricter than an
 * idle limit. Unused for thirty days it ends, and after half a year in any case.
 */
export const sessionLife = {
  visit: { idleMs: 2 * 60 * minuteMs, wholeMs: dayMs },
  person: { idleMs: 30 * dayMs, wholeMs: 180 * dayMs },
} as const;

/** 256 bits; said once to its owner and kept only as a digest. */
export const newToken = (random: Random): string => Buffer.from(random.bytes(32)).toString('base64url');

const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;
export const isTokenForm = (text: string): boolean => TOKEN_FORM.test(text);

/** Hexadecimal. */
export const tokenHash = (token: string): string => hash('sha256', token, 'hex');
export const tokenDigest = (token: string): Buffer => Buffer.from(tokenHash(token), 'hex');

const MAX_DEVICE_LENGTH = 80;
/** The name of a device as its owner reads it in the list of sessions. */
export const deviceName = (text: string): string =>
  [...text.replace(/\p{Cc}/gu, ' ').trim()].slice(0, MAX_DEVICE_LENGTH).join('');
