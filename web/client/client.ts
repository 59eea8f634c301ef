import type { Static } from 'typebox';
import type {
  OperationKind,
  OperationList,
  OperationOf,
  OperationShape,
  Preflight,
  PreflightResult,
  StartInput,
  StepInput,
} from '../../src/contract/operations.ts';
import type { LedgerReceipt } from '../../src/contract/receipt.ts';
import type { AllowSmallPayments, SmallPayments } from '../../src/contract/transfers.ts';
import type {
  Balance,
  Card,
  CardList,
  CardLookupResult,
  Limits,
  Me,
  Order,
  PayeeResult,
  ServiceStatus,
  SessionList,
  SessionResult,
  SessionState,
  SetPin,
  TransactionDetail,
  TransactionList,
  Unfreeze,
  CloseWallet,
  UpdateMe,
  VisitResult,
} from '../../src/contract/wallet.ts';
import { send, type Call, type ClientSettings } from './send.ts';

/** The operation when it is another version than the one known, or when the wait is over. */
type WatchOptions = { signal?: AbortSignal };
type Page = { cursor?: string | undefined; limit?: number; signal?: AbortSignal | undefined };

const query = (values: Record<string, string | number | boolean | undefined>): string => {
  const given = Object.entries(values).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
};

/**
 * The wallet's API, typed by its contract. Every call returns the answer or throws a `ProblemError` with a problem
 * document. What moves something is an operation under an id that the caller made: call it again with the same id
 * after any trouble and it is done once.
 */
export function createClient(settings: ClientSettings) {
  const call = <T>(request: Call): Promise<T> => send<T>(settings, request);
  const get = <T>(path: string, signal?: AbortSignal) => call<T>({ method: 'GET', path, signal });
  const operationPath = (id: string) => `/v1/operations/${encodeURIComponent(id)}`;
  const about = (operation: OperationShape | { id: string; kind: OperationKind }) => ({
    operation: operation.id,
    flow: operation.kind,
  });

  return {
    startVisit: () => call<Static<typeof VisitResult>>({ method: 'POST', path: '/v1/visits' }),
    startSession: (operationId: string, device: string) =>
      call<Static<typeof SessionResult>>({ method: 'POST', path: '/v1/sessions', body: { operationId, device } }),
    /** Whether there is a session; answered also when there is none. */
    session: (signal?: AbortSignal) => get<Static<typeof SessionState>>('/v1/sessions/current', signal),
    sessions: (signal?: AbortSignal) => get<Static<typeof SessionList>>('/v1/sessions', signal),
    endSession: (id: string) => call<undefined>({ method: 'DELETE', path: `/v1/sessions/${encodeURIComponent(id)}` }),
    signOut: () => call<undefined>({ method: 'DELETE', path: '/v1/sessions/current' }),

    me: (signal?: AbortSignal) => get<Me>('/v1/me', signal),
    updateMe: (body: Static<typeof UpdateMe>) => call<Me>({ method: 'PATCH', path: '/v1/me', body }),
    limits: (signal?: AbortSignal) => get<Static<typeof Limits>>('/v1/me/limits', signal),
    setPin: (body: Static<typeof SetPin>) => call<undefined>({ method: 'PUT', path: '/v1/me/payment-pin', body }),
    freeze: () => call<undefined>({ method: 'POST', path: '/v1/me/freeze' }),
    close: (body: Static<typeof CloseWallet>) => call<undefined>({ method: 'POST', path: '/v1/me/close', body }),
    unfreeze: (body: Static<typeof Unfreeze>) => call<undefined>({ method: 'POST', path: '/v1/me/unfreeze', body }),
    smallPayments: (signal?: AbortSignal) => get<Static<typeof SmallPayments>>('/v1/me/small-payments', signal),
    allowSmallPayments: (body: Static<typeof AllowSmallPayments>) =>
      call<Static<typeof SmallPayments>>({ method: 'PUT', path: '/v1/me/small-payments', body }),
    endSmallPayments: () => call<undefined>({ method: 'DELETE', path: '/v1/me/small-payments' }),
    balance: (signal?: AbortSignal) => get<Balance>('/v1/balance', signal),

    cards: (signal?: AbortSignal) => get<Static<typeof CardList>>('/v1/cards', signal),
    card: (id: string, signal?: AbortSignal) => get<Card>(`/v1/cards/${encodeURIComponent(id)}`, signal),
    removeCard: (id: string) => call<undefined>({ method: 'DELETE', path: `/v1/cards/${encodeURIComponent(id)}` }),
    lookUpCard: (prefix: string, signal?: AbortSignal) =>
      call<Static<typeof CardLookupResult>>({
        method: 'POST',
        path: '/v1/cards/lookup',
        body: { prefix },
        signal,
        reads: true,
      }),

    transactions: ({ cursor, limit, signal }: Page = {}) =>
      get<Static<typeof TransactionList>>(`/v1/transactions${query({ cursor, limit })}`, signal),
    transaction: (id: string, signal?: AbortSignal) =>
      get<Static<typeof TransactionDetail>>(`/v1/transactions/${encodeURIComponent(id)}`, signal),

    /** To be kept: what proves that the movement stands in the book. */
    receipt: (id: string) => get<LedgerReceipt>(`/v1/transactions/${encodeURIComponent(id)}/receipt`),

    lookUpPayee: (phone: string, signal?: AbortSignal) =>
      call<Static<typeof PayeeResult>>({ method: 'POST', path: '/v1/payees', body: { phone }, signal, reads: true }),
    order: (id: string, signal?: AbortSignal) => get<Order>(`/v1/orders/${encodeURIComponent(id)}`, signal),
    status: (signal?: AbortSignal) => get<Static<typeof ServiceStatus>>('/v1/status', signal),

    operations: ({ open, cursor, limit, signal }: Page & { open?: boolean } = {}) =>
      get<Static<typeof OperationList>>(`/v1/operations${query({ open, cursor, limit })}`, signal),
    operation: (id: string, signal?: AbortSignal) => get<OperationShape>(operationPath(id), signal),
    /** Every cause that would refuse it now; does nothing. */
    preflight: (body: Preflight, signal?: AbortSignal) =>
      call<Static<typeof PreflightResult>>({
        method: 'POST',
        path: '/v1/preflight',
        body,
        signal,
        flow: body.kind,
        reads: true,
      }),
    /** Begins it, or answers with what it is now when this id was begun before. */
    start: <K extends OperationKind>(id: string, kind: K, input: StartInput<K>) =>
      call<OperationOf<K>>({
        method: 'POST',
        path: '/v1/operations',
        body: { id, kind, input },
        operation: id,
        flow: kind,
      }),
    /** Sends at once, without the PIN, a sum small enough; refused where the PIN is needed. The same id is the same transfer. */
    sendSmall: (id: string, input: StartInput<'transfer'>) =>
      call<OperationOf<'transfer'>>({
        method: 'POST',
        path: '/v1/transfers',
        body: { id, ...input },
        operation: id,
        flow: 'transfer',
      }),
    submit: (operation: OperationShape, body: Static<typeof StepInput>) =>
      call<OperationShape>({
        method: 'POST',
        path: `${operationPath(operation.id)}/steps/${encodeURIComponent(operation.step)}`,
        body,
        ...about(operation),
      }),
    resendCode: (operation: OperationShape) =>
      call<OperationShape>({ method: 'POST', path: `${operationPath(operation.id)}/resend-code`, ...about(operation) }),
    /** Asks the outside party now, by the same reference; moves nothing. */
    ask: (operation: OperationShape) =>
      call<OperationShape>({ method: 'POST', path: `${operationPath(operation.id)}/ask`, ...about(operation) }),
    cancel: (operation: OperationShape) =>
      call<OperationShape>({ method: 'POST', path: `${operationPath(operation.id)}/cancel`, ...about(operation) }),
    /** Answers as soon as it is no longer as it was at `updatedAt`, or after some seconds. */
    watch: (operation: Pick<OperationShape, 'id' | 'updatedAt'>, { signal }: WatchOptions = {}) =>
      get<OperationShape>(
        `${operationPath(operation.id)}${query({ since: operation.updatedAt, waitMs: 15_000 })}`,
        signal,
      ),
  };
}

export type Client = ReturnType<typeof createClient>;
