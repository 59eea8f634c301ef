import { assert } from '../../kernel/assert.ts';
import { addMs, minuteMs, secondMs } from '../../kernel/clock.ts';
import { CNY } from '../../kernel/currencies.ts';
import { collect, type Failure } from '../../kernel/failure.ts';
import { deriveId, toPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import { pin } from '../../kernel/masked.ts';
import { compare, money, type Money } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Actor, Flow, OperationRecord, StepContext } from '../../operations/flow.ts';
import type { NewTransfer } from '../../ledger/ledger.ts';
import { askingSteps, bankSteps, keptFailure, laneOfBank, REQUEST_VALID_MS } from '../banks/ask-bank.ts';
import { allowancesOfOperation, limitsReserved, readAllowances, useAllowance } from '../books/allowances.ts';
import { accountId, bankClearingAccount, transferCodes } from '../books/chart.ts';
import { limitFailure } from '../books/limit-failure.ts';
import { correctionOf, giveBackOf } from '../books/set-aside.ts';
import { readHoldings } from '../books/read-account.ts';
import { readAmount } from '../books/read-amount.ts';
import { balanceChange, causeOfRefusal, firstRefusal, postChain } from '../books/settle-movement.ts';
import { findCard, noteCardState, noteRefusal, openCardToken, type BoundCard } from '../cards/card.ts';
import { whatKeepsFromMoving } from '../people/check-ready.ts';
import { loadPerson, type Person } from '../people/person.ts';
import { whileOpenInBooks } from '../people/change-account.ts';
import {
  checkStillBound,
  payerOf,
  readCard,
  releaseOrTake,
  type BankMovementDependencies,
  type CardMovementInput,
  type CheckedMovement,
  type TopUpData,
} from '../top-up/top-up.ts';

export type WithdrawData = TopUpData & {
  /** Where two people pay out what is left: the operation whose correction was set aside, or the person themselves. */
  left?: string;
};

/** What two people decided to pay out, as only the wallet itself asks for it. */
export type LeftMoney = {
  decisionId: Uuid;
  subject: Uuid;
  cardId: Uuid;
  /** What they found to be left, in minor units: never more than that is paid. */
  amountMinor: string | null;
};

/**
 * Money from the balance to one's own card. It is held first, so that it cannot be spent twice while the bank is asked;
 * the hold is taken when the bank agrees and released when it certainly did not. In the pause after a reset of the PIN it
 * counts like all that leaves the balance: whoever made that reset may have bound the card as well.
 */
export function withdraw(deps: BankMovementDependencies): Flow<WithdrawData> {
  const { database, ledger, clock, limits, security } = deps;
  const allowancesOf = (person: Person) =>
    readAllowances(deps, person, limits.pause(clock.now(), person.pause), limits.version());
  const bank = bankSteps<WithdrawData>({
    flow: 'withdraw',
    rail: deps.rail,
    clock,
    approved: 'settling',
    refused: 'releasing',
    approvedByHand: 'credited',
    verdict: deps.verdict,
    send: (request) => deps.rail.credit(request),
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
    if (amount && compare(amount, limits.singleWithdrawal) > 0) {
      problems.push(refusal('limit.single', { params: { limit: limits.singleWithdrawal } }));
    }
    const short = amount && (await allowancesOf(person)).find((allowance) => compare(allowance.available, amount) < 0);
    if (short) problems.push(limitFailure(short));
    const { available } = await readHoldings(ledger, person.balanceAccount);
    if (amount && compare(available, amount) < 0)
      problems.push(refusal('account.insufficient_balance', { params: { available } }));
    return { problems, checked: amount && card ? { person, card, amount } : undefined };
  }

  type Hold = Extract<NewTransfer, { kind: 'post' | 'pending' }>;

  async function holdOwn(
    person: Person,
    hold: Hold,
    { key, amount }: { key: Uuid; amount: Money },
    context: StepContext,
  ): Promise<Failure | undefined> {
    const allowances = await allowancesOfOperation(deps, key, () => allowancesOf(person));
    const chain = [...allowances.map((allowance) => useAllowance(key, allowance, amount, 'pending')), hold];
    const refused = firstRefusal(await postChain(ledger, chain, context));
    return refused && causeOfRefusal(ledger, refused, { allowances, amount }, payerOf(database.kysely, person));
  }

  /**
   * Holds what is left in a closed wallet, with what was set aside given back to it in the same moment. In the books it is
   * open for that moment alone; the job that closes it may have been quicker. Of a wallet that its owner has again nothing
   * is held.
   */
  async function holdLeft(
    operation: OperationRecord<WithdrawData>,
    hold: Hold,
    context: StepContext,
  ): Promise<Failure | 'later' | 'open' | undefined> {
    const { left, personId } = operation.data;
    const { accountState } = await loadPerson(database.kysely, uuid(personId));
    if (accountState !== 'closed' && !(await ledger.transfer(hold.id))) return 'open';
    const account = hold.debitAccountId;
    const back = left === personId ? undefined : await giveBackOf(ledger, uuid(String(left)), account);
    // Given back before this, it is in the wallet already.
    const isBack = back && (await ledger.transfer(back.id)) && !(await ledger.transfer(hold.id));
    const refused = await whileOpenInBooks(deps, uuid(personId), async () =>
      firstRefusal(await postChain(ledger, back && !isBack ? [back, hold] : [hold], context)),
    );
    if (!refused) return undefined;
    const isShut = refused.reason.endsWith('_frozen') || refused.reason.endsWith('_closed');
    if (isShut && !context.overdue) return 'later';
    const person = await loadPerson(database.kysely, uuid(personId));
    return causeOfRefusal(
      ledger,
      refused,
      { allowances: [], amount: money(hold.amount, CNY) },
      payerOf(database.kysely, person),
    );
  }

  async function admit(input: unknown, actor: Actor): Promise<CheckedMovement> {
    const { problems, checked } = await check(input, actor);
    if (problems[0]) throw problems[0];
    assert(checked, 'without a problem everything was read');
    return checked;
  }

  /** What is left is paid out whole, as far as a bank takes it at once; the rest stays and is listed again. */
  async function beginLeft(
    { subject, cardId, amountMinor }: LeftMoney,
    personId: Uuid,
  ): Promise<{ card: BoundCard; amount: Money }> {
    const card = await findCard(database.kysely, personId, cardId);
    if (!card) throw refusal('card.binding_broken', { params: { last4: '····' } });
    const setAside = subject === personId ? undefined : await correctionOf(ledger, subject);
    const person = await loadPerson(database.kysely, personId);
    if (person.accountState !== 'closed') throw refusal('operation.conflict', {});
    const there = setAside
      ? money(setAside.amount, CNY)
      : (await readHoldings(ledger, person.balanceAccount)).available;
    const found = money(BigInt(amountMinor ?? there.minor), CNY);
    const amount = compare(found, there) < 0 ? found : there;
    if (amount.minor <= 0n) throw refusal('account.insufficient_balance', { params: { available: amount } });
    return { card, amount: compare(amount, limits.singleWithdrawal) > 0 ? limits.singleWithdrawal : amount };
  }

  return {
    kind: 'withdraw',
    first: 'confirm',
    alsoFirst: ['holding'],
    steps: {
      confirm: { state: 'needs_you', withinMs: 15 * minuteMs, next: ['holding', 'expired', 'cancelled'] },
      holding: { state: 'working', withinMs: 5 * minuteMs, next: ['paying', 'failed', 'cancelled'] },
      paying: { state: 'working', withinMs: 2 * minuteMs, next: ['asking', 'settling', 'releasing'] },
      asking: { ...askingSteps.asking, next: ['reconciling', 'settling', 'releasing'] },
      reconciling: { ...askingSteps.reconciling, next: ['settling', 'releasing'] },
      settling: { state: 'working', withinMs: 5 * minuteMs, next: ['succeeded'] },
      releasing: { state: 'working', withinMs: 5 * minuteMs, next: ['failed'] },
    },
    async begin(input, actor, key) {
      const { left } = input as { left?: LeftMoney };
      const { card, amount } =
        left && actor.personId ? await beginLeft(left, actor.personId) : await admit(input, actor);
      return {
        ...(left ? { first: 'holding', by: 'operator' as const } : {}),
        data: {
          ...(left ? { left: left.subject } : {}),
          personId: card.personId,
          cardId: card.id,
          bankCode: card.bankCode,
          last4: card.last4,
          reference: toPublicId('wd', key),
          validUntil: clock.now().toISOString(),
          failure: null,
        },
        amount,
        policyVersion: limits.version(),
        intent: left ? 'withdraw:left' : `withdraw:${card.id}`,
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
        return { to: 'holding', event: 'confirmed' };
      },
    },
    run: {
      async holding(operation, context) {
        const { data, key, amount } = operation;
        assert(amount, 'a withdrawal has an amount');
        const person = await loadPerson(database.kysely, uuid(data.personId));
        const payer = payerOf(database.kysely, person);
        const hold: Hold = {
          id: deriveId(key, 'hold'),
          kind: 'pending',
          code: transferCodes.withdrawal,
          operationId: key,
          amount: amount.minor,
          debitAccountId: payer.account,
          creditAccountId: bankClearingAccount(data.bankCode),
        };
        const refused = data.left
          ? await holdLeft(operation, hold, context)
          : await holdOwn(person, hold, { key, amount }, context);
        if (refused === 'later') return { to: 'holding', event: 'account_not_open', runAgainInMs: secondMs };
        if (refused === 'open') return { to: 'cancelled', event: 'cancelled' };
        if (refused) return { to: 'failed', event: 'refused', cause: refused };
        return {
          to: 'paying',
          event: 'sent_to_bank',
          moneyMoved: 'held',
          data: { validUntil: addMs(clock.now(), REQUEST_VALID_MS).toISOString() },
          detail: { reference: data.reference },
        };
      },
      async paying(operation) {
        const token = await openCardToken(database.kysely, deps.envelope, uuid(operation.data.cardId));
        assert(token, 'the card of a running operation keeps its token');
        return bank.send(operation, token);
      },
      asking: bank.ask,
      reconciling: bank.ask,
      async settling(operation, context) {
        const { data, key } = operation;
        const person = await loadPerson(database.kysely, uuid(data.personId));
        const id = deriveId(key, 'money');
        const taking: NewTransfer = {
          id,
          kind: 'post_pending',
          code: transferCodes.withdrawal,
          operationId: key,
          pendingId: deriveId(key, 'hold'),
        };
        const reserved = await limitsReserved(deps, key);
        const outcomes = await postChain(
          ledger,
          [taking, ...releaseOrTake(operation, reserved, 'post_pending')],
          context,
        );
        const [posted] = outcomes;
        assert(posted && posted.outcome !== 'refused', 'what was held can be taken');
        const change = await balanceChange(ledger, accountId(person.balanceAccount), id, posted.seq);
        return {
          to: 'succeeded',
          event: 'booked',
          moneyMoved: 'yes',
          result: change.result,
          within: (tx) => noteCardState(tx, uuid(data.cardId), 'ok'),
        };
      },
      async releasing(operation, context) {
        const { key } = operation;
        const release: NewTransfer = {
          id: deriveId(key, 'release'),
          kind: 'void_pending',
          code: transferCodes.withdrawal,
          operationId: key,
          pendingId: deriveId(key, 'hold'),
        };
        const chain = [release, ...releaseOrTake(operation, await limitsReserved(deps, key), 'void_pending')];
        assert(!firstRefusal(await postChain(ledger, chain, context)), 'what was held can be released');
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
}
