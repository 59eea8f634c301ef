/** The sandbox's people and cards. Nobody of these exists; the numbers are made up and only their check digits are right. */

export type SampleBank = { code: string; name: string; short: string; nameEn: string };

export const banks: readonly SampleBank[] = [
  { code: 'ICBC', name: '中国工商银行', short: '工商银行', nameEn: 'ICBC' },
  { code: 'ABC', name: '中国农业银行', short: '农业银行', nameEn: 'Agricultural Bank of China' },
  { code: 'BOC', name: '中国银行', short: '中国银行', nameEn: 'Bank of China' },
  { code: 'CCB', name: '中国建设银行', short: '建设银行', nameEn: 'China Construction Bank' },
  { code: 'COMM', name: '交通银行', short: '交通银行', nameEn: 'Bank of Communications' },
  { code: 'PSBC', name: '中国邮政储蓄银行', short: '邮储银行', nameEn: 'Postal Savings Bank' },
  { code: 'CMB', name: '招商银行', short: '招商银行', nameEn: 'China Merchants Bank' },
];

export const findSampleBank = (code: string): SampleBank | undefined => banks.find((bank) => bank.code === code);

/** States in which a card does nothing; each is the code that its bank declines with. */
export const cardStates: Readonly<Record<string, readonly [note: string, noteEn: string]>> = {
  CARD_EXPIRED: ['卡已过期', 'card expired'],
  CARD_LOCKED: ['卡被锁定', 'card locked'],
  CARD_LOST: ['卡已挂失', 'card reported lost'],
  CARD_CANCELLED: ['卡已注销', 'card cancelled'],
  CARD_DAMAGED: ['卡已损坏待换', 'card damaged'],
  CARD_NOT_ACTIVATED: ['新卡未激活', 'card not activated'],
  CARD_ONLINE_OFF: ['未开通线上支付', 'online payment is off'],
  CARD_RESTRICTED: ['卡受限制', 'card restricted'],
  CARD_STATUS_ABNORMAL: ['卡状态异常', 'card state abnormal'],
  WALLET_BLOCKED: ['银行暂停了向明账付款', 'bank blocks this wallet'],
  SETUP_NEEDED: ['要先在银行 App 开通', 'set up in the bank app first'],
  REQUIREMENT_UNMET: ['不满足银行的要求', 'bank requirement unmet'],
  REFER_TO_BANK: ['请联系银行', 'refer to bank'],
  RISK_REFUSED: ['银行风控拒绝', 'refused by the bank’s risk control'],
  AML_REFUSED: ['反洗钱审查拒绝', 'refused for anti-money-laundering'],
  DECLINED: ['拒绝，不说原因', 'declined without a reason'],
};

export type SampleCard = {
  number: string;
  bankCode: string;
  kind: 'debit' | 'credit';
  state: string;
  /** In fen. */
  balance: bigint;
  reservedPhone: string;
  /** The ID number that the bank has on record, where it is not the holder's own of today. */
  idNumber?: string;
  singleLimit?: bigint;
  dailyLimit?: bigint;
  dailyCount?: bigint;
  receiveLimit?: bigint;
  note: string;
  noteEn: string;
  /** Shown first to whoever wants to try the wallet. */
  offered: boolean;
};

export type SamplePerson = {
  name: string;
  idNumber: string;
  phone: string;
  /** As the citizens' register has the name; `undefined` when the register does not know the number. */
  registeredName: string | undefined;
  /** Whether the operator has the phone under this person's name. */
  phoneIsTheirs: boolean;
  note: string;
  noteEn: string;
  cards: readonly SampleCard[];
};

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Adds the check character of GB 11643 to place, birth date and sequence. */
const idNumber = (body: string): string =>
  body + '10X98765432'[WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(body[i]), 0) % 11];

/** Fills a number up with zeros and the running number, and adds Luhn's check digit. */
function cardNumber(prefix: string, running: number, length: number): string {
  const body = prefix + String(running).padStart(length - 1 - prefix.length, '0');
  const sum = [...body].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return body + String((10 - (sum % 10)) % 10);
}

/** One range of each bank for its debit cards, from the public tables. */
const RANGES: Readonly<Record<string, readonly [prefix: string, length: number]>> = {
  ICBC: ['622202', 19],
  ABC: ['622848', 19],
  BOC: ['621661', 19],
  CCB: ['621700', 19],
  COMM: ['622262', 19],
  PSBC: ['622188', 19],
  CMB: ['621486', 16],
};

type CardDetails = Partial<Omit<SampleCard, 'number' | 'bankCode' | 'balance' | 'reservedPhone'>>;

function card(bankCode: string, running: number, phone: string, yuan: number, details: CardDetails = {}): SampleCard {
  const [prefix, length] = RANGES[bankCode] ?? ['622202', 19];
  const defaults = { kind: 'debit', state: 'normal', note: '正常', noteEn: 'works', offered: false } as const;
  const balance = BigInt(Math.round(yuan * 100));
  const number = cardNumber(prefix, running, length);
  return { number, bankCode, balance, reservedPhone: phone, ...defaults, ...details };
}

const ming = '+8613800006021';
const wen = '+8613800006022';

const cardsInBadState: readonly SampleCard[] = Object.entries(cardStates).map(([state, [note, noteEn]], i) =>
  card('ICBC', 101 + i, ming, 1000, { state, note, noteEn }),
);

const cardsOfMing: readonly SampleCard[] = [
  card('ICBC', 123456, ming, 20_000, { offered: true }),
  card('CCB', 1, ming, 8000, { offered: true }),
  card('ABC', 1, ming, 5000, {
    singleLimit: 100_000n,
    dailyLimit: 200_000n,
    note: '单笔限额 1,000 元，每日 2,000 元',
    noteEn: 'at most 1,000 a payment, 2,000 a day',
    offered: true,
  }),
  card('BOC', 1, ming, 3.5, { note: '余额只有 3.50 元', noteEn: 'short of funds: 3.50', offered: true }),
  card('CMB', 1, '+8613900007777', 6000, {
    note: '银行预留的是另一个手机号',
    noteEn: 'another phone is reserved at the bank',
    offered: true,
  }),
  card('CMB', 3, ming, 2000, {
    idNumber: idNumber('11010519900307101'),
    note: '银行登记的是另一个身份证号',
    noteEn: 'the bank has another ID number on record',
  }),
  card('PSBC', 1, ming, 3000, { dailyCount: 3n, note: '每天最多 3 笔', noteEn: 'at most 3 payments a day' }),
  card('COMM', 1, ming, 1500, {
    receiveLimit: 200_000n,
    note: '二类户，单笔收款上限 2,000 元',
    noteEn: 'class II: receives at most 2,000 at once',
  }),
  {
    ...card('ICBC', 0, ming, 10_000, { kind: 'credit', note: '信用卡', noteEn: 'a credit card' }),
    number: cardNumber('622230', 1, 16),
  },
  ...cardsInBadState,
];

type PersonDetails = Partial<Pick<SamplePerson, 'registeredName' | 'phoneIsTheirs' | 'note' | 'noteEn'>>;

function person(
  name: string,
  idBody: string,
  phone: string,
  cards: readonly SampleCard[],
  details: PersonDetails = {},
): SamplePerson {
  const usual = { registeredName: name, phoneIsTheirs: true, note: '', noteEn: '' };
  return { name, idNumber: idNumber(idBody), phone, cards, ...usual, ...details };
}

export const people: readonly SamplePerson[] = [
  person('周明远', '11010519900307003', ming, cardsOfMing),
  person('林晓雯', '31010419930818002', wen, [
    card('ICBC', 2, wen, 12_000, { offered: true }),
    card('CMB', 2, wen, 6000),
    card('CCB', 2, wen, 2500),
  ]),
  person('陈志强', '44030519850612001', '+8613800006023', [card('ABC', 3, '+8613800006023', 30_000)]),
  person('王秀兰', '32010619680921004', '+8613800006024', [card('PSBC', 4, '+8613800006024', 8800)]),
  person('李思远', '51010719991103005', '+8613800006025', [
    card('BOC', 5, '+8613800006025', 900),
    card('COMM', 5, '+8613800006025', 4200),
  ]),
  person('赵敏', '33010619960229006', '+8613800006026', [card('CMB', 6, '+8613800006026', 15_000)]),
  person('刘一鸣', '42010619880505007', '+8613800006027', [card('ICBC', 7, '+8613800006027', 5000)], {
    phoneIsTheirs: false,
    note: '手机号登记在别人名下',
    noteEn: 'the phone is registered to somebody else',
  }),
  person('吴昊', '61010319910415009', '+8613800006028', [card('CCB', 8, '+8613800006028', 5000)], {
    registeredName: '吴皓',
    note: '身份登记的姓名是吴皓',
    noteEn: 'the register has another name for this ID number',
  }),
  person('何文静', '35020319940707008', '+8613800006029', [card('ABC', 9, '+8613800006029', 5000)], {
    registeredName: undefined,
    note: '身份登记里查不到',
    noteEn: 'the register does not know this ID number',
  }),
  person('郑小宇', '37010220140601011', '+8613800006030', [], { note: '未成年', noteEn: 'a minor' }),
];

/** Luhn-correct, of a real range, and nobody's. */
export const unknownCardNumber = cardNumber('622202', 999_999, 19);

/** No message ever arrives here. */
export const undeliverablePhone = '+8613800006999';
