import type { Language, MoneyFact, Namespace, Retry } from '../../causes/cause.ts';

/** What a page of the documentation says beside what the registry says. */
export type FrameWords = {
  readonly brand: string;
  readonly index: string;
  readonly indexLead: string;
  readonly other: string;
  readonly side: string;
  readonly money: string;
  readonly again: string;
  readonly where: string;
  readonly next: string;
  readonly developers: string;
  readonly code: string;
  readonly status: string;
  readonly appOnly: string;
  readonly field: string;
  readonly noField: string;
  readonly namedField: string;
  readonly params: string;
  readonly noParams: string;
  readonly attempts: string;
  readonly counted: string;
  readonly notCounted: string;
  readonly example: string;
  readonly api: string;
  readonly all: string;
  readonly gone: string;
  readonly goneText: string;
  readonly list: string;
  readonly retries: Readonly<Record<Retry, string>>;
  readonly moneyFacts: Readonly<Record<MoneyFact, string>>;
  readonly namespaces: Readonly<Record<Namespace, string>>;
};

export const frameWords: Readonly<Record<Language, FrameWords>> = {
  'zh-CN': {
    brand: '明账',
    index: '没办成的原因',
    indexLead: '每一次没办成都有一个原因：在谁那边、钱有没有动、下一步怎么做。',
    other: 'English',
    side: '在谁那边',
    money: '钱',
    again: '再试',
    where: '会在哪里遇到',
    next: '可以怎么做',
    developers: '给开发者',
    code: '代码',
    status: 'HTTP 状态',
    appOnly: '没有，只由应用自己发现',
    field: '哪一项',
    noField: '不针对某一项',
    namedField: '由这次失败的 field 指明',
    params: '参数',
    noParams: '没有',
    attempts: '次数',
    counted: '用掉一次机会',
    notCounted: '不占次数',
    example: '收到的内容（举例）',
    api: '接口说明',
    all: '全部原因',
    gone: '没有这个原因',
    goneText: '地址可能写错了。到全部原因里找找看。',
    list: '、',
    retries: {
      after_fix: '改好以后就可以再试。',
      later: '到时间以后可以再试。',
      query_first: '先查结果，不要重新提交。',
      other_method: '原样再试没有用，换一种方式可以。',
      no: '原样再试没有用。',
    },
    moneyFacts: {
      no: '没有动。',
      held: '留着，没有扣走。',
      yes: '已经动了。',
      unknown: '还不知道，正在问。',
      per_attempt: '以那一笔的记录为准。',
    },
    namespaces: {
      input: '填写的内容',
      contact: '联系方式',
      otp: '验证码',
      identity: '身份核实',
      card: '银行卡',
      bank: '银行',
      network: '网络',
      wallet: '明账的系统',
      app: '应用',
      device: '设备',
      policy: '规定',
      limit: '额度和次数',
      security: '安全保护',
      account: '账户',
      operation: '办理中的事',
      third_party: '对方和合作方',
    },
  },
  en: {
    brand: 'Purser',
    index: 'Why something didn’t work',
    indexLead: 'Every failure has one cause: whose side it’s on, whether money moved, and what to do next.',
    other: '中文',
    side: 'Whose side',
    money: 'The money',
    again: 'Trying again',
    where: 'Where you meet it',
    next: 'What you can do',
    developers: 'For developers',
    code: 'Code',
    status: 'HTTP status',
    appOnly: 'None: only the app can notice it',
    field: 'Input',
    noField: 'Not about one input',
    namedField: 'The one that the failure’s field names',
    params: 'Parameters',
    noParams: 'None',
    attempts: 'Attempts',
    counted: 'Uses up one try',
    notCounted: 'Uses up none',
    example: 'What you receive, for example',
    api: 'The API',
    all: 'All causes',
    gone: 'There is no such cause',
    goneText: 'The address may be mistyped. Look through all causes.',
    list: ', ',
    retries: {
      after_fix: 'Once it’s put right.',
      later: 'After the time named.',
      query_first: 'Ask for the result first; don’t send it again.',
      other_method: 'The same again won’t help; another way will.',
      no: 'The same again won’t help.',
    },
    moneyFacts: {
      no: 'Didn’t move.',
      held: 'Is reserved and hasn’t left.',
      yes: 'Has moved.',
      unknown: 'Not known yet; we’re asking.',
      per_attempt: 'As the record of that payment says.',
    },
    namespaces: {
      input: 'What was entered',
      contact: 'Contact details',
      otp: 'Codes',
      identity: 'Identity',
      card: 'Cards',
      bank: 'Banks',
      network: 'Connection',
      wallet: 'Purser’s own system',
      app: 'The app',
      device: 'Your device',
      policy: 'Rules',
      limit: 'Limits',
      security: 'Safety',
      account: 'The account',
      operation: 'What is under way',
      third_party: 'Other sides',
    },
  },
};

/** An example for each placeholder in English; the registry's own examples are Chinese where they are names. */
export const englishExamples: Readonly<Record<string, string>> = {
  bank: 'ICBC',
  service: 'the citizens’ register',
  merchant: 'Zhiwei Books',
  payee: '*Ming',
  field: 'Name',
  function: 'Withdraw',
  requirement: 'a card opened in this city',
  accepted: 'ID card, passport',
  missing: 'proof of payment',
  reason: 'the photo isn’t of the holder',
  example: 'Wang Xiaoming',
  level: 'class II',
  region: 'the United Kingdom',
  currency: 'Japanese yen',
  device: 'a new phone (Shanghai)',
  authority: 'Shanghai Public Security Bureau',
  types: 'JPG, PNG, PDF',
};
