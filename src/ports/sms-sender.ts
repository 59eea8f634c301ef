import type { Otp, Phone } from '../kernel/masked.ts';

export type SmsMessage = {
  /** The same id is the same message, however often it is handed over. */
  id: string;
  to: Phone;
  language: 'zh-CN' | 'en';
} & (
  | { template: 'sign_in_code'; code: Otp; minutes: number }
  | { template: 'reset_pin_code'; code: Otp; minutes: number }
  | {
      template:
        | 'pin_was_reset'
        | 'account_frozen'
        | 'account_frozen_by_law'
        | 'account_frozen_by_you'
        | 'account_lifted'
        | 'account_lifted_by_you'
        | 'account_partly_lifted'
        | 'account_closed'
        | 'account_reopened';
    }
);

export type SmsAnswer =
  | { outcome: 'accepted' }
  | { outcome: 'undeliverable' }
  | { outcome: 'unavailable'; reason: string };

export type SmsSender = { send(message: SmsMessage): Promise<SmsAnswer> };
