// The closed lists that a cause is made of. Nothing here is computed, so that a reader finds every word in one place.

/** What a cause is about; whose hands the cure is in is its side. */
export const namespaces = [
  'input',
  'contact',
  'otp',
  'identity',
  'card',
  'bank',
  'network',
  'wallet',
  'app',
  'device',
  'policy',
  'limit',
  'security',
  'account',
  'operation',
  'third_party',
] as const;

/** Everything a person can ask the wallet to do, as titles name it. */
export const flows = {
  open: { 'zh-CN': '开通钱包', en: 'open a wallet' },
  verify_identity: { 'zh-CN': '核实身份', en: 'verify an identity' },
  sign_in: { 'zh-CN': '登录', en: 'sign in' },
  bind_card: { 'zh-CN': '绑卡', en: 'add a card' },
  manage_card: { 'zh-CN': '管理卡', en: 'manage a card' },
  top_up: { 'zh-CN': '充值', en: 'top up' },
  withdraw: { 'zh-CN': '提现', en: 'withdraw' },
  pay: { 'zh-CN': '付款', en: 'pay' },
  transfer: { 'zh-CN': '转账', en: 'send' },
  collect: { 'zh-CN': '收款', en: 'collect' },
  refund: { 'zh-CN': '退款', en: 'refund' },
  bill: { 'zh-CN': '缴费', en: 'pay a bill' },
  repay_card: { 'zh-CN': '还信用卡', en: 'repay a card' },
  save: { 'zh-CN': '理财', en: 'save' },
  fx: { 'zh-CN': '换汇', en: 'exchange' },
  appeal: { 'zh-CN': '申诉', en: 'appeal' },
  claim: { 'zh-CN': '赔付', en: 'claim' },
  report: { 'zh-CN': '举报', en: 'report' },
  notify: { 'zh-CN': '通知', en: 'notices' },
  support: { 'zh-CN': '客服', en: 'support' },
} as const;

/** In whose hands the cure is, as the failure card says it. */
export const sides = {
  you: { 'zh-CN': '你', en: 'You' },
  card_issuer: { 'zh-CN': '发卡银行', en: 'Card’s bank' },
  bank: { 'zh-CN': '银行', en: 'Bank' },
  network: { 'zh-CN': '网络', en: 'Connection' },
  wallet: { 'zh-CN': '我们', en: 'Us' },
  policy: { 'zh-CN': '规定', en: 'Rules' },
  security: { 'zh-CN': '安全保护', en: 'Safety' },
  account: { 'zh-CN': '账户状态', en: 'Account' },
  app: { 'zh-CN': '应用', en: 'App' },
  device: { 'zh-CN': '设备', en: 'Device' },
  third_party: { 'zh-CN': '对方', en: 'Other side' },
} as const;

export const retries = ['after_fix', 'later', 'query_first', 'other_method', 'no'] as const;

/** What became of the money in this attempt; `per_attempt`: only the record of the operation knows. */
export const moneyFacts = ['no', 'held', 'yes', 'unknown', 'per_attempt'] as const;

export const outcomes = ['refused', 'declined', 'unknown', 'waiting', 'restricted'] as const;

export const httpStatuses = [202, 400, 401, 402, 403, 404, 409, 410, 413, 415, 422, 429, 451, 500, 502, 503] as const;

/** Vocabularies of raw answers. */
export const rails = ['iso8583', 'iso20022', 'wechatpay_v3', 'alipay', 'sandbox'] as const;

/** Every placeholder of the words: its kind, an example and its meaning. */
export const params = {
  left: { kind: 'count', example: '3', meaning: 'tries left; never below 1' },
  until: {
    kind: 'time',
    example: '14:05',
    meaning: 'the one moment the text names; begins with a digit in Chinese (14:05, 8 月 3 日 9:00)',
  },
  date: { kind: 'time', example: '2026-08-03', meaning: 'a day' },
  last4: { kind: 'count', example: '1234', meaning: 'last four digits of the card or account' },
  amount: { kind: 'money', example: '¥50.00', meaning: 'the sum the text speaks of' },
  available: { kind: 'money', example: '¥50.00', meaning: 'what can still be used of balance, limit or refund' },
  limit: { kind: 'money', example: '¥500.00', meaning: 'the highest sum' },
  min: { kind: 'money', example: '¥1.00', meaning: 'the lowest sum' },
  fee: { kind: 'money', example: '¥0.10', meaning: 'fee of this operation, 0 included' },
  max: { kind: 'count', example: '10', meaning: 'highest number, or size with its unit (10 MB)' },
  age: { kind: 'count', example: '18', meaning: 'age in years' },
  types: { kind: 'count', example: 'JPG、PNG、PDF', meaning: 'kinds of files taken' },
  contact: { kind: 'count', example: '138****0000', meaning: 'masked phone or e-mail' },
  bank: { kind: 'name', example: '工商银行', meaning: 'the bank concerned, by its short name' },
  service: { kind: 'name', example: '支付宝', meaning: 'the partner asked: payment service, register, biller, fund' },
  merchant: { kind: 'name', example: '小麦面包', meaning: 'the merchant' },
  payee: { kind: 'name', example: '*小明', meaning: 'masked name of the payee' },
  field: { kind: 'name', example: '姓名', meaning: 'name of the input, as the form shows it' },
  function: { kind: 'name', example: '提现', meaning: 'name of a function, as the app or the bank shows it' },
  requirement: { kind: 'name', example: '在本市开的卡', meaning: 'a condition as a short phrase without a full stop' },
  accepted: { kind: 'name', example: '身份证、护照', meaning: 'what is accepted, as a list' },
  missing: { kind: 'name', example: '付款凭证', meaning: 'what is still needed, as a list' },
  reason: { kind: 'name', example: '照片和本人不符', meaning: 'a reason as a short phrase without a full stop' },
  example: { kind: 'name', example: '王小明', meaning: 'how an entry should look' },
  level: { kind: 'name', example: '二类账户', meaning: 'name of an account level' },
  region: { kind: 'name', example: '英国', meaning: 'name of a region' },
  currency: { kind: 'name', example: '日元', meaning: 'name of a currency' },
  device: { kind: 'name', example: '一台新手机（上海）', meaning: 'a device in words' },
  authority: { kind: 'name', example: '上海市公安局', meaning: 'an authority as the order names it' },
} as const;
