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
import type { DirectTransfer, Ledger, Transfer, TransferRefusal } from '../../ledger/ledger.ts';
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
import { beginningOf, endOf, payoutTransferId, tellPayouts, type KeptPayout, type ToldPayout } from './tell-payouts.ts';

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

/** One that was asked for, with whom its number belongs to, or what is wrong with it. */
type Wanted = { asked: AskedPayout; transferId: Uuid; found: TypedPayee | Failure | undefined; kept: KeptPayout };
type Ready = Wanted & { amount: Money; payee: Payee; transfer: DirectTransfer };

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
    const wanted = payouts.map((asked) => toWanted(merchant, asked, people.get(asked.payeePhone)));
    const { key, isFirstTry } = await recordBatch(deps, merchant, batch, wanted);
    const earlier = new Map(isFirstTry ? [] : (await deps.ledger.transfersOf(key)).map((each) => [each.id, each]));
    const made = new Map<Uuid, Payout>();
    const hand: Ready[] = [];
    const refused: [Wanted, Payout][] = [];
    for (const each of wanted) {
      const { id } = each.asked;
      const paid = earlier.get(each.transferId);
      try {
        if (paid) made.set(id, paidBy(id, paid));
        else hand.push(prepare(deps, merchant, each, key));
      } catch (error) {
        refused.push([each, refusedWith(id, error)]);
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
    // Last: what was asked of the ledger just now was decided after what an earlier try may have asked.
    for (const [each, payout] of refused) {
      made.set(each.asked.id, (await paidBefore(deps, merchant, each)) ?? payout);
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
  wanted: readonly Wanted[],
): Promise<{ key: Uuid; isFirstTry: boolean }> {
  const content = fingerprint({ kind: 'payouts', merchant: merchant.id, payouts });
  const kept = JSON.stringify(wanted.map((each) => each.kept));
  const db = database.kysely;
  const write = async (key: Uuid) => {
    const { numAffectedRows } = await sql`
      insert into merchant_payout_batch (key, merchant_id, id, fingerprint, created_at, payouts)
      values (${key}, ${merchant.id}, ${id}, ${content}, ${clock.now()}, ${kept}) on conflict do nothing`.execute(db);
    return numAffectedRows === 1n;
  };
  const key = deriveId(id, `payouts of ${merchant.id}`);
  if (await write(key)) return { key, isFirstTry: true };
  const { rows } = await sql<{ fingerprint: Buffer; has_words: boolean }>`
    select fingerprint, json_array_length(payouts) > 0 as has_words from merchant_payout_batch
    where key = ${key}`.execute(db);
  if (!rows[0]?.fingerprint.equals(content)) throw refusal('operation.conflict').within({ flow: KIND });
  if (rows[0].has_words) return { key, isFirstTry: false };
  // Begun before decision 0011, when a batch kept no words: what is still to be paid of it has them in a row of its own.
  const withWords = deriveId(key, 'with words');
  await write(withWords);
  return { key: withWords, isFirstTry: false };
}

function toWanted(merchant: Merchant, asked: AskedPayout, found: TypedPayee | Failure | undefined): Wanted {
  const { id, note } = asked;
  const transferId = payoutTransferId(merchant.id, id);
  const known = found instanceof Failure ? undefined : found;
  const kept = {
    id,
    payee: known?.number.mask ?? '',
    note: cleanNote(note ?? ''),
    tx: endOf(transferId),
    to: known ? beginningOf(known.numberDigest) : '',
  };
  return { asked, transferId, found, kept };
}

function prepare({ limits }: PayoutDependencies, merchant: Merchant, wanted: Wanted, key: Uuid): Ready {
  const { asked, transferId, found } = wanted;
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
  return { ...wanted, amount, payee, transfer };
}

/** How many times at most a payout is asked for in one request, while others that ask for it at once are refused. */
const MOST_TRIES = 8;

/** In the order of asking, so that the money goes to the first when there is too little for all. */
async function payAll(
  deps: PayoutDependencies,
  merchant: Merchant,
  hand: readonly Ready[],
  tries = 1,
): Promise<Payout[]> {
  if (hand.length === 0) return [];
  const outcomes = await deps.ledger.post(
    hand.map(({ transfer }) => [transfer]),
    { before: addMs(deps.clock.now(), DECIDED_WITHIN_MS) },
  );
  const made: Payout[] = [];
  const again: Ready[] = [];
  for (const [index, ready] of hand.entries()) {
    const { asked, amount, transferId } = ready;
    const outcome = outcomes[index]?.[0];
    assert(outcome, 'one outcome for each');
    if (outcome.outcome !== 'refused') {
      made.push({ id: asked.id, state: 'paid', amount, transactionId: transferId, paidAt: outcome.at });
    } else if (outcome.reason === 'id_already_failed_with_other_content' && tries < MOST_TRIES) again.push(ready);
    else made.push(await refusedByLedger(deps, merchant, ready, outcome.reason));
  }
  // Another batch asked for it in the same moment and was refused; it left nothing, and is not why this one may be.
  const rest = await payAll(deps, merchant, again, tries + 1).catch((error: unknown) => {
    throw isNothingDone(error) ? new LedgerUnavailable('a part is decided', error) : error;
  });
  return [...made, ...rest];
}

async function refusedByLedger(
  deps: PayoutDependencies,
  merchant: Merchant,
  ready: Ready,
  reason: TransferRefusal,
): Promise<Payout> {
  const isThere = reason.startsWith('exists_with');
  const paid = isThere ? await paidBefore(deps, merchant, ready) : undefined;
  return paid ?? refusedWith(ready.asked.id, await causeOf(deps, merchant, ready.payee, reason));
}

/** One that was made, mostly in another batch, is told as it was made, whatever would refuse it today. */
async function paidBefore(deps: PayoutDependencies, merchant: Merchant, wanted: Wanted): Promise<Payout | undefined> {
  const { id, amount } = wanted.asked;
  const movement = await findMovement(deps, merchant, id);
  if (!movement) return undefined;
  const told = (await tellPayouts(deps.database, [movement])).get(movement.id);
  const isSameMoney = amount.currency === CNY && amount.minor === String(movement.amount);
  const isSame = isSameMoney && told?.note === wanted.kept.note && isSamePayee(told, movement, wanted);
  return isSame ? paidBy(id, movement) : refusedWith(id, refusal('operation.conflict'));
}

/**
 * Whether the number is the one that it was made to. One that only looks alike must never do: what it is answered with
 * would tell whether anybody has it.
 */
function isSamePayee(told: ToldPayout, movement: Transfer, { kept, found }: Wanted): boolean {
  if (told.payeePhoneMasked !== kept.payee) return false;
  if (told.to !== undefined) return told.to === kept.to;
  // Of one from before decision 0011 it is known whose account it went to.
  const payee = found instanceof Failure ? undefined : found?.payee;
  return payee !== undefined && accountId(payee.balanceAccount) === movement.creditAccountId;
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
