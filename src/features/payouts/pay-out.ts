import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import { addMs, secondMs, type Clock } from '../../kernel/clock.ts';
import { CNY } from '../../kernel/currencies.ts';
import type { Digest } from '../../kernel/envelope.ts';
import { Failure } from '../../kernel/failure.ts';
import { deriveId, type Uuid } from '../../kernel/ids.ts';
import { compare, money, type Money, type MoneyJson } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import type { CauseCode } from '../../causes/registry.ts';
import type { Database } from '../../database/database.ts';
import type { DirectTransfer, Ledger, Transfer, TransferOutcome } from '../../ledger/ledger.ts';
import { LedgerUnavailable } from '../../ledger/ledger-errors.ts';
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
import { payoutTransferId, tellPayouts, type KeptPayout } from './tell-payouts.ts';

export type PayoutDependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  digest: Digest;
  limits: LimitRules;
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

type People = ReadonlyMap<string, TypedPayee | Failure>;
type Ready = { kept: KeptPayout; amount: Money; payee: Payee; transfer: DirectTransfer };

/**
 * Pays from a merchant's balance to wallets, each payout by itself: its movement in the ledger is the payout, or its cause
 * and no trace. What the batch was asked with is written before, so that whoever sees a movement finds its words. Asked
 * again, what was paid is answered as paid, and what was refused is tried again; a batch or a payout whose id was used
 * with other content is refused with `operation.conflict`. Causes of single payouts: those of the number and the amount,
 * `limit.single`, `third_party.payee_not_found`, `third_party.payee_cannot_receive`, `account.insufficient_balance`, and
 * `limit.tries` in the place of these three for too many numbers that were not paid. Of the whole:
 * `app.request_invalid` for an id twice, `wallet.overloaded`, `wallet.fault` (unknown: ask again with the same ids).
 */
export function createPayOut(deps: PayoutDependencies) {
  return async (merchant: Merchant, batch: PayoutBatch): Promise<Payout[]> => {
    const { payouts } = batch;
    if (new Set(payouts.map(({ id }) => id)).size < payouts.length) throw refusal('app.request_invalid');
    const people = await findTypedPayees(deps, [...new Set(payouts.map(({ payeePhone }) => payeePhone))]);
    const kept = payouts.map((asked) => toKeep(asked, people));
    const { key, isFirstTry } = await recordBatch(deps, merchant, batch, kept);
    const earlier = new Map(isFirstTry ? [] : (await deps.ledger.transfersOf(key)).map((each) => [each.id, each]));
    const made = new Map<Uuid, Payout>();
    const hand: Ready[] = [];
    for (const [index, asked] of payouts.entries()) {
      const transferId = payoutTransferId(merchant.id, asked.id);
      const paid = earlier.get(transferId);
      try {
        if (paid) made.set(asked.id, paidBy(asked.id, paid));
        else hand.push(prepare(deps, merchant, asked, { kept: kept[index]!, key, transferId, people }));
      } catch (error) {
        const refused = refusedWith(asked.id, error);
        made.set(asked.id, (await paidBefore(deps, merchant, kept[index]!, asked.amount.minor)) ?? refused);
      }
    }
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

/** The movement of a payout of this merchant, where it was made. */
async function findMovement(
  { ledger }: { ledger: Ledger },
  merchant: Merchant,
  id: Uuid,
): Promise<Transfer | undefined> {
  const found = await ledger.transfer(payoutTransferId(merchant.id, id));
  return found?.code === transferCodes.payout ? found : undefined;
}

/** A payout that was made. Cause: `operation.not_found`. */
export async function readPayout(deps: { ledger: Ledger }, merchant: Merchant, id: Uuid): Promise<Payout> {
  const movement = await findMovement(deps, merchant, id);
  if (!movement) throw refusal('operation.not_found');
  return paidBy(id, movement);
}

function refusedWith(id: Uuid, error: unknown): Payout & { state: 'refused' } {
  if (error instanceof Failure) return { id, state: 'refused', failure: error.within({ flow: KIND }) };
  throw error;
}

/**
 * Writes down what the batch was asked with, and tells whether that is its first try. The same payouts may have been
 * asked for in another batch, of which this says nothing; merchants are told to ask again with the batch that they asked
 * with.
 */
async function recordBatch(
  { database, clock, fingerprint }: PayoutDependencies,
  merchant: Merchant,
  { id, payouts }: PayoutBatch,
  kept: readonly KeptPayout[],
): Promise<{ key: Uuid; isFirstTry: boolean }> {
  const content = fingerprint({ kind: 'payouts', merchant: merchant.id, payouts });
  const key = deriveId(id, `payouts of ${merchant.id}`);
  const db = database.kysely;
  const written = await sql`
    insert into merchant_payout_batch (key, merchant_id, id, fingerprint, created_at, payouts)
    values (${key}, ${merchant.id}, ${id}, ${content}, ${clock.now()}, ${JSON.stringify(kept)})
    on conflict do nothing`.execute(db);
  if (written.numAffectedRows === 1n) return { key, isFirstTry: true };
  const { rows } = await sql<{ fingerprint: Buffer }>`
    select fingerprint from merchant_payout_batch where key = ${key}`.execute(db);
  if (!rows[0]?.fingerprint.equals(content)) throw refusal('operation.conflict').within({ flow: KIND });
  return { key, isFirstTry: false };
}

function toKeep({ id, payeePhone, note }: AskedPayout, people: People): KeptPayout {
  const found = people.get(payeePhone);
  const payee = found === undefined || found instanceof Failure ? '' : found.number.mask;
  return { id, payee, note: cleanNote(note ?? '') };
}

function prepare(
  { limits }: PayoutDependencies,
  merchant: Merchant,
  asked: AskedPayout,
  { kept, key, transferId, people }: { kept: KeptPayout; key: Uuid; transferId: Uuid; people: People },
): Ready {
  const found = people.get(asked.payeePhone);
  if (found instanceof Failure) throw found;
  // Before anything is told of the payee: a wrong amount costs nothing.
  const amount = readAmount(asked.amount);
  if (compare(amount, limits.singlePayout) > 0) {
    throw refusal('limit.single', { params: { limit: limits.singlePayout } });
  }
  const payee = admitPayee(found?.payee, null);
  const transfer: DirectTransfer = {
    id: transferId,
    kind: 'post',
    code: transferCodes.payout,
    operationId: key,
    debitAccountId: accountId(merchant.balanceAccount),
    creditAccountId: accountId(payee.balanceAccount),
    amount: amount.minor,
  };
  return { kept, amount, payee, transfer };
}

/** In the order of asking, so that the money goes to the first when there is too little for all. */
async function payAll(deps: PayoutDependencies, merchant: Merchant, hand: readonly Ready[]): Promise<Payout[]> {
  if (hand.length === 0) return [];
  const outcomes = await deps.ledger.post(
    hand.map(({ transfer }) => [transfer]),
    { before: addMs(deps.clock.now(), DECIDED_WITHIN_MS) },
  );
  const made: Payout[] = [];
  for (const [index, ready] of hand.entries()) {
    const outcome = outcomes[index]?.[0];
    assert(outcome, 'one outcome for each');
    made.push(
      outcome.outcome === 'refused'
        ? await refusedByLedger(deps, merchant, ready, outcome)
        : {
            id: ready.kept.id,
            state: 'paid',
            amount: ready.amount,
            transactionId: ready.transfer.id,
            paidAt: outcome.at,
          },
    );
  }
  return made;
}

async function refusedByLedger(
  deps: PayoutDependencies,
  merchant: Merchant,
  { kept, amount, payee }: Ready,
  { reason }: TransferOutcome & { outcome: 'refused' },
): Promise<Payout> {
  // In another batch, with the same money.
  const isElsewhere = reason === 'exists_with_different_operation';
  const paid = isElsewhere ? await paidBefore(deps, merchant, kept, String(amount.minor)) : undefined;
  return paid ?? refusedWith(kept.id, await causeOf(deps, merchant, payee, reason));
}

/** One that was made in another batch is told as it was made, whatever would refuse it today. */
async function paidBefore(
  deps: PayoutDependencies,
  merchant: Merchant,
  { id, payee, note }: KeptPayout,
  minor: string,
): Promise<Payout | undefined> {
  const movement = await findMovement(deps, merchant, id);
  if (!movement) return undefined;
  const told = (await tellPayouts(deps.database, [movement])).get(movement.id);
  const isSame = told?.note === note && told.payeePhoneMasked === payee && String(movement.amount) === minor;
  return isSame ? paidBy(id, movement) : refusedWith(id, refusal('operation.conflict'));
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

const paidBy = (id: Uuid, { id: transactionId, amount, at }: Transfer): Payout => ({
  id,
  state: 'paid',
  amount: money(amount, CNY),
  transactionId,
  paidAt: at,
});
