import { addMs, minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import type { Envelope } from '../../kernel/envelope.ts';
import { collect, type Failure } from '../../kernel/failure.ts';
import { deriveId, fromPublicId, toPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import { assert } from '../../kernel/assert.ts';
import { pin } from '../../kernel/masked.ts';
import { compare, type Money, type MoneyJson } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { Ledger, NewTransfer } from '../../ledger/ledger.ts';
import type { BankRail, QueryAnswer } from '../../ports/bank-rail.ts';
import type { Actor, Flow, Move, OperationRecord, StepContext } from '../../operations/flow.ts';
import {
  askingSteps,
  bankSteps,
  keptFailure,
  laneOfBank,
  overdueReview,
  reconcilePause,
  REQUEST_VALID_MS,
  reviewOf,
  type BankMovementData,
} from '../banks/ask-bank.ts';
import {
  isOurReference,
  reversalOf,
  verdictDetail,
  type DenyVerdict,
  type HandVerdict,
  type ReadVerdict,
} from '../banks/by-hand.ts';
import {
  allowancesOfOperation,
  limitsReserved,
  readAllowances,
  useAllowance,
  type Allowance,
} from '../books/allowances.ts';
import { accountId, bankClearingAccount, toReturnAccount, transferCodes } from '../books/chart.ts';
import { limitFailure } from '../books/limit-failure.ts';
import type { LimitRules } from '../books/limit-rules.ts';
import { readAmount } from '../books/read-amount.ts';
import { balanceChange, causeOfRefusal, firstRefusal, postChain } from '../books/settle-movement.ts';
import { findCard, noteCardState, noteRefusal, openCardToken, type BoundCard } from '../cards/card.ts';
import { whatKeepsFromMoving } from '../people/check-ready.ts';
import { accountObstacle, loadPerson, type Person } from '../people/person.ts';
import type { SecurityDoor } from '../security/security-door.ts';

export type TopUpData = BankMovementData & { personId: string };

export type BankMovementDependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  envelope: Envelope;
  rail: BankRail;
  security: SecurityDoor;
  limits: LimitRules;
  verdict: ReadVerdict;
  deny: DenyVerdict;
  /** The cause that an announced state of this bank gives now, if any. */
  bankObstacle: (bankCode: string) => Promise<Failure | undefined>;
};

export type CardMovementInput = { cardId: string; amount: MoneyJson };
export type CheckedMovement = { person: Person; card: BoundCard; amount: Money };

/** The card of this person that the input names. Cause: `card.binding_broken` when it is not bound (any more). */
export async function readCard(db: Database['kysely'], personId: Uuid, publicId: string): Promise<BoundCard> {
  const id = fromPublicId('card', publicId);
  const card = id && (await findCard(db, personId, id));
  if (!card) throw refusal('card.binding_broken', { params: { last4: '····' } });
  return card;
}

/** A card that was removed since is told now: its bank may still know the token. Cause: `card.binding_broken`. */
export async function checkStillBound(db: Database['kysely'], { personId, cardId, last4 }: TopUpData): Promise<void> {
  const card = await findCard(db, uuid(personId), uuid(cardId));
  if (!card) throw refusal('card.binding_broken', { params: { last4 } });
}

/** Whose account pays, and what keeps it from paying at the moment at which it is asked for. */
export const payerOf = (db: Database['kysely'], { id, balanceAccount }: Person) => ({
  account: accountId(balanceAccount),
  obstacle: async () => accountObstacle(await loadPerson(db, id)),
});

/**
 * Money from a card into the balance. The allowance is reserved first, then the bank is asked once and after that only
 * asked about; the balance grows with the bank's clearing account in one transfer whose id follows from the operation.
 */
export function topUp(deps: BankMovementDependencies): Flow<TopUpData> {
  const { database, ledger, clock, limits, security } = deps;
  const rules = () => limits.topUp(clock.now());
  const allowancesOf = (person: Person): Promise<Allowance[]> =>
    readAllowances(deps, person, rules(), limits.version());
  const bank = bankSteps<TopUpData>({
    flow: 'top_up',
    rail: deps.rail,
    clock,
    approved: 'crediting',
    refused: 'releasing',
    approvedByHand: 'debited',
    verdict: deps.verdict,
    send: (request) => deps.rail.debit(request),
  });

  async function check(
    input: unknown,
    actor: Actor,
  ): Promise<{ problems: Failure[]; checked: CheckedMovement | undefined }> {
    const typed = input as CardMovementInput;
    const person = await loadPerson(database.kysely, actor.personId);
    const { set } = await security.pinState({ personId: person.id });
    const problems = whatKeepsFromMoving(person, set);
    const amount = await collect(problems, () => readAmount(typed.amount));
    const card = await collect(problems, () => readCard(database.kysely, person.id, typed.cardId));
    const obstacle = card && (await deps.bankObstacle(card.bankCode));
    if (obstacle) problems.push(obstacle);
    if (amount && compare(amount, limits.singleTopUp) > 0) {
      problems.push(refusal('limit.single', { params: { limit: limits.singleTopUp } }));
    }
    if (amount) {
      const short = (await allowancesOf(person)).find((allowance) => compare(allowance.available, amount) < 0);
      if (short) problems.push(limitFailure(short));
    }
    return { problems, checked: amount && card ? { person, card, amount } : undefined };
  }

  return {
    kind: 'top_up',
    first: 'confirm',
    steps: {
      confirm: { state: 'needs_you', withinMs: 15 * minuteMs, next: ['reserving', 'expired', 'cancelled'] },
      reserving: { state: 'working', withinMs: 5 * minuteMs, next: ['debiting', 'failed'] },
      debiting: { state: 'working', withinMs: 2 * minuteMs, next: ['asking', 'crediting', 'releasing'] },
      asking: { ...askingSteps.asking, next: ['reconciling', 'crediting', 'releasing'] },
      reconciling: { ...askingSteps.reconciling, next: ['crediting', 'releasing'] },
      crediting: { state: 'working', withinMs: 5 * minuteMs, next: ['succeeded', 'returning'] },
      returning: { state: 'asking', withinMs: 30 * minuteMs, next: ['unreturned', 'releasing'] },
      unreturned: { ...askingSteps.reconciling, next: ['releasing'] },
      releasing: { state: 'working', withinMs: 5 * minuteMs, next: ['failed'] },
    },
    async begin(input, actor, key) {
      const { problems, checked } = await check(input, actor);
      if (problems[0]) throw problems[0];
      assert(checked, 'without a problem everything was read');
      const { person, card, amount } = checked;
      return {
        data: {
          personId: person.id,
          cardId: card.id,
          bankCode: card.bankCode,
          last4: card.last4,
          reference: toPublicId('tu', key),
          validUntil: clock.now().toISOString(),
          failure: null,
        },
        amount,
        policyVersion: limits.version(),
        intent: `top_up:${card.id}`,
        lane: laneOfBank(card.bankCode),
      };
    },
    preflight: async (input, actor) => (await check(input, actor)).problems,
    submit: {
      confirm: async (operation, input) => {
        const person = await loadPerson(database.kysely, uuid(operation.data.personId));
        const [problem] = whatKeepsFromMoving(person, true);
        if (problem) throw problem;
        await checkStillBound(database.kysely, operation.data);
        await security.checkPin({ personId: person.id, pin: pin(String(input['pin'] ?? '')) });
        return { to: 'reserving', event: 'confirmed' };
      },
    },
    run: {
      async reserving(operation, context) {
        const amount = amountOf(operation);
        const person = await loadPerson(database.kysely, uuid(operation.data.personId));
        const allowances = await allowancesOfOperation(deps, operation.key, () => allowancesOf(person));
        const outcomes = await postChain(
          ledger,
          allowances.map((a) => useAllowance(operation.key, a, amount, 'pending')),
          context,
        );
        const refused = firstRefusal(outcomes);
        if (refused) {
          const payer = payerOf(database.kysely, person);
          const cause = await causeOfRefusal(ledger, refused, { allowances, amount }, payer);
          return { to: 'failed', event: 'refused', cause };
        }
        return {
          to: 'debiting',
          event: 'sent_to_bank',
          moneyMoved: 'unknown',
          data: { validUntil: addMs(clock.now(), REQUEST_VALID_MS).toISOString() },
          detail: { reference: operation.data.reference },
        };
      },
      async debiting(operation) {
        const token = await openCardToken(database.kysely, deps.envelope, uuid(operation.data.cardId));
        assert(token, 'the card of a running operation keeps its token');
        return bank.send(operation, token);
      },
      asking: bank.ask,
      reconciling: bank.ask,
      async crediting(operation, context) {
        const { data, key } = operation;
        const person = await loadPerson(database.kysely, uuid(data.personId));
        const id = moneyId(operation);
        // A wallet that is being closed takes nothing more, though its account still waits for what leaves it. Credit and
        // suspense are one transfer id, so that a credit of which nobody knows yet cannot be there as well.
        if (person.accountState === 'closed') {
          const kept = firstRefusal(await postChain(ledger, [intoSuspense(operation)], context));
          if (!kept) return accountClosed;
          assert(kept.reason === 'exists_with_different_credit_account', 'suspense takes what was not credited');
        }
        const chain: NewTransfer[] = [
          {
            id,
            kind: 'post',
            code: transferCodes.topUp,
            operationId: key,
            amount: amountOf(operation).minor,
            debitAccountId: bankClearingAccount(data.bankCode),
            creditAccountId: accountId(person.balanceAccount),
          },
          ...releaseOrTake(operation, await limitsReserved(deps, operation.key), 'post_pending'),
        ];
        const outcomes = await postChain(ledger, chain, context);
        const refused = firstRefusal(outcomes);
        // The account is closed, or the money stands in suspense already: it goes back to the card.
        if (refused) return accountClosed;
        const posted = outcomes[0];
        assert(posted && posted.outcome !== 'refused', 'posted or there already');
        const change = await balanceChange(ledger, accountId(person.balanceAccount), id, posted.seq);
        return {
          to: 'succeeded',
          event: 'booked',
          moneyMoved: 'yes',
          result: change.result,
          within: (tx) => noteCardState(tx, uuid(data.cardId), 'ok'),
        };
      },
      returning: giveBack,
      unreturned: giveBack,
      async releasing(operation, context) {
        const chain = [
          ...releaseOrTake(operation, await limitsReserved(deps, operation.key), 'void_pending'),
          ...(await outOfSuspense(operation)),
        ];
        assert(!firstRefusal(await postChain(ledger, chain, context)), 'what was reserved can be released');
        const failure = keptFailure(operation.data);
        return {
          to: 'failed',
          event: 'refused',
          moneyMoved: 'no',
          cause: failure,
          within: (tx) => noteRefusal(tx, uuid(operation.data.cardId), failure.code),
        };
      },
    },
    cancel: (operation) => (operation.state === 'needs_you' ? { to: 'cancelled', event: 'cancelled' } : undefined),
  };

  /**
   * Undoes the debit at the bank, with the money in suspense until it is agreed: the bank has it, and no wallet. The same
   * reference undoes it once, so it is asked until it is agreed; a bank that says no, or nothing for too long, is a
   * matter for people, and is still asked.
   */
  async function giveBack(operation: OperationRecord<TopUpData>, context: StepContext): Promise<Move<TopUpData>> {
    const { data, step } = operation;
    assert(!firstRefusal(await postChain(ledger, [intoSuspense(operation)], context)), 'suspense takes anything');
    const verdict = step === 'unreturned' ? await deps.verdict(operation.key, step) : undefined;
    if (verdict) return heldToBank(operation, context, verdict);
    const answer = await deps.rail.reverse({
      reference: reversalOf(data.reference),
      bankCode: data.bankCode,
      originalReference: data.reference,
    });
    if (answer.outcome === 'approved') return { to: 'releasing', event: 'returned_to_card' };
    const detail = answer.outcome === 'declined' ? { rawCode: answer.rawCode } : {};
    const now = clock.now();
    if (step === 'unreturned') {
      const stays = { to: step, event: 'asked_bank', runAgainInMs: reconcilePause(operation, now), detail };
      return context.overdue ? { ...stays, ...overdueReview(now) } : stays;
    }
    if (answer.outcome !== 'declined' && !context.overdue) {
      return { to: step, event: 'asked_bank', runAgainInMs: Math.min(60, 2 ** operation.attempts) * secondMs };
    }
    const runAgainInMs = reconcilePause(operation, now);
    return { to: 'unreturned', event: 'given_to_people', cause: reviewOf(data, now), runAgainInMs, detail };
  }

  /**
   * That the money is back on the card is believed when the bank says so of what gave it back: of our own request, or of
   * what people name, which is no other request of ours: those say nothing of this money. What it denies is theirs again; while it says nothing, nothing is known.
   */
  async function heldToBank(
    operation: OperationRecord<TopUpData>,
    context: StepContext,
    verdict: HandVerdict,
  ): Promise<Move<TopUpData>> {
    const { data, step } = operation;
    const reference = verdict.bankReference ?? reversalOf(data.reference);
    const detail = verdictDetail(verdict);
    const now = clock.now();
    const isOther = isOurReference(reference) && reference !== reversalOf(data.reference);
    const answer = isOther ? undefined : await deps.rail.query({ reference, bankCode: data.bankCode });
    const isOfThis = answer?.outcome === 'approved' && isOf(answer, data.reference, amountOf(operation));
    if (isOfThis) return { to: 'releasing', event: 'settled_by_people', detail };
    const outcome = answer?.outcome ?? 'declined';
    if (outcome === 'approved' || outcome === 'declined' || outcome === 'not_found') {
      const word = outcome === 'approved' ? 'something else' : outcome.replace('_', ' ');
      const because = `${data.bankCode} says ${word} of ${reference}`;
      const within: Move['within'] = (tx) => deps.deny(tx, verdict.decisionId, because);
      return { to: step, event: 'finding_denied', runAgainInMs: secondMs, detail, within };
    }
    const runAgainInMs = reconcilePause(operation, now);
    const stays = { to: step, event: 'asked_bank', runAgainInMs, detail };
    return context.overdue ? { ...stays, ...overdueReview(now) } : stays;
  }

  /** Out of suspense again, where it is: the bank has it no more. */
  async function outOfSuspense(operation: OperationRecord<TopUpData>): Promise<NewTransfer[]> {
    const made = await ledger.transfersOf(operation.key);
    return made.some(({ id, creditAccountId }) => id === moneyId(operation) && creditAccountId === toReturnAccount)
      ? [returned(operation)]
      : [];
  }
}

const amountOf = (operation: OperationRecord<TopUpData>): Money => {
  assert(operation.amount, 'a top-up has an amount');
  return operation.amount;
};

/** Whether what the bank did is the return of this debit, whole, as far as the bank tells. */
const isOf = ({ card, undid }: QueryAnswer, reference: string, { minor }: Money): boolean =>
  !card && (!undid || (undid.reference === reference && undid.minor === minor));

/** The money of a top-up goes one way, once: to the wallet or into suspense. */
const moneyId = ({ key }: OperationRecord<TopUpData>): Uuid => deriveId(key, 'money');

const intoSuspense = (operation: OperationRecord<TopUpData>): NewTransfer => ({
  id: moneyId(operation),
  kind: 'post',
  code: transferCodes.toReturn,
  operationId: operation.key,
  amount: amountOf(operation).minor,
  debitAccountId: bankClearingAccount(operation.data.bankCode),
  creditAccountId: toReturnAccount,
});

const returned = (operation: OperationRecord<TopUpData>): NewTransfer => ({
  id: deriveId(operation.key, 'returned'),
  kind: 'post',
  code: transferCodes.returned,
  operationId: operation.key,
  amount: amountOf(operation).minor,
  debitAccountId: toReturnAccount,
  creditAccountId: bankClearingAccount(operation.data.bankCode),
});

const accountClosed = {
  to: 'returning',
  event: 'account_closed',
  moneyMoved: 'held',
  data: { failure: { code: 'account.closed', params: {} } },
} as const satisfies Move<TopUpData>;

/** What was reserved of limits, given back or taken for good. */
export function releaseOrTake(
  operation: OperationRecord<TopUpData>,
  limitNames: string[],
  kind: 'post_pending' | 'void_pending',
): NewTransfer[] {
  return limitNames.map((limit) => ({
    id: deriveId(operation.key, `${kind} ${limit}`),
    kind,
    code: transferCodes.allowanceUse,
    operationId: operation.key,
    pendingId: deriveId(operation.key, `use ${limit}`),
  }));
}
