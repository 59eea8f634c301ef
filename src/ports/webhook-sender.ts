import type { Secret } from '../kernel/masked.ts';

export type WebhookAnswer = { outcome: 'delivered'; status: number } | { outcome: 'failed'; reason: string };

/** Delivers one event to a merchant's address, signed as Standard Webhooks has it. Private addresses are refused unless allowed by configuration. */
export type WebhookSender = {
  deliver(request: { eventId: string; url: string; secret: Secret; body: string; at: Date }): Promise<WebhookAnswer>;
};
