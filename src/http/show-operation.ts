import { assert } from '../kernel/assert.ts';
import { humanReference, toPublicId, uuid } from '../kernel/ids.ts';
import { moneyToJson } from '../kernel/money.ts';
import { describeFailure } from '../causes/describe-failure.ts';
import type { Static } from 'typebox';
import type { OperationShape, Station, TimelineEntry } from '../contract/operations.ts';
import type { Problem } from '../contract/problem.ts';
import type { LocalText } from '../kernel/failure.ts';
import type { JsonObject, OperationRecord } from '../operations/flow.ts';

export type OperationReader = { language: 'zh-CN' | 'en'; now: Date };

export type ShownEvent = { at: Date; event: string; step: string | null; attempt: number | null; cause: string | null };

/** What is shown of an operation beyond its record. */
export type ShownWith = {
  events: readonly ShownEvent[];
  bankName: (bankCode: string) => LocalText;
  /** For the operations that show one. */
  bankHotline?: (bankCode: string) => string | null;
};

type Stations = Static<typeof Station>[];
type StationName = Stations[number]['station'];

/** The way of each flow: its stations in order, and at which of them each step stands. */
const paths: Readonly<Record<string, { stations: readonly StationName[]; at: Readonly<Record<string, StationName>> }>> =
  {
    open_wallet: { stations: ['you', 'purser'], at: { sending: 'purser', code: 'you', pin: 'you', opening: 'purser' } },
    verify_identity: { stations: ['you', 'purser', 'registry'], at: { checking: 'registry', confirming: 'registry' } },
    reset_pin: {
      stations: ['you', 'purser'],
      at: { checking: 'purser', sending: 'purser', code: 'you', pin: 'you' },
    },
    bind_card: {
      stations: ['you', 'purser', 'bank', 'card'],
      at: { requesting: 'bank', code: 'you', confirming: 'bank' },
    },
    top_up: {
      stations: ['you', 'purser', 'bank', 'debit'],
      at: {
        confirm: 'you',
        reserving: 'purser',
        debiting: 'bank',
        asking: 'bank',
        reconciling: 'bank',
        crediting: 'purser',
        returning: 'bank',
        unreturned: 'bank',
        releasing: 'purser',
      },
    },
    withdraw: {
      stations: ['you', 'purser', 'bank', 'credit'],
      at: {
        confirm: 'you',
        holding: 'purser',
        paying: 'bank',
        asking: 'bank',
        reconciling: 'bank',
        settling: 'purser',
        releasing: 'purser',
      },
    },
    pay: { stations: ['you', 'purser', 'merchant'], at: { confirm: 'you', posting: 'purser' } },
    transfer: { stations: ['you', 'purser', 'payee'], at: { confirm: 'you', posting: 'purser' } },
  };

/** At which station a cause of this side is drawn; its own flow's path decides whether it has one. */
const sideStation: Readonly<Record<Problem['side'], readonly StationName[]>> = {
  you: ['you'],
  card_issuer: ['bank'],
  bank: ['bank'],
  network: ['you'],
  wallet: ['purser'],
  policy: ['purser'],
  security: ['purser'],
  account: ['purser'],
  app: ['you'],
  device: ['you'],
  third_party: ['registry', 'merchant', 'payee'],
};

/** Draws how far it went: reached up to the station concerned, that one stopped or waiting, the rest never reached. */
function drawPath(
  kind: string,
  record: Pick<OperationRecord, 'state' | 'step' | 'endedAt'>,
  failure: Problem | null,
): Stations {
  const path = paths[kind];
  assert(path, `no path for ${kind}`);
  if (record.state === 'succeeded') return path.stations.map((station) => ({ station, state: 'reached' }));
  const stopped =
    failure && record.endedAt
      ? sideStation[failure.side].find((station) => path.stations.includes(station))
      : undefined;
  const at = stopped ?? path.at[record.step] ?? 'you';
  const here = path.stations.indexOf(at);
  return path.stations.map((station, index) => ({
    station,
    state: index < here ? 'reached' : index > here ? 'never' : record.endedAt ? 'stopped' : 'waiting',
  }));
}

function showFailure(record: OperationRecord, reader: OperationReader): Problem | null {
  if (record.cause === null) return null;
  return describeFailure({
    code: record.cause,
    params: record.causeParams,
    language: reader.language,
    now: reader.now,
    flow: record.kind,
    step: record.step,
    moneyMoved: record.moneyMoved,
    operation: toPublicId('op', record.id),
    reference: humanReference(record.key),
  });
}

const textOf = (data: JsonObject, name: string): string => {
  const value = data[name];
  return typeof value === 'string' ? value : '';
};

const noMoney = (record: OperationRecord) => ({ minor: '0', currency: record.amount?.currency ?? 'CNY' });

/** Tries left at the last code that was sent, less the wrong ones entered since. */
function triesLeft(data: JsonObject, events: readonly ShownEvent[]): number {
  const sentAt = events.findLastIndex((event) => event.event === 'code_sent');
  const wrong = events.slice(sentAt + 1).filter((event) => event.cause === 'otp.wrong').length;
  return Math.max(0, Number(data['codeTriesLeft'] ?? 0) - wrong);
}

function showCode(data: JsonObject, events: readonly ShownEvent[]) {
  return {
    sentTo: textOf(data, 'phoneMasked'),
    expiresAt: textOf(data, 'codeExpiresAt'),
    resendAt: textOf(data, 'codeResendAt'),
    triesLeft: triesLeft(data, events),
  };
}

function showCard(record: OperationRecord, reader: OperationReader, shown: ShownWith) {
  const { data } = record;
  return {
    cardId: toPublicId('card', uuid(textOf(data, 'cardId'))),
    bankCode: textOf(data, 'bankCode'),
    bankName: shown.bankName(textOf(data, 'bankCode'))[reader.language],
    last4: textOf(data, 'last4'),
  };
}

/** What each kind shows of its data; nothing else of it leaves. */
const details: Readonly<
  Record<string, (record: OperationRecord, reader: OperationReader, shown: ShownWith) => object>
> = {
  open_wallet: ({ data }, _reader, shown) => ({
    phoneMasked: textOf(data, 'phoneMasked'),
    code: showCode(data, shown.events),
    isNew: typeof data['isNew'] === 'boolean' ? data['isNew'] : null,
  }),
  verify_identity: ({ data }) => ({
    nameMasked: textOf(data, 'nameMasked'),
    idNumberMasked: textOf(data, 'idNumberMasked'),
  }),
  // Nothing is said of the code before name and number were right.
  reset_pin: ({ data }, _reader, shown) => ({
    code: shown.events.some(({ event }) => event === 'code_sent') ? showCode(data, shown.events) : null,
  }),
  bind_card: ({ data }, reader, shown) => ({
    bankCode: textOf(data, 'bankCode'),
    bankName: shown.bankName(textOf(data, 'bankCode'))[reader.language],
    bankHotline: shown.bankHotline?.(textOf(data, 'bankCode')) ?? null,
    cardMasked: textOf(data, 'cardMasked'),
    cardKind: textOf(data, 'cardKind'),
    code: data['codeExpiresAt'] ? showCode(data, shown.events) : null,
  }),
  top_up: (record, reader, shown) => ({ card: showCard(record, reader, shown), fee: noMoney(record) }),
  withdraw: (record, reader, shown) => ({ card: showCard(record, reader, shown), fee: noMoney(record) }),
  pay: ({ data }) => ({
    orderId: toPublicId('ord', uuid(textOf(data, 'orderId'))),
    merchantName: textOf(data, 'merchantName'),
    description: textOf(data, 'description'),
  }),
  transfer: ({ data }) => ({
    payeeNameMasked: textOf(data, 'payeeNameMasked'),
    payeePhoneMasked: textOf(data, 'payeePhoneMasked'),
    note: textOf(data, 'note'),
  }),
};

function showResult(record: OperationRecord): object | null {
  const { result } = record;
  if (!result) return null;
  const id = (prefix: string, name: string) =>
    typeof result[name] === 'string' ? { [name]: toPublicId(prefix, uuid(result[name])) } : {};
  return { ...result, ...id('tx', 'transactionId'), ...id('card', 'cardId') };
}

/** The moment that was shown last: one that is decided at once tells the same one three times. */
let lastShown = { ms: Number.NaN, text: '' };

function showInstant(at: Date): string {
  const ms = at.getTime();
  if (ms !== lastShown.ms) lastShown = { ms, text: at.toISOString() };
  return lastShown.text;
}

const showEvent = ({ at, event, step, attempt, cause }: ShownEvent): Static<typeof TimelineEntry> => ({
  at: showInstant(at),
  event,
  step: step ?? '',
  attempt,
  cause,
});

/** The document of an operation: one shape for every flow, enough to draw its screen after a restart. */
export function showOperation(record: OperationRecord, reader: OperationReader, shown: ShownWith): OperationShape {
  const show = details[record.kind];
  assert(show, `nothing is said of how ${record.kind} is shown`);
  const failure = showFailure(record, reader);
  return {
    id: toPublicId('op', record.id),
    kind: record.kind,
    state: record.state,
    step: record.step,
    reference: humanReference(record.key),
    createdAt: showInstant(record.createdAt),
    updatedAt: showInstant(record.updatedAt),
    deadlineAt: record.deadlineAt?.toISOString() ?? null,
    amount: record.amount ? moneyToJson(record.amount) : null,
    moneyMoved: record.moneyMoved,
    failure,
    path: drawPath(record.kind, record, failure),
    timeline: shown.events.map(showEvent),
    nextAskAt:
      record.state === 'asking' || record.state === 'in_review' ? (record.wakeAt?.toISOString() ?? null) : null,
    cancellable: record.state === 'needs_you',
    details: show(record, reader, shown),
    result: showResult(record),
  } as OperationShape;
}
