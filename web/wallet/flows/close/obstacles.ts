import type { OperationShape } from '../../../../src/contract/operations.ts';
import type { Balance, Card, Me } from '../../../../src/contract/wallet.ts';
import { addMoney, isZero, type WireMoney } from '../../../ui/format-money.ts';
import { isMoneyOperation, type MoneyOperation } from '../operation/money-facts.tsx';

/** One thing that keeps a wallet from being closed, each with one way to end it. */
export type Obstacle =
  | { what: 'frozen' }
  | { what: 'stopped' }
  | { what: 'no_pin' }
  | { what: 'pin_locked'; until: string }
  | { what: 'under_way'; operation: MoneyOperation }
  | { what: 'balance'; amount: WireMoney; hasCard: boolean }
  | { what: 'held'; amount: WireMoney };

export type Standing = {
  me: Me;
  balance: Balance;
  operations: readonly OperationShape[];
  cards: readonly Card[];
};

/** As the server sees it, in the order in which they are best ended: without a PIN no freeze is lifted, nothing withdrawn. */
export function obstaclesTo({ me, balance, operations, cards }: Standing): Obstacle[] {
  const found: Obstacle[] = [];
  if (!me.pinSet) found.push({ what: 'no_pin' });
  else if (me.pinLockedUntil) found.push({ what: 'pin_locked', until: me.pinLockedUntil });
  if (me.accountCause === 'account.frozen_by_you') found.push({ what: 'frozen' });
  else if (me.accountState !== 'normal') found.push({ what: 'stopped' });
  // What only waits for its person has moved nothing.
  const underWay = operations.filter(isMoneyOperation).filter(({ state }) => state !== 'needs_you');
  found.push(...underWay.map((operation) => ({ what: 'under_way', operation }) as const));
  if (!isZero(balance.available)) {
    found.push({ what: 'balance', amount: balance.available, hasCard: cards.length > 0 });
  } else if (!isZero(addMoney(balance.available, balance.held)) && underWay.length === 0) {
    found.push({ what: 'held', amount: balance.held });
  }
  return found;
}
