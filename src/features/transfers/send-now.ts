import { assert } from '../../kernel/assert.ts';
import { addMs, minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import { CNY } from '../../kernel/currencies.ts';
import type { Digest } from '../../kernel/envelope.ts';
import { Failure } from '../../kernel/failure.ts';
import { deriveId, type Uuid } from '../../kernel/ids.ts';
import type { Pin } from '../../kernel/masked.ts';
import { money, moneyToJson, type Money, type MoneyJson } from '../../kernel/money.ts';
import { createTurns } from '../../kernel/turns.ts';
import { refusal, refusalFrom } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import { gatherReads } from '../../database/gather-reads.ts';
import type { TextWithGaps } from '../../database/rider.ts';
import type { Ledger, NewTransfer, TransferOutcome } from '../../ledger/ledger.ts';
import { LedgerUnavailable, RidersRefused } from '../../ledger/ledger-errors.ts';
import type { Actor, JsonObject, OperationRecord } from '../../operations/flow.ts';
import { recordOf, riderOf, type Instant, type Instants, type Surroundings } from '../../operations/instant.ts';
import { operationKey } from '../../operations/operation-key.ts';
import type { OperationEvent } from '../../operations/store.ts';
import { usesOf, type KnownAllowance } from '../books/allowances.ts';
import { accountId, transferCodes } from '../books/chart.ts';
import { createKnownAllowances } from '../books/known-allowances.ts';
import { limitFailure, limitThatRefused } from '../books/limit-failure.ts';
import type { LimitRules } from '../books/limit-rules.ts';
import { readAmount } from '../books/read-amount.ts';
import { findPayers, type Payer } from '../payments/small-payments.ts';
import { whatKeepsFromMoving } from '../people/check-ready.ts';
import { accountObstacle, loadPerson, type Mover, type Payee } from '../people/person.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { admitPayee, findTypedPayees, type TypedPayee } from './find-payee.ts';
import { createOpenTransfers } from './open-transfers.ts';
import { settleUnknown } from './settle-unknown.ts';
import { tellLedgerFailure } from './tell-ledger-failure.ts';
import { cleanNote, transferIntent, type TransferData } from './transfer.ts';

export type SendNowDependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  digest: Digest;
  security: SecurityDoor;
  limits: LimitRules;
  instants: Instants;
  fingerprint: (content: unknown) => Buffer;
  /** Takes the PIN for a transfer that was begun step by step, and runs it. */
  confirm: (request: { ownerId: Uuid; id: Uuid; input: JsonObject; actor: Actor }) => Promise<OperationRecord>;
};

export type SendNowRequest = {
  actor: Actor & { personId: Uuid };
  id: Uuid;
  input: { payeePhone: string; amount: MoneyJson; note?: string };
  /** Left out where the person allows small payments without it. */
  pin: Pin | undefined;
};

/** `events` where they are known without reading them. */
export type Sent = { record: OperationRecord; events: readonly OperationEvent[] | undefined };

/** By when a transfer must have been decided; whoever asked has long gone by then, and asks again with the same id. */
const DECIDED_WITHIN_MS = 10 * secondMs;
const KIND = 'transfer';
const minOf = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * Sends money from one wallet to another in one request and one commit that it shares with others: the movement, the use
 * of the limits, the operation and its event are written together or not at all. The same operation as one that is begun
 * and confirmed step by step: same id, same content, same answer. A refusal leaves nothing behind but counted tries.
 * Causes: those of the transfer, the limits and the PIN; `security.pin_required` for a sum that needs it;
 * `wallet.overloaded` (nothing was done, nor will be) and `wallet.fault` (unknown: ask again with the same id), and for an equal one
 * meanwhile `operation.in_progress` or `operation.previous_unsettled`.
 */
export function createSendNow(deps: SendNowDependencies): (request: SendNowRequest) => Promise<Sent> {
  const { clock, limits, instants, fingerprint } = deps;
  const people = createPeople(deps);
  const allowancesOf = createKnownAllowances(deps);
  const countPayee = createPayeeCount(deps);
  const clashes = createClashCount(clock);
  const keepOpen = createOpenTransfers(deps);

  /** What is there already is the answer, whatever else would be said of the request. */
  async function answer(key: Uuid, request: SendNowRequest, digest: Buffer): Promise<Sent> {
    const { actor, id, input, pin } = request;
    const parties = Promise.all([people.byId(actor.personId), people.byTyped(input.payeePhone)]);
    parties.catch(() => undefined);
    const around = await instants.look({ key, ownerId: actor.personId, fingerprint: digest });
    if (!around.known) return decide(key, request, digest, around, await parties);
    if (around.known.step !== 'confirm' || !pin) return { record: around.known, events: undefined };
    const entered = { ownerId: actor.personId, id, input: { pin: pin.reveal() }, actor };
    return { record: await deps.confirm(entered), events: undefined };
  }

  async function decide(
    key: Uuid,
    { id, input, pin }: SendNowRequest,
    digest: Buffer,
    around: Surroundings,
    [paying, { payee: found, number, numberDigest }]: [Payer | undefined, TypedPayee],
  ): Promise<Sent> {
    assert(paying, 'a session belongs to a person');
    const { mover: payer, setting } = paying;
    const [obstacle] = whatKeepsFromMoving(payer, setting.pinSet);
    if (obstacle) throw obstacle;
    clashes.refuseTooMany(payer.id);
    await countPayee(payer.id, number.reveal(), numberDigest);
    const payee = admitPayee(found, payer.id);
    const amount = readAmount(input.amount);
    const intent = transferIntent(payee.id, amount);
    around.refuseTwice(intent);
    const withoutPinUpTo = minOf(setting.withoutPinUpTo, limits.singleWithoutPin.minor);
    if (pin) await deps.security.checkPin({ personId: payer.id, pin });
    else if (amount.minor > withoutPinUpTo) throw refusal('security.pin_required');
    const now = clock.now();
    // A PIN that was reset in this moment is right, and brings its pause with it: that is read after the PIN.
    const { pause } = (pin && (await people.byId(payer.id))?.mover) || payer;
    const rules = limits.balance(limits.classOf(payer.channelCount), now, pause);
    if (!pin) rules.unshift(...limits.withoutPin(now));
    const policyVersion = limits.version();
    const allowances = await allowancesOf(payer, rules, policyVersion);
    const data: TransferData = {
      personId: payer.id,
      payerNameMasked: payer.nameMasked ?? '',
      payeeId: payee.id,
      payeeNameMasked: payee.nameMasked ?? '',
      payeePhoneMasked: payee.phoneMasked,
      note: cleanNote(input.note ?? ''),
    };
    const instant: Instant = {
      key,
      ownerId: payer.id,
      id,
      kind: KIND,
      fingerprint: digest,
      data,
      amount,
      policyVersion,
      detail: { withPin: pin !== undefined },
      now,
    };
    const before = addMs(clock.now(), DECIDED_WITHIN_MS);
    const parties = { payer, payee, allowances, before };
    return keepOpen({ ownerId: payer.id, intent, key, id, before }, () =>
      settleUnknown(deps, { instant, intent }, () => post(deps, instant, parties, () => clashes.add(payer.id))),
    );
  }

  return async (request) => {
    const { actor, id, input } = request;
    const key = operationKey(actor.personId, id);
    // As a step-by-step start of the same transfer has it, so that the two are one.
    const digest = fingerprint({ kind: KIND, input });
    try {
      return await clashes.inTurn(actor.personId, () => answer(key, request, digest));
    } catch (error) {
      throw tellLedgerFailure(error, clock.now(), { flow: KIND, step: 'confirm', ...about(error, id, key) });
    }
  };
}

/** Only an outcome that nobody knows belongs to an operation; a refusal leaves none. */
const about = (error: unknown, operationId: Uuid, key: Uuid) =>
  error instanceof LedgerUnavailable ? { operationId, key } : {};

/** Whoever asks at the same time is read together. */
function createPeople({ database, digest }: { database: Database; digest: Digest }) {
  const byTyped = gatherReads<string, TypedPayee | Failure>(async (typed) => {
    const found = await findTypedPayees({ database, digest }, [...new Set(typed)]);
    return typed.map((text) => found.get(text)!);
  });
  return {
    async byTyped(typed: string): Promise<TypedPayee> {
      const found = await byTyped(typed);
      if (found instanceof Failure) throw found;
      return found;
    },
    byId: gatherReads<Uuid, Payer | undefined>(async (ids) => {
      const found = await findPayers(database, [...new Set(ids)]);
      return ids.map((id) => found.get(id));
    }),
  };
}

const COUNTED_FOR_MS = 10 * minuteMs;
const MOST_COUNTED = 100_000;

/** Counts a number against collecting numbers; for some minutes the same one is known here to be counted already. */
function createPayeeCount({ security, clock }: { security: SecurityDoor; clock: Clock }) {
  const counted = new Map<string, number>();
  const count = async (payerId: Uuid, number: string, pair: string, now: number): Promise<void> => {
    await security.spendTry({ scope: 'look_up_payee', subject: payerId, about: number });
    counted.delete(pair);
    counted.set(pair, now + COUNTED_FOR_MS);
    const oldest = counted.size > MOST_COUNTED ? counted.keys().next().value : undefined;
    if (oldest !== undefined) counted.delete(oldest);
  };
  /** Nothing to wait for where it is counted. */
  return (payerId: Uuid, number: string, numberDigest: string): Promise<void> | undefined => {
    const pair = `${payerId} ${numberDigest}`;
    const now = clock.now().getTime();
    return (counted.get(pair) ?? 0) > now ? undefined : count(payerId, number, pair, now);
  };
}

const CLASHES = 10;
const CLASHES_MS = 10 * minuteMs;
const AT_ONCE = 8;

/**
 * An operation that is begun in two ways in the same moment undoes a batch of the ledger, and all that is in it waits
 * for the next. An app does that hardly ever, and who does it again and again makes everybody wait: so few of one person
 * are under way at once, and after some clashes none for a while.
 */
function createClashCount(clock: Clock) {
  const kept = new Map<Uuid, { count: number; until: Date }>();
  const current = (personId: Uuid) => {
    const found = kept.get(personId);
    return found && found.until > clock.now() ? found : undefined;
  };
  return {
    inTurn: createTurns<Uuid>(AT_ONCE),
    add(personId: Uuid): void {
      const count = (current(personId)?.count ?? 0) + 1;
      kept.delete(personId);
      kept.set(personId, { count, until: addMs(clock.now(), CLASHES_MS) });
      const oldest = kept.size > MOST_COUNTED ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
    },
    /** Cause: `limit.too_fast`. */
    refuseTooMany(personId: Uuid): void {
      const { count, until } = current(personId) ?? { count: 0, until: clock.now() };
      if (count >= CLASHES) throw refusal('limit.too_fast', { params: { until }, retryAt: until });
    },
  };
}

type Parties = { payer: Mover; payee: Payee; allowances: readonly KnownAllowance[]; before: Date };

async function post(deps: SendNowDependencies, instant: Instant, parties: Parties, onClash: () => void): Promise<Sent> {
  const { ledger, instants } = deps;
  const { key, amount, fingerprint } = instant;
  const { payer, payee, allowances, before } = parties;
  const transferId = deriveId(key, 'money');
  const uses = usesOf(key, allowances, amount);
  const chain: NewTransfer[] = [
    ...uses.before,
    {
      id: transferId,
      kind: 'post',
      code: transferCodes.transfer,
      operationId: key,
      debitAccountId: accountId(payer.balanceAccount),
      creditAccountId: accountId(payee.balanceAccount),
      amount: amount.minor,
      counts: uses.counts,
    },
  ];
  const rider = riderOf(instant, resultWithGaps(transferId, chain.length - 1));
  const [outcomes = []] = await ledger.post([chain], { before, riders: [[rider]] }).catch((error: unknown) => {
    // Somebody has just begun the same operation in another way: what they made of it is the answer.
    if (!(error instanceof RidersRefused)) throw error;
    onClash();
    return [[]];
  });
  const money = outcomes.at(-1);
  if (money?.outcome === 'posted' && money.balances) {
    return recordOf(instant, resultOf(transferId, amount, money.balances.debit));
  }
  const refused = outcomes.findIndex(isRefusal);
  if (refused >= 0) throw await causeOf(deps, parties, amount, refused, outcomes[refused]);
  const record = await instants.find(key, fingerprint);
  if (record) return { record, events: undefined };
  if (outcomes.some(({ outcome }) => outcome === 'refused')) throw refusal('operation.conflict').within({ flow: KIND });
  assert(false, 'what was posted with an operation is there with it');
}

/** A refusal of its own, and not for what another operation or another try with this id did. */
const isRefusal = (outcome: TransferOutcome): boolean =>
  outcome.outcome === 'refused' && !/^(linked_event_failed|exists_with|id_already_failed)/.test(outcome.reason);

const balances = (before: string, after: string): [string, string] => [
  `"balanceBefore":{"minor":"${before}`,
  `"balanceAfter":{"minor":"${after}`,
];

/** The result as it is stored; only the decision knows the balances. */
function resultWithGaps(transferId: Uuid, of: number): TextWithGaps {
  const [before, after] = balances('', '');
  const end = `","currency":"${CNY}"}`;
  return [
    `{"transactionId":"${transferId}",${before}`,
    { of, is: 'debitBalanceBefore' },
    `${end},${after}`,
    { of, is: 'debitBalance' },
    `${end}}`,
  ];
}

const resultOf = (transferId: Uuid, amount: Money, balanceAfter: bigint): JsonObject => ({
  transactionId: transferId,
  balanceBefore: moneyToJson(money(balanceAfter + amount.minor, CNY)),
  balanceAfter: moneyToJson(money(balanceAfter, CNY)),
});

async function causeOf(
  { ledger, database }: SendNowDependencies,
  { payer, payee, allowances }: Parties,
  amount: Money,
  index: number,
  outcome: TransferOutcome | undefined,
): Promise<Failure> {
  assert(outcome?.outcome === 'refused', 'a refusal was found');
  const { reason } = outcome;
  const account = accountId(payer.balanceAccount);
  const limit = await limitThatRefused(ledger, { index, reason }, { allowances, payer: account, amount });
  if (limit) {
    // With the PIN the sum of the day is a larger one.
    const ofNoPin = limit.limit.startsWith('without_pin');
    return ofNoPin ? refusal('security.pin_required') : limitFailure(limit);
  }
  const holder = await ledger.account(account);
  assert(holder, 'the account was just used');
  const available = money(holder.creditsPosted - holder.debitsPosted - holder.debitsPending, CNY);
  if (reason === 'exceeds_credits') return refusal('account.insufficient_balance', { params: { available } });
  if (reason === 'debit_account_closed') return refusal('account.closed');
  if (reason === 'debit_account_frozen') {
    const now = await loadPerson(database.kysely, payer.id);
    return accountObstacle(now) ?? refusalFrom('account.frozen_security', {});
  }
  if (reason === 'credit_account_closed') {
    return refusal('third_party.payee_cannot_receive', { params: { payee: payee.nameMasked ?? payee.phoneMasked } });
  }
  assert(false, `no cause for ${reason}`);
}
