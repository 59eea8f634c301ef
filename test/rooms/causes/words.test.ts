import { describe, expect, it } from 'vitest';
import type { Cause, CauseWords, Language } from '../../../src/causes/cause.ts';
import { params } from '../../../src/causes/lists.ts';
import { causeCodes, causeOf } from '../../../src/causes/registry.ts';

const LANGUAGES: readonly Language[] = ['zh-CN', 'en'];
const PARTS = ['title', 'text', 'sideNote', 'supportHint'] as const;
const MOST: Readonly<Record<keyof CauseWords, Readonly<Record<Language, number>>>> = {
  title: { 'zh-CN': 14, en: 45 },
  text: { 'zh-CN': 50, en: 140 },
  sideNote: { 'zh-CN': 14, en: 45 },
  supportHint: { 'zh-CN': 80, en: 190 },
};

/** What is never said to a person: blame, alarm, jargon, "later" without when, and advice that does harm. */
const BANNED: Readonly<Record<Language, readonly RegExp[]>> = {
  'zh-CN': [
    /[!！]/,
    /稍后|稍候|等一会儿再试|过一会儿/,
    /未知|不明原因/,
    /错误|非法|无效|异常|违规|失败/,
    /抱歉|对不起|遗憾|亲[，爱]/,
    /您/,
    /校验|鉴权|风控|接口|服务器|参数|超时|令牌|缓存|报文|通道|请求/,
    /清除|清空|卸载|重装|记在本子|笔记本/,
    /重启/,
    /微博|公众号|私信|评论区/,
    /换(个|一个|一下)?网络|切换网络|别的网络/,
    /定期(改|更换|修改)密码/,
  ],
  en: [
    /!/,
    /try again later|later on|in a while/i,
    /unknown|unexpected/i,
    /\b(error|invalid|illegal|fail(ed|ure|s)?|violat\w+|abnormal)\b/i,
    /sorry|oops|unfortunately|apolog/i,
    /validat|authenticat|server|parameter|time-?out|token|cache|payload|credential|\brequest was\b/i,
    /clear (the |your )?(data|cache)|uninstall|reinstall|notebook/i,
    /\b(restart|reboot)\b/i,
    /twitter|facebook|social media|direct message/i,
    /(another|different|other) network|switch networks?/i,
    /'/,
  ],
};
const JARGON = /\b(KYC|AML|OTP|CVV|CVC|PAN|BIN|API|URL|ID码|HTTP|SMS|ISO|Luhn|AM\d\d|AC\d\d)\b/;

/** Words that promise something, with the action that keeps the promise. Both languages must promise the same. */
const PROMISES: readonly (readonly [action: string, zh: RegExp, en: RegExp])[] = [
  ['call_bank', /打给/, /\bcalls? (\{bank\}|the bank)|have its owner call/i],
  ['appeal', /申诉/, /\bappeal\b/i],
  ['freeze_account', /(先|马上|就)冻结账户/, /\bfreeze (it|now|the account|your account)\b/i],
  ['choose_other_card', /换一张卡|先换一张卡/, /\banother card\b/i],
  ['contact_support', /客服/, /\bsupport\b|\bget help\b/i],
  ['repair_app', /修复应用/, /\brepair the app\b/i],
  ['update_app', /更新应用|更新后/, /\bupdate (it|the app)\b/i],
  ['ask_result', /先查.{0,6}结果|查询结果/, /\bask for (the|its) result\b/i],
  ['top_up', /充值/, /\btop up\b/i],
  ['lower_amount', /改小金额/, /\blower the amount\b|smaller amount/i],
  ['raise_limit', /提高额度/, /\braise your limit\b/i],
  ['match_deposit', /认领/, /, claim it\b/i],
  ['start_over', /(就|的话，)重新开|重新转/, /\bstart over\b|start a new one|open a new one|before you send it again/i],
  ['recover_account', /找回账户/, /\brecover the account\b/i],
  ['report_merchant', /举报/, /\breport \{merchant\}/i],
  ['claim', /申请赔付/, /\bmake a claim\b/i],
  ['cancel_operation', /可以撤回/, /\bcan call it back\b/i],
  ['resend_code', /重新发送/, /\bsend a new one\b/i],
  ['wait_until', /提醒你/, /\bremind you\b/i],
  ['notify_when_back', /通知你/, /tell you (when|then)|back at \{until\} and will tell you/i],
  ['choose_other_way', /换一种付款方式|换种付款方式/, /\bpay another way\b/i],
  ['receive_another_way', /换一种方式接收/, /\breceive it another way\b/i],
  ['upload_again', /上传|再拍一张|重新拍/, /\bupload|new photo|take a photo|from your photos/i],
  ['check_network', /检查网络/, /check the connection/i],
];
const DO_NOT_REPEAT: Readonly<Record<Language, RegExp>> = {
  'zh-CN': /(别|不用|不要)(再|重复|重新)/,
  en: /don’t (do|pay|send)|no need to (do|pay|send)|before you do this again/i,
};

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '');
const lengthOf = (text: string): number => [...text.replace(/\{\w+\}/g, '0000')].length;
const shown = ({ title, text, sideNote }: CauseWords): string[] => [title, text, sideNote];

/** Every fault that a check finds in the words of all causes, as sentences that name the cause. */
function faultsOf(
  check: (words: CauseWords, language: Language, cause: Cause, code: string) => (string | false)[],
): string[] {
  return causeCodes.flatMap((code) => {
    const cause: Cause = causeOf(code);
    return LANGUAGES.flatMap((language) =>
      check(cause.words[language], language, cause, code)
        .filter((fault) => fault !== false)
        .map((fault) => `${code} ${language}: ${fault}`),
    );
  });
}

describe('the words of every cause', () => {
  it('are there in both languages, short, without stray spaces', () => {
    const faults = faultsOf((words, language) =>
      PARTS.flatMap((part) => [
        words[part].trim() === '' && `${part} is missing`,
        (words[part] !== words[part].trim() || /\s{2,}|\n/.test(words[part])) && `${part} has stray spaces`,
        lengthOf(words[part]) > MOST[part][language] && `${part} is ${lengthOf(words[part])} long`,
      ]),
    );
    expect(faults).toEqual([]);
  });
  it('say nothing that blames, alarms or needs a dictionary', () => {
    const faults = faultsOf((words, language) =>
      shown(words).flatMap((text) => [
        ...BANNED[language].map((banned) => banned.test(text) && `says ${text.match(banned)?.[0]}`),
        JARGON.test(text) && `has jargon: ${text}`,
      ]),
    );
    expect(faults).toEqual([]);
  });
  it('are different for each cause', () => {
    for (const language of LANGUAGES) {
      for (const part of ['title', 'text'] as const) {
        const all = causeCodes.map((code) => causeOf(code).words[language][part]);
        expect(all.filter((text, i) => all.indexOf(text) !== i)).toEqual([]);
      }
    }
  });
  it('hold exactly the placeholders that the cause declares, and these in the text only', () => {
    const faults = faultsOf((words, _, cause) => [
      [...new Set(placeholders(words.text))].sort().join() !== [...cause.params].sort().join() && 'other placeholders',
      /[{}]/.test(words.text.replace(/\{\w+\}/g, '')) && 'a broken placeholder',
      ...(['title', 'sideNote', 'supportHint'] as const).map(
        (part) => placeholders(words[part]).length > 0 && `one in ${part}`,
      ),
    ]);
    expect(faults).toEqual([]);
  });
  it('say that it must not be done again while the outcome is open', () => {
    const faults = faultsOf((words, language, { retry }, code) => [
      retry === 'query_first' &&
        !DO_NOT_REPEAT[language].test(words.text) &&
        code !== 'operation.reconciling' &&
        words.text,
    ]);
    expect(faults).toEqual([]);
  });
  it('promise only what a remedy keeps, and the same in both languages', () => {
    const faults = causeCodes.flatMap((code) => {
      const cause: Cause = causeOf(code);
      const offered = new Set(cause.remedies.map(({ action }) => action));
      return PROMISES.flatMap(([action, inChinese, inEnglish]) => {
        const said = [inChinese.test(cause.words['zh-CN'].text), inEnglish.test(cause.words.en.text)];
        return [
          ...(said.includes(true) && !offered.has(action) ? [`${code} speaks of ${action} but does not offer it`] : []),
          ...(said[0] !== said[1] ? [`${code} speaks of ${action} in one language only`] : []),
        ];
      });
    });
    expect(faults).toEqual([]);
  });
  it('take two sentences at most', () => {
    const ends: Readonly<Record<Language, RegExp>> = { 'zh-CN': /。/g, en: /[.?](\s|$)/g };
    expect(faultsOf(({ text }, language) => [(text.match(ends[language]) ?? []).length > 2 && text])).toEqual([]);
  });
});

describe('the Chinese words', () => {
  const faultsInChinese = (check: (words: CauseWords) => (string | false)[]) =>
    faultsOf((words, language) => (language === 'zh-CN' ? check(words) : []));

  it('use full-width punctuation, and a space between Chinese and Latin', () => {
    const faults = faultsInChinese((words) =>
      PARTS.flatMap((part) => {
        const bare = words[part].replace(/\{\w+\}/g, '').replace(/\d+\.\d+/g, '');
        return [
          /[,;:?()"'<>]|\.(?!\d)/.test(bare) && `half-width punctuation: ${bare}`,
          /[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/.test(bare) && `no space: ${bare}`,
          / [，。；：、？“”（）]|[，。；：、？（] /.test(words[part]) && `a space at punctuation: ${words[part]}`,
          !/[\u4e00-\u9fff]/.test(words[part]) && `no Chinese: ${words[part]}`,
        ];
      }),
    );
    expect(faults).toEqual([]);
  });
  it('put spaces around numbers, times and sums, and none around names', () => {
    const faults = faultsInChinese(({ text }) =>
      [...text.matchAll(/(.?)\{(\w+)\}(.?)/gu)].flatMap(([, before = '', name = '', after = '']) => {
        const kind = params[name as keyof typeof params].kind;
        const letter = /[\u4e00-\u9fff]/;
        return [
          kind === 'name' &&
            (before === ' ' || after === ' ') &&
            !/\{\w+\} \{/.test(text) &&
            `a space around {${name}}`,
          kind !== 'name' && (letter.test(before) || letter.test(after)) && `no space around {${name}}`,
        ];
      }),
    );
    expect(faults).toEqual([]);
  });
  it('end the text and the hint with a full stop, the title and the side note without', () => {
    const faults = faultsInChinese((words) => [
      (/[。，；：]$/.test(words.title) || /。$/.test(words.sideNote)) && 'title or side note',
      (!words.text.endsWith('。') || !words.supportHint.endsWith('。')) && 'text or hint',
    ]);
    expect(faults).toEqual([]);
  });
});

describe('the English words', () => {
  const faultsInEnglish = (check: (words: CauseWords) => (string | false)[]) =>
    faultsOf((words, language) => (language === 'en' ? check(words) : []));

  it('hold no Chinese, begin with a capital, and end as they should', () => {
    const faults = faultsInEnglish((words) => [
      /[\u3000-\u9fff\uff00-\uffef]/.test(PARTS.map((part) => words[part]).join('')) && 'Chinese',
      !/^[A-Z]/.test(words.title) && 'no capital',
      (/[.,;:]$/.test(words.title) || words.sideNote.endsWith('.')) && 'title or side note',
      (!words.text.endsWith('.') || !words.supportHint.endsWith('.')) && 'text or hint',
    ]);
    expect(faults).toEqual([]);
  });
});
