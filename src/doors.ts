import { assert } from './kernel/assert.ts';
import { toPublicId, uuid, type Uuid } from './kernel/ids.ts';
import { refusal } from './causes/refusal.ts';
import { bankNameOf, findBank } from './policy/banks.ts';
import type { ReadBankNotice } from './ports/bank-rail.ts';

import { readBankHealth } from './features/banks/bank-health.ts';
import { receiveNotice } from './features/banks/receive-notice.ts';
import { readAllowances } from './features/books/allowances.ts';
import { readHoldings } from './features/books/read-account.ts';
import { findCard, findCards, type BoundCard } from './features/cards/card.ts';
import { lookUpCard, removeCard } from './features/cards/list-cards.ts';
import { readReceipt, readReceiptOfOperation } from './features/history/read-receipt.ts';
import { listTransactions, readTransaction } from './features/history/transactions.ts';
import { findMerchantByKey } from './features/merchants/merchant.ts';
import { listMovements } from './features/merchants/list-movements.ts';
import { readPayout } from './features/payouts/pay-out.ts';
import { readPayoutReceipt } from './features/payouts/read-receipt.ts';
import { tellPayouts } from './features/payouts/tell-payouts.ts';
import type { HistoryEntry } from './ledger/ledger.ts';
import { createOrder, loadOrder, readMerchantOrder } from './features/merchants/order.ts';
import { readOrderReceipt } from './features/merchants/read-receipt.ts';
import { closeOwn } from './features/people/close-own.ts';
import { countCompared } from './features/people/compare-books.ts';
import { freezeOwn, unfreezeOwn } from './features/people/freeze-own.ts';
import { allowSmallPayments, endSmallPayments, readSmallPayments } from './features/payments/small-payments.ts';
import { loadPerson } from './features/people/person.ts';
import { readBalance, readLimits, readMe, setLanguage } from './features/people/read-me.ts';
import { readCorrected } from './features/review/as-corrected.ts';
import { countWaitingAccounts } from './features/review/accounts.ts';
import { addCounts, countCases } from './features/review/cases.ts';
import { setPin } from './features/security/set-pin.ts';
import { endSession, endSessionOfPerson } from './features/sessions/end-session.ts';
import { createSessionFinder } from './features/sessions/find-session.ts';
import { listSessions } from './features/sessions/list-sessions.ts';
import { startSession } from './features/sessions/start-session.ts';
import { startVisit } from './features/sessions/start-visit.ts';
import { lookUpPayee } from './features/transfers/find-payee.ts';
import type {
  CardView,
  LedgerDoor,
  MerchantDoor,
  OperationDoor,
  OperationView,
  PersonDoor,
  PublicDoor,
  SessionDoor,
  TransferDoor,
} from './http/dependencies.ts';
import type { OperationRecord } from './operations/flow.ts';
import type { Wallet, WalletGround } from './wallet.ts';

/** The doors of HTTP into the wallet: each a plain object of functions with their dependencies bound. */

type Rooms = { ground: WalletGround; wallet: Wallet };

const payoutTeller =
  ({ database }: WalletGround) =>
  (entries: readonly HistoryEntry[]) =>
    tellPayouts(database, entries);
const hotlineOf = (bankCode: string): string | null => findBank(bankCode)?.hotline ?? null;

export function operationDoor({ ground, wallet }: Rooms): OperationDoor {
  const { operations } = wallet;
  const views = async (records: readonly OperationRecord[]): Promise<OperationView[]> => {
    const [events, corrected] = await Promise.all([
      operations.eventsOf(records.map(({ key }) => key)),
      readCorrected(ground, records),
    ]);
    return records.map((ended) => {
      const { record, event } = corrected.get(ended.key) ?? { record: ended, event: undefined };
      const said = [...(events.get(ended.key) ?? []), ...(event ? [event] : [])];
      return { record, shown: { events: said, bankName: bankNameOf, bankHotline: hotlineOf } };
    });
  };
  const view = async (record: OperationRecord): Promise<OperationView> => {
    const [shown] = await views([record]);
    assert(shown, 'one view for each');
    return shown;
  };
  return {
    start: async (request) => view(await operations.start(request)),
    submit: async (request) => view(await operations.submit(request)),
    cancel: async (request) => view(await operations.cancel(request)),
    ask: async (request) => view(await operations.ask(request)),
    resendCode: async (request) => view(await operations.resendCode(request)),
    get: async (request) => view(await operations.get(request)),
    waitForChange: async (request) => view(await operations.waitForChange(request, request.version, request.waitMs)),
    list: async ({ before, ...query }) => views(await operations.list({ ...query, ...(before ? { before } : {}) })),
    preflight: (request) => operations.preflight(request),
  };
}

export function sessionDoor({ ground, wallet }: Rooms): SessionDoor {
  return {
    startVisit: (request) => startVisit(ground, request),
    async start({ actor, operationId, device, kind }) {
      const record = await wallet.operations.get({ ownerId: actor.visitorId, id: operationId });
      const personId = record.data['personId'];
      if (record.kind !== 'open_wallet') throw refusal('operation.not_found');
      if (record.state !== 'succeeded' || typeof personId !== 'string') {
        throw refusal('operation.in_progress', { params: { until: record.deadlineAt ?? ground.clock.now() } });
      }
      return startSession(ground, {
        visitSessionId: actor.sessionId,
        personId: uuid(personId),
        operationKey: record.key,
        device,
        kind,
      });
    },
    find: createSessionFinder(ground),
    list: (request) => listSessions(ground, request),
    end: (request) => endSession(ground, request),
    endOfPerson: (request) => endSessionOfPerson(ground, request),
  };
}

export function personDoor({ ground, wallet }: Rooms): PersonDoor {
  const { security, limits, operations } = wallet;
  const deps = { ...ground, security, limits, operations, tellPayouts: payoutTeller(ground) };
  const personOf = (id: Uuid) => loadPerson(ground.database.kysely, id);
  const cardViews = (personId: Uuid, cards: BoundCard[]) => viewCards({ ground, wallet }, personId, cards);
  return {
    readMe: (actor) => readMe(deps, actor.personId),
    setLanguage: (actor, language) => setLanguage(ground, actor.personId, language),
    setPin: (actor, { pin, currentPin }) =>
      setPin(ground, { personId: actor.personId, sessionId: actor.sessionId, pin, currentPin }),
    freeze: (actor) => freezeOwn(deps, actor),
    close: (actor, proof) => closeOwn(deps, actor.personId, proof),
    unfreeze: (actor, proof) => unfreezeOwn(deps, actor.personId, proof),
    readLimits: async (actor) => ({ limits: await readLimits(deps, actor.personId), policyVersion: limits.version() }),
    readBalance: (actor) => readBalance(deps, actor.personId),
    listCards: async (actor) => cardViews(actor.personId, await findCards(ground.database.kysely, actor.personId)),
    async readCard(actor, cardId) {
      const card = await findCard(ground.database.kysely, actor.personId, cardId);
      const [view] = card ? await cardViews(actor.personId, [card]) : [];
      if (!view) throw refusal('operation.not_found');
      return view;
    },
    removeCard: (actor, cardId) => removeCard(ground, actor.personId, cardId),
    listTransactions: async (actor, { before, limit }) =>
      listTransactions(deps, await personOf(actor.personId), { limit, ...(before === undefined ? {} : { before }) }),
    readTransaction: async (actor, id) => readTransaction(deps, await personOf(actor.personId), id),
    readReceipt: async (actor, id) => readReceipt(deps, await personOf(actor.personId), id),
    async readReceiptOfOperation(actor, id) {
      const ended = await operations.get({ ownerId: actor.personId, id });
      const operation = (await readCorrected(ground, [ended])).get(ended.key)?.record ?? ended;
      return readReceiptOfOperation(deps, await personOf(actor.personId), operation);
    },
    lookUpPayee: (actor, phone) => lookUpPayee(deps, actor.personId, phone),
  };
}

async function viewCards({ ground, wallet }: Rooms, personId: Uuid, cards: BoundCard[]): Promise<CardView[]> {
  const health = new Map((await readBankHealth(ground)).map((bank) => [bank.bankCode, bank.state]));
  const { limits } = wallet;
  const person = await loadPerson(ground.database.kysely, personId);
  const [topUp] = await readAllowances(ground, person, limits.topUp(ground.clock.now()), limits.version());
  assert(topUp, 'topping up has a limit');
  return cards.map((card) => ({
    card,
    bankName: bankNameOf(card.bankCode),
    bankHotline: hotlineOf(card.bankCode),
    bankState: health.get(card.bankCode) ?? 'up',
    topUp: { available: topUp.available, allowance: topUp.allowance },
  }));
}

export function transferDoor({ ground, wallet }: Rooms): TransferDoor {
  const { security, limits, operations } = wallet;
  const deps = { ...ground, security, limits };
  return {
    async sendNow(request) {
      const { record, events } = await wallet.sendNow(request);
      return { record, shown: { events: events ?? (await operations.events(record.key)), bankName: bankNameOf } };
    },
    readSmallPayments: (actor) => readSmallPayments(deps, actor.personId),
    allowSmallPayments: (actor, asked) => allowSmallPayments(deps, actor.personId, asked),
    endSmallPayments: (actor) => endSmallPayments(ground, actor.personId),
  };
}

export function merchantDoor({ ground, wallet }: Rooms): MerchantDoor {
  return {
    findByKey: (apiKey) => findMerchantByKey(ground.database.kysely, ground.digest, apiKey),
    listMovements: (merchant, page) =>
      listMovements({ ...ground, operations: wallet.operations, tellPayouts: payoutTeller(ground) }, merchant, page),
    createOrder: (merchant, order) => {
      const { id, amount, description, expiresInSeconds } = order;
      const rest = expiresInSeconds === undefined ? {} : { expiresInSeconds };
      return createOrder({ ...ground, fingerprint: wallet.fingerprint }, merchant, {
        id,
        amount,
        description,
        ...rest,
      });
    },
    readAvailable: async ({ balanceAccount }) => (await readHoldings(ground.ledger, balanceAccount)).available,
    readOrder: (merchant, id) => readMerchantOrder(ground, merchant, id),
    readOrderReceipt: (merchant, id) => readOrderReceipt(ground, merchant, id),
    payOut: wallet.payOut,
    readPayout: (merchant, id) => readPayout(ground, merchant, id),
    readPayoutReceipt: (merchant, id) => readPayoutReceipt(ground, merchant, id),
  };
}

export function ledgerDoor({ ground: { log } }: Rooms): LedgerDoor {
  return {
    keys: () => log.keys(),
    heads: (page) => log.heads(page),
    async consistency(from, to) {
      const newest = to ?? (await log.latestHead())?.size;
      return newest === undefined ? undefined : log.consistency(from, newest);
    },
  };
}

export function publicDoor(
  { ground }: Rooms,
  own: { publicUrl: string; readNotice: ReadBankNotice; checkReady: () => Promise<Readonly<Record<string, boolean>>> },
): PublicDoor {
  return {
    lookUpCard(prefix) {
      const found = lookUpCard(prefix, ground.banks);
      return found && { ...found, bankName: bankNameOf(found.bankCode) };
    },
    readOrder: (publicId) => loadOrder(ground, publicId),
    payUrl: (order) => `${own.publicUrl}/pay/${toPublicId('ord', order.id)}`,
    async readStatus() {
      const banks = (await readBankHealth(ground)).map((bank) => ({ ...bank, bankName: bankNameOf(bank.bankCode) }));
      return { wallet: 'up', banks };
    },
    async receiveBankNotice(request) {
      const notice = own.readNotice(request);
      if (!notice) return false;
      await receiveNotice(ground, notice);
      return true;
    },
    countCompared: () => countCompared(ground),
    countReviews: async () => addCounts(await countCases(ground), await countWaitingAccounts(ground)),
    checkReady: own.checkReady,
  };
}
