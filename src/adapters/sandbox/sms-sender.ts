import type { SmsMessage, SmsSender } from '../../ports/sms-sender.ts';
import { exchange, type LineDependencies } from './signed-line.ts';

/** What the messages say, in the person's language. */
const texts: Readonly<Record<SmsMessage['template'], Readonly<Record<SmsMessage['language'], string>>>> = {
  sign_in_code: {
    'zh-CN': '【明账】验证码 {code}，{minutes} 分钟内有效。不要告诉任何人，我们的人不会向你要。',
    en: '[Purser] Your code is {code}, good for {minutes} minutes. Tell nobody; we never ask for it.',
  },
  reset_pin_code: {
    'zh-CN': '【明账】重设支付密码的验证码 {code}，{minutes} 分钟内有效。不是你本人操作，请马上冻结账户。',
    en: '[Purser] Code to reset your payment PIN: {code}, good for {minutes} minutes. Not you? Freeze your account now.',
  },
  pin_was_reset: {
    'zh-CN': '【明账】你的支付密码刚刚重设了，一天之内只能付小额。不是你本人操作，请马上打开明账冻结账户。',
    en: '[Purser] Your payment PIN was just reset; for a day only small sums can leave. Not you? Freeze your account in the app now.',
  },
};

/** The sandbox's SMS operator; it takes the same id once. */
export function createSandboxSmsSender(deps: LineDependencies): SmsSender {
  return {
    async send(message) {
      const words = texts[message.template][message.language];
      const text =
        'code' in message
          ? words.replace('{code}', message.code.reveal()).replace('{minutes}', String(message.minutes))
          : words;
      const { id, to, language, template } = message;
      const answer = await exchange(deps, 'POST', '/sms/messages', { id, to: to.reveal(), language, template, text });
      if (answer.outcome !== 'answered') return { outcome: 'unavailable', reason: answer.reason };
      const outcome = (answer.body as { outcome?: unknown } | null)?.outcome;
      return outcome === 'accepted' || outcome === 'undeliverable'
        ? { outcome }
        : { outcome: 'unavailable', reason: 'answer of an unknown form' };
    },
  };
}
