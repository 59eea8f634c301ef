import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** What a merchant does with a webhook, by the Standard Webhooks specification and nothing but node:crypto. */

const TOLERANCE_SECONDS = 5 * 60;

export type PaidEvent = { id: string; orderId: string; amountMinor: string; currency: string; paidAt: string };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Whether the sender knows our secret and sent exactly these bytes within the last five minutes. */
export function isGenuine(secret: string, clock: Clock, headers: Headers, body: Buffer): boolean {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false;
  if (id === '' || !/^[0-9]{1,12}$/.test(timestamp)) return false;
  if (Math.abs(clock.now().getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  // While a secret is changed there are several signatures, one for each.
  return signatures.split(' ').some((each) => {
    const [version, value = ''] = each.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The payment that an event tells of; `undefined` for other events, which a merchant lets pass. */
export function readPaidEvent(id: string, body: Buffer): PaidEvent | undefined {
  let event: unknown;
  try {
    event = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isFields(event) || event['type'] !== 'order.paid' || !isFields(event['data'])) return undefined;
  const { orderId, amount, paidAt } = event['data'];
  if (typeof orderId !== 'string' || !isFields(amount)) return undefined;
  const { minor, currency } = amount;
  if (typeof minor !== 'string' || typeof currency !== 'string') return undefined;
  return { id, orderId, amountMinor: minor, currency, paidAt: typeof paidAt === 'string' ? paidAt : '' };
}
