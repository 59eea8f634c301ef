import { assert } from '../../kernel/assert.ts';
import { minuteMs } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { deriveId, toPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import { pin } from '../../kernel/masked.ts';
import { moneyToJson, type Money } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Actor, Flow, JsonObject } from '../../operations/flow.ts';
import { accountId, transferCodes } from '../books/chart.ts';
import { findMerchant, type Merchant } from '../merchants/merchant.ts';
import { loadOrder, markPaid, paymentTransferId, type Order } from '../merchants/order.ts';
import { recordEvent } from '../merchants/tell-merchant.ts';
import { whatKeepsFromMoving } from '../people/check-ready.ts';
import { loadPerson } from '../people/person.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { payFromBalance, whatKeepsFromPaying, type BalancePaymentDependencies } from './pay-from-balance.ts';
import { admitWithoutPin, rulesWithoutPin } from './small-payments.ts';

export type PayData = JsonObject & {
  personId: string;
  orderId: string;
  merchantId: string;
  merchantName: string;
  description: string;
  /** Confirmed as a small sum, without the PIN. */
  withoutPin?: boolean;
};

export type PayDependencies = BalancePaymentDependencies & { security: SecurityDoor };

/** What is wrong with the order itself. */
function orderObstacle(order: Order): Failure | undefined {
  if (order.state === 'paid') return refusal('operation.order_paid');
  return order.state === 'closed'
    ? refusal('operation.order_closed', { params: { merchant: order.merchantName } })
    : undefined;
}

const merchantClosed = (merchant: string): Failure => refusal('third_party.merchant_closed', { params: { merchant } });

const merchantObstacle = (merchant: Merchant | undefined): Failure | undefined =>
  merchant?.state === 'closed' ? merchantClosed(merchant.name) : undefined;

/** A small sum was let go without the PIN, but others of this day have come first: only the PIN is missing. */
async function lacksPin(deps: PayDependencies, personId: Uuid, { code }: Failure, amount: Money): Promise<boolean> {
  if (code !== 'limit.day') return false;
  const refused = await admitWithoutPin(deps, personId, amount).catch((error: unknown) => error);
  if (refused !== undefined && !(refused instanceof Failure)) throw refused;
  return refused !== undefined;
}

/**
 * Pays a merchant's order from the balance. An order is paid once, however many try. A sum that its owner lets go
 * without the PIN is confirmed without one; where the day's sum is used up meanwhile, it waits for the PIN after all.
 */
export function pay(deps: PayDependencies): Flow<PayData> {
  const { database, clock, security } = deps;

  async function check(input: unknown, actor: Actor) {
    const person = await loadPerson(database.kysely, actor.personId);
    const order = await loadOrder(deps, (input as { orderId: string }).orderId);
    const { set } = await security.pinState({ personId: person.id });
    const merchant = await findMerchant(database.kysely, order.merchantId);
    const obstacle = orderObstacle(order) ?? merchantObstacle(merchant);
    const problems = [...(obstacle ? [obstacle] : []), ...whatKeepsFromMoving(person, set)];
    if (person.isVerified) problems.push(...(await whatKeepsFromPaying(deps, person, order.amount)));
    return { person, order, problems };
  }

  return {
    kind: 'pay',
    first: 'confirm',
    steps: {
      confirm: { state: 'needs_you', withinMs: 15 * minuteMs, next: ['posting', 'failed', 'expired', 'cancelled'] },
      posting: { state: 'working', withinMs: 5 * minuteMs, next: ['confirm', 'succeeded', 'failed'] },
    },
    async begin(input, actor) {
      const { person, order, problems } = await check(input, actor);
      if (problems[0]) throw problems[0];
      return {
        data: {
          personId: person.id,
          orderId: order.id,
          merchantId: order.merchantId,
          merchantName: order.merchantName,
          description: order.description,
        },
        amount: order.amount,
        policyVersion: deps.limits.version(),
        intent: `pay:${order.id}`,
      };
    },
    preflight: async (input, actor) => (await check(input, actor)).problems,
    submit: {
      confirm: async (operation, input, actor) => {
        const asked = { orderId: toPublicId('ord', uuid(operation.data.orderId)) };
        const { person, order, problems } = await check(asked, actor);
        if (problems[0]) throw problems[0];
        const typed = input['pin'];
        if (typed === undefined) await admitWithoutPin(deps, person.id, order.amount);
        else await security.checkPin({ personId: person.id, pin: pin(String(typed)) });
        const withoutPin = typed === undefined;
        return { to: 'posting', event: 'confirmed', data: { withoutPin }, detail: { withPin: !withoutPin } };
      },
    },
    run: {
      async posting(operation, { mineUntil }) {
        const { data, key, amount } = operation;
        assert(amount, 'a payment has an amount');
        const payer = await loadPerson(database.kysely, uuid(data.personId));
        const merchant = await findMerchant(database.kysely, uuid(data.merchantId));
        assert(merchant, 'an order has a merchant');
        const orderId = uuid(data.orderId);
        // Closed since it was confirmed; what was booked before a crash stays booked.
        if (merchant.state === 'closed' && !(await deps.ledger.transfer(paymentTransferId(orderId)))) {
          return { to: 'failed', event: 'refused', cause: merchantClosed(merchant.name) };
        }
        const limits = data.withoutPin ? rulesWithoutPin(deps.limits) : deps.limits;
        const paid = await payFromBalance(
          { ...deps, limits },
          {
            operationKey: key,
            transferId: paymentTransferId(orderId),
            code: transferCodes.payment,
            payer,
            payee: accountId(merchant.balanceAccount),
            amount,
            mineUntil,
          },
        );
        switch (paid.outcome) {
          case 'made_by_another':
            return { to: 'failed', event: 'refused', cause: refusal('operation.order_paid') };
          case 'payee_refused':
            return {
              to: 'failed',
              event: 'refused',
              cause: merchantClosed(merchant.name),
            };
          case 'refused':
            if (data.withoutPin && (await lacksPin(deps, payer.id, paid.failure, amount))) {
              return { to: 'confirm', event: 'pin_needed', data: { withoutPin: false } };
            }
            return { to: 'failed', event: 'refused', cause: paid.failure };
          case 'paid': {
            const now = clock.now();
            return {
              to: 'succeeded',
              event: 'booked',
              moneyMoved: 'yes',
              result: paid.result,
              within: async (tx) => {
                await markPaid(tx, orderId, key, now);
                await recordEvent(tx, {
                  id: deriveId(orderId, 'order.paid'),
                  merchantId: merchant.id,
                  type: 'order.paid',
                  now,
                  data: { orderId: toPublicId('ord', orderId), amount: moneyToJson(amount), paidAt: now.toISOString() },
                });
              },
            };
          }
        }
      },
    },
    cancel: (operation) => (operation.state === 'needs_you' ? { to: 'cancelled', event: 'cancelled' } : undefined),
  };
}
