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
  account_frozen: {
    'zh-CN':
      '【明账】为保护你的钱，我们冻结了你的账户，钱都还在。打开明账看原因，找客服核实是你本人就能恢复。我们不会向你要验证码。',
    en: '[Purser] We froze your account to keep your money safe; it is all there. See why in the app, and get help there to have it lifted. We never ask for a code.',
  },
  account_frozen_by_law: {
    'zh-CN': '【明账】有关机关要求冻结你的账户，我们照办了，钱都还在。打开明账看是哪个机关，需要材料就找客服。',
    en: '[Purser] Your account was frozen by order of an authority; your money is all there. See in the app which one; support has the papers you need.',
  },
  account_lifted: {
    'zh-CN': '【明账】你的账户已经解除冻结，可以照常使用。',
    en: '[Purser] Your account is no longer frozen; you can use it as before.',
  },
  account_frozen_by_you: {
    'zh-CN':
      '【明账】你的账户已按你的要求冻结，其他设备都已退出，钱都还在。不是你本人操作？重新登录看看，再找客服。我们不会向你要验证码。',
    en: '[Purser] You froze your account, and your other devices are signed out; your money is all there. Wasn’t you? Sign in again to look, and get help. We never ask for a code.',
  },
  account_lifted_by_you: {
    'zh-CN': '【明账】你设置的冻结已经解除，账户可以照常使用。不是你本人操作，请马上打开明账再冻结，并找客服。',
    en: '[Purser] The freeze that you set on your account was lifted; it works as before. Wasn’t you? Freeze it again in the app at once, and get help.',
  },
  account_partly_lifted: {
    'zh-CN': '【明账】你账户的一项限制已经解除，另一项还在，钱都还在。打开明账看原因和下一步。',
    en: '[Purser] One stop on your account was lifted; another one still holds, and your money is all there. See why, and what to do, in the app.',
  },
  account_closed: {
    'zh-CN': '【明账】你的账户已经注销。里面如果还有钱，会退到你的卡上。不是你要求的，请马上找客服。',
    en: '[Purser] Your account is closed. Money that is left in it goes to your card. Didn’t ask for this? Get help at once.',
  },
  account_reopened: {
    'zh-CN': '【明账】你的账户重新开通了，可以照常使用。不是你要求的，请马上打开明账冻结账户。',
    en: '[Purser] Your account is open again; you can use it as before. Didn’t ask for this? Freeze it in the app at once.',
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
