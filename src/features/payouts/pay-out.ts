import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import { addMs, secondMs, type Clock } from '../../kernel/clock.ts';
import { CNY } from '../../kernel/currencies.ts';
import type { Digest } from '../../kernel/envelope.ts';
import { Failure } from '../../kernel/failure.ts';
import { deriveId, uuid, type Uuid } from '../../kernel/ids.ts';
import { compare, money, type Money, type MoneyJson } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import type { CauseCode } from '../../causes/registry.ts';
import type { Database } from '../../database/database.ts';
import type { Ledger, NewTransfer, TransferOutcome } from '../../ledger/ledger.ts';
import { LedgerUnavailable, RidersRefused } from '../../ledger/ledger-errors.ts';
import type { OperationRecord } from '../../operations/flow.ts';
import { ridersOf, type Instant, type Instants } from '../../operations/instant.ts';
import { operationKey } from '../../operations/operation-key.ts';
import { accountId, transferCodes } from '../books/chart.ts';
import type { LimitRules } from '../books/limit-rules.ts';
import { readAmount } from '../books/read-amount.ts';
import type { Merchant } from '../merchants/merchant.ts';
import type { Payee } from '../people/person.ts';
import { readPhone } from '../people/phone-number.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { admitPayee, findTypedPayees, type TypedPayee } from '../transfers/find-payee.ts';
import { isNothingDone, tellLedgerFailure } from '../transfers/tell-ledger-failure.ts';
import { cleanNote } from '../transfers/transfer.ts';

export type PayoutDependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  digest: Digest;
  limits: LimitRules;
  instants: Instants;
  security: Pick<SecurityDoor, 'spendTry'>;
  fingerprint: (content: unknown) => Buffer;
};

export type AskedPayout = { id: Uuid; payeePhone: string; amount: MoneyJson; note?: string };
export type PayoutBatch = { id: Uuid; payouts: readonly AskedPayout[] };

/** One payout as it stands: made, at whatever moment, or refused now and free to be asked again. */
export type Payout = { id: Uuid } & (
  | { state: 'paid'; amount: Money; transactionId: Uuid; paidAt: Date }
  | { state: 'refused'; failure: Failure }
);

const KIND = 'payout';
const DECIDED_WITHIN_MS = 10 * secondMs;

type Ready = { instant: Instant; transfer: NewTransfer; payee: Payee };

/**
 * Pays from a merchant's balance to wallets, each payout by itself: its money and its operation in one commit, or its
 * cause and no trace. Asked again, what was paid is answered as paid, and what was refused is tried again; a batch or a
 * payout whose id was used with other content is refused with `operation.conflict`. Causes of single payouts: those of
 * the number and the amount, `limit.single`, `third_party.payee_not_found`, `third_party.payee_cannot_receive`,
 * `account.insufficient_balance`, and `limit.tries` in the place of these three for too many numbers that were not paid. Of the whole: `app.request_invalid` for an id twice, `wallet.overloaded`,
 * `wallet.fault` (unknown: ask again with the same ids).
 */
export function createPayOut(deps: PayoutDependencies) {
  return async (merchant: Merchant, batch: PayoutBatch): Promise<Payout[]> => {
    const { payouts } = batch;
    if (new Set(payouts.map(({ id }) => id)).size < payouts.length) throw refusal('app.request_invalid');
    const isFirstTry = await recordBatch(deps, merchant, batch);
    const made = new Map<Uuid, Payout>();
    const ready = new Map<Uuid, Ready>();
    const typed = [...new Set(payouts.map(({ payeePhone }) => payeePhone))];
    const keys = payouts.map(({ id }) => operationKey(merchant.id, id));
    const [people, known] = await Promise.all([findTypedPayees(deps, typed), deps.instants.findAll(keys)]);
    for (const [index, asked] of payouts.entries()) {
      try {
        const found = prepare(deps, merchant, asked, { key: keys[index]!, known, people });
        if ('transfer' in found) ready.set(asked.id, found);
        else made.set(asked.id, found);
      } catch (error) {
        made.set(asked.id, refusedWith(asked.id, error));
      }
    }
    // In the order of asking, so that the money goes to the first when there is too little for all.
    const hand = payouts.flatMap(({ id }) => ready.get(id) ?? []);
    try {
      for (const payout of await payAll(deps, merchant, hand)) made.set(payout.id, payout);
    } catch (error) {
      // "Nothing was done" would be true of this try only, and not of those before it.
      const isUnknown = isNothingDone(error) && !isFirstTry;
      const told = isUnknown ? new LedgerUnavailable('an earlier try may have been carried out', error) : error;
      throw tellLedgerFailure(told, deps.clock.now(), { flow: KIND });
    }
    const told: Payout[] = [];
    for (const { id, payeePhone } of payouts) {
      const payout = made.get(id);
      assert(payout, 'each has an outcome');
      told.push(payout.state === 'paid' ? payout : await countUnpaid(deps, merchant, payout, payeePhone));
    }
    return told;
  };
}

/** Causes that tell whether somebody has a wallet. */
const TELL_OF_PAYEE: readonly string[] = [
  'third_party.payee_not_found',
  'third_party.payee_cannot_receive',
  'account.insufficient_balance',
] satisfies CauseCode[];

/** Without this a merchant with nothing to pay could find out which numbers have wallets, and whose they are. */
async function countUnpaid(
  { security }: PayoutDependencies,
  merchant: Merchant,
  payout: Payout & { state: 'refused' },
  typed: string,
): Promise<Payout> {
  if (!TELL_OF_PAYEE.includes(payout.failure.code)) return payout;
  try {
    const about = readPhone(typed, 'payee').reveal();
    await security.spendTry({ scope: 'unpaid_payee', subject: merchant.id, about });
    return payout;
  } catch (error) {
    return refusedWith(payout.id, error);
  }
}

/** A payout that was made. Cause: `operation.not_found`. */
export async function readPayout(
  deps: Pick<PayoutDependencies, 'instants'>,
  merchant: Merchant,
  id: Uuid,
): Promise<Payout> {
  const record = await deps.instants.read(operationKey(merchant.id, id));
  if (record?.kind !== KIND) throw refusal('operation.not_found');
  return paidBy(record);
}

function refusedWith(id: Uuid, error: unknown): Payout {
  if (error instanceof Failure) return { id, state: 'refused', failure: error.within({ flow: KIND }) };
  throw error;
}

/**
 * Whether this batch is asked for the first time. The same payouts may have been asked for in another batch, of which this
 * says nothing; merchants are told to ask again with the batch that they asked with.
 */
async function recordBatch(
  { database, clock, fingerprint }: PayoutDependencies,
  merchant: Merchant,
  batch: PayoutBatch,
): Promise<boolean> {
  const content = fingerprint({ kind: 'payouts', merchant: merchant.id, payouts: batch.payouts });
  const key = deriveId(batch.id, `payouts of ${merchant.id}`);
  const db = database.kysely;
  const written = await sql`
    insert into merchant_payout_batch (key, merchant_id, id, fingerprint, created_at)
    values (${key}, ${merchant.id}, ${batch.id}, ${content}, ${clock.now()}) on conflict do nothing`.execute(db);
  if (written.numAffectedRows === 1n) return true;
  const { rows } = await sql<{ fingerprint: Buffer }>`
    select fingerprint from merchant_payout_batch where key = ${key}`.execute(db);
  if (!rows[0]?.fingerprint.equals(content)) throw refusal('operation.conflict').within({ flow: KIND });
  return false;
}

/** What is to be paid, or the payout when this id is one already. */
function prepare(
  { fingerprint, limits, clock }: PayoutDependencies,
  merchant: Merchant,
  { id, ...input }: AskedPayout,
  {
    key,
    known,
    people,
  }: { key: Uuid; known: Awaited<ReturnType<Instants['findAll']>>; people: ReadonlyMap<string, TypedPayee | Failure> },
): Ready | Payout {
  const content = fingerprint({ kind: KIND, input });
  const made = known(key, content);
  if (made) return paidBy(made);
  const found = people.get(input.payeePhone);
  if (found instanceof Failure) throw found;
  // Before anything is told of the payee: a wrong amount costs nothing.
  const amount = readAmount(input.amount);
  if (compare(amount, limits.singlePayout) > 0) {
    throw refusal('limit.single', { params: { limit: limits.singlePayout } });
  }
  const payee = admitPayee(found?.payee, null);
  const instant: Instant = {
    key,
    ownerId: merchant.id,
    id,
    kind: KIND,
    fingerprint: content,
    data: {
      payerNameMasked: merchant.name,
      payeeId: payee.id,
      payeePhoneMasked: payee.phoneMasked,
      note: cleanNote(input.note ?? ''),
    },
    amount,
    policyVersion: limits.version(),
    detail: {},
    now: clock.now(),
    actor: 'merchant',
  };
  const transfer: NewTransfer = {
    id: deriveId(key, 'money'),
    kind: 'post',
    code: transferCodes.payout,
    operationId: key,
    debitAccountId: accountId(merchant.balanceAccount),
    creditAccountId: accountId(payee.balanceAccount),
    amount: amount.minor,
  };
  return { instant, transfer, payee };
}

/** All in one call of the ledger; one by one only when another request has just made one of them. */
async function payAll(deps: PayoutDependencies, merchant: Merchant, hand: readonly Ready[]): Promise<Payout[]> {
  if (hand.length === 0) return [];
  try {
    const outcomes = await deps.ledger.post(
      hand.map(({ transfer }) => [transfer]),
      {
        before: addMs(deps.clock.now(), DECIDED_WITHIN_MS),
        riders: hand.map(({ instant, transfer }) => ridersOf(instant, JSON.stringify({ transactionId: transfer.id }))),
      },
    );
    return await Promise.all(hand.map((ready, index) => outcomeOf(deps, merchant, ready, outcomes[index]?.[0])));
  } catch (error) {
    if (!(error instanceof RidersRefused)) throw error;
    const [only] = hand;
    if (hand.length === 1 && only) return [await outcomeOf(deps, merchant, only, undefined)];
    const single: Payout[] = [];
    for (const ready of hand) {
      const paid = await payAll(deps, merchant, [ready]).catch((problem: unknown) => {
        // "Nothing was done" would be true of this one only, and not of those before it.
        throw single.length > 0 && isNothingDone(problem) ? new LedgerUnavailable('a part is paid', problem) : problem;
      });
      single.push(...paid);
    }
    return single;
  }
}

/** `outcome` is undefined where an operation with this id was found in the way. */
async function outcomeOf(
  deps: PayoutDependencies,
  merchant: Merchant,
  { instant, transfer, payee }: Ready,
  outcome: TransferOutcome | undefined,
): Promise<Payout> {
  const { id, key, fingerprint, amount } = instant;
  if (outcome?.outcome === 'posted') {
    return { id, state: 'paid', amount, transactionId: transfer.id, paidAt: instant.now };
  }
  try {
    if (outcome?.outcome === 'refused') throw await causeOf(deps, merchant, payee, outcome.reason);
    const made = await deps.instants.find(key, fingerprint);
    assert(made, 'what was posted with an operation is there with it');
    return paidBy(made);
  } catch (error) {
    return refusedWith(id, error);
  }
}

async function causeOf(
  { ledger }: PayoutDependencies,
  merchant: Merchant,
  payee: Payee,
  reason: string,
): Promise<Failure> {
  if (reason === 'exceeds_credits') {
    const account = await ledger.account(accountId(merchant.balanceAccount));
    assert(account, 'a merchant has an account');
    const available = money(account.creditsPosted - account.debitsPosted - account.debitsPending, CNY);
    return refusal('account.insufficient_balance', { params: { available } });
  }
  if (reason === 'credit_account_closed') {
    return refusal('third_party.payee_cannot_receive', { params: { payee: payee.nameMasked ?? payee.phoneMasked } });
  }
  if (reason === 'debit_account_closed' || reason === 'debit_account_frozen') return refusal('account.closed');
  if (/^(exists_with|id_already_failed)/.test(reason)) return refusal('operation.conflict');
  assert(false, `no cause for ${reason}`);
}

function paidBy(record: OperationRecord): Payout {
  const transactionId = record.result?.['transactionId'];
  assert(typeof transactionId === 'string' && record.amount && record.endedAt, 'a payout is written when it is paid');
  const { id, amount, endedAt } = record;
  return { id, state: 'paid', amount, transactionId: uuid(transactionId), paidAt: endedAt };
}
