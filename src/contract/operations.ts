import { Type, type Static } from 'typebox';
import { CardId, Instant, MoneyShape, nullable, oneOf, OperationId, OrderId, strict, TransactionId } from './common.ts';
import { MoneyMoved, Problem } from './problem.ts';

export const OperationState = oneOf(
  ['needs_you', 'working', 'asking', 'in_review', 'succeeded', 'refused', 'failed', 'cancelled', 'expired'],
  { description: 'asking: an outside party was asked and its answer is awaited; the outcome is unknown, not failed' },
);
export type OperationState = Static<typeof OperationState>;

const Pin = Type.String({ pattern: '^[0-9]{6}$', description: 'Payment PIN' });
const Code = Type.String({ pattern: '^[0-9]{6}$', description: 'One-time code' });
const text = (max: number) => Type.String({ minLength: 0, maxLength: max });

/** What each kind of operation is started with. Fields are checked for sense by the flow, which answers with a cause. */
export const startInputs = {
  /** Opens a wallet, or signs in when the number has one. */
  open_wallet: strict({ phone: text(32), language: oneOf(['zh-CN', 'en']) }),
  verify_identity: strict({ name: text(64), idNumber: text(32) }),
  /** A new payment PIN without the former one; in a session, or in a visit that is asked for the PIN while signing in. */
  reset_pin: strict({ name: text(64), idNumber: text(32) }),
  /** `reservedPhone`: the number that the bank has; left out, it is that of the wallet. */
  bind_card: strict({ cardNumber: text(32), reservedPhone: Type.Optional(text(32)) }),
  top_up: strict({ cardId: CardId, amount: MoneyShape }),
  withdraw: strict({ cardId: CardId, amount: MoneyShape }),
  pay: strict({ orderId: OrderId }),
  transfer: strict({ payeePhone: text(32), amount: MoneyShape, note: Type.Optional(text(100)) }),
} as const;
export type OperationKind = keyof typeof startInputs;
const operationKinds = Object.keys(startInputs) as OperationKind[];

/** `POST /v1/operations`: the id is made by the caller and is the idempotency key, for ever. */
export type StartOperation = { [K in OperationKind]: { id: string; kind: K; input: StartInput<K> } }[OperationKind];
export const StartOperation = Type.Unsafe<StartOperation>(
  Type.Union(
    operationKinds.map((kind) =>
      strict({ id: OperationId, kind: Type.Literal(kind), input: startInputs[kind] }, { title: kind }),
    ),
  ),
);
export type Preflight = { [K in OperationKind]: { kind: K; input: StartInput<K> } }[OperationKind];
export const Preflight = Type.Unsafe<Preflight>(
  Type.Union(
    operationKinds.map((kind) => strict({ kind: Type.Literal(kind), input: startInputs[kind] }, { title: kind })),
  ),
);
/** Every cause that would refuse it now; empty when nothing stands in the way. */
export const PreflightResult = strict({ problems: Type.Array(Problem) });

export const StepInput = strict({
  code: Type.Optional(Code),
  pin: Type.Optional(Pin),
});

const CardBrief = strict({
  cardId: nullable(CardId),
  bankCode: Type.String(),
  bankName: Type.String(),
  last4: Type.String(),
});

const CodeDetails = strict({
  sentTo: Type.String({ description: 'Masked phone' }),
  expiresAt: Instant,
  resendAt: Instant,
  triesLeft: Type.Integer(),
});

/** What is public about an operation, by kind: enough to draw its screen after a restart. */
const operationDetails = {
  open_wallet: strict({
    phoneMasked: Type.String(),
    code: CodeDetails,
    /** Only after the code was right. */
    isNew: nullable(Type.Boolean()),
  }),
  verify_identity: strict({ nameMasked: Type.String(), idNumberMasked: Type.String() }),
  reset_pin: strict({ code: nullable(CodeDetails) }),
  bind_card: strict({
    bankCode: Type.String(),
    bankName: Type.String(),
    /** Its number from the verified directory. */
    bankHotline: nullable(Type.String()),
    cardMasked: Type.String(),
    cardKind: oneOf(['debit', 'credit']),
    code: nullable(CodeDetails),
  }),
  top_up: strict({ card: CardBrief, fee: MoneyShape }),
  withdraw: strict({ card: CardBrief, fee: MoneyShape }),
  pay: strict({ orderId: OrderId, merchantName: Type.String(), description: Type.String() }),
  transfer: strict({ payeeNameMasked: Type.String(), payeePhoneMasked: Type.String(), note: Type.String() }),
} as const satisfies Record<OperationKind, ReturnType<typeof strict>>;

const operationResults = {
  open_wallet: strict({ isNew: Type.Boolean() }),
  verify_identity: strict({ accountClass: Type.Integer() }),
  reset_pin: strict({ pausedUntil: Instant }),
  bind_card: strict({ cardId: CardId, accountClass: Type.Integer() }),
  top_up: strict({ transactionId: TransactionId, balanceBefore: MoneyShape, balanceAfter: MoneyShape }),
  withdraw: strict({ transactionId: TransactionId, balanceBefore: MoneyShape, balanceAfter: MoneyShape }),
  pay: strict({ transactionId: TransactionId, balanceBefore: MoneyShape, balanceAfter: MoneyShape }),
  transfer: strict({ transactionId: TransactionId, balanceBefore: MoneyShape, balanceAfter: MoneyShape }),
} as const satisfies Record<OperationKind, ReturnType<typeof strict>>;

/** A station of the path that a failure or a wait is drawn on. */
export const Station = strict({
  station: oneOf(['you', 'purser', 'bank', 'registry', 'policy', 'debit', 'credit', 'payee', 'merchant', 'card']),
  state: oneOf(['reached', 'stopped', 'waiting', 'never']),
});

export const TimelineEntry = strict({
  at: Instant,
  /** What was done, by code; the app has the words (`timeline.<event>`). */
  event: Type.String(),
  step: Type.String(),
  attempt: nullable(Type.Integer()),
  cause: nullable(Type.String()),
});

const operationOf = <K extends OperationKind>(kind: K) =>
  strict(
    {
      id: OperationId,
      kind: Type.Literal(kind),
      state: OperationState,
      /** The step it is at; with `needs_you` the name of the step to submit. */
      step: Type.String(),
      reference: Type.String({ description: 'Short reference for people, e.g. P7K4-2M9X' }),
      createdAt: Instant,
      updatedAt: Instant,
      /** When the present wait ends, by what then happens of itself. */
      deadlineAt: nullable(Instant),
      amount: nullable(MoneyShape),
      moneyMoved: MoneyMoved,
      /** The cause of a refused or failed operation, or while asking the cause of the wait. */
      failure: nullable(Problem),
      path: Type.Array(Station),
      timeline: Type.Array(TimelineEntry),
      nextAskAt: nullable(Instant),
      cancellable: Type.Boolean(),
      details: operationDetails[kind],
      result: nullable(operationResults[kind]),
    },
    { title: kind },
  );

export const operationShapes = {
  open_wallet: operationOf('open_wallet'),
  verify_identity: operationOf('verify_identity'),
  reset_pin: operationOf('reset_pin'),
  bind_card: operationOf('bind_card'),
  top_up: operationOf('top_up'),
  withdraw: operationOf('withdraw'),
  pay: operationOf('pay'),
  transfer: operationOf('transfer'),
} as const;

export type OperationOf<K extends OperationKind> = Static<(typeof operationShapes)[K]>;
export type OperationShape = { [K in OperationKind]: OperationOf<K> }[OperationKind];
export const OperationShape = Type.Unsafe<OperationShape>(Type.Union(Object.values(operationShapes)));
export type StartInput<K extends OperationKind> = Static<(typeof startInputs)[K]>;

export const OperationList = strict({ operations: Type.Array(OperationShape), nextCursor: nullable(Type.String()) });
