import { expect, test } from 'vitest';
import type { OperationShape } from '../../../src/contract/operations.ts';
import type { Balance, Card, Me } from '../../../src/contract/wallet.ts';
import { obstaclesTo, type Standing } from '../../../web/wallet/flows/close/obstacles.ts';

const yuan = (minor: string) => ({ minor, currency: 'CNY' });
const me = { accountState: 'normal', accountCause: null, pinSet: true, pinLockedUntil: null } as Me;
const balanceOf = (available: string, held = '0') =>
  ({ available: yuan(available), held: yuan(held), asking: yuan('0'), checkedAt: '2026-11-22T06:00:00Z' }) as Balance;
const operationOf = (kind: string, state: string) => ({ id: `op_${kind}`, kind, state, amount: yuan('500') });
const standing = (more: {
  operations?: object[];
  me?: Partial<Me>;
  balance?: Balance;
  cards?: object[];
}): Standing => ({
  me: { ...me, ...more.me },
  balance: more.balance ?? balanceOf('0'),
  operations: (more.operations ?? []) as OperationShape[],
  cards: (more.cards ?? []) as Card[],
});
const found = (more: Parameters<typeof standing>[0]) => obstaclesTo(standing(more)).map(({ what }) => what);

test('nothing stands in the way of an empty wallet with nothing under way', () => {
  expect(found({})).toEqual([]);
  // What only waits for its person has moved nothing, and a card is no obstacle.
  const operations = [operationOf('pay', 'needs_you'), operationOf('bind_card', 'working')];
  expect(found({ operations, cards: [{ id: 'card_a' }] })).toEqual([]);
});

test('the PIN comes first, without which no freeze is lifted and nothing withdrawn', () => {
  const locked = { pinLockedUntil: '2026-11-22T09:00:00Z' };
  const frozen = { accountState: 'frozen', accountCause: 'account.frozen_by_you' } as const;
  expect(found({ me: { ...locked, ...frozen }, balance: balanceOf('30000') })).toEqual([
    'pin_locked',
    'frozen',
    'balance',
  ]);
  expect(found({ me: { pinSet: false } })).toEqual(['no_pin']);
  expect(found({ me: { accountState: 'limited', accountCause: 'account.frozen_security' } })).toEqual(['stopped']);
});

test('money that is under way is told as what it is, held money only where nothing else explains it', () => {
  const operations = [operationOf('withdraw', 'asking'), operationOf('top_up', 'in_review')];
  expect(found({ operations, balance: balanceOf('0', '500') })).toEqual(['under_way', 'under_way']);
  expect(found({ balance: balanceOf('0', '500') })).toEqual(['held']);
  const [balance] = obstaclesTo(standing({ balance: balanceOf('1234'), cards: [{ id: 'card_a' }] }));
  expect(balance).toMatchObject({ what: 'balance', amount: yuan('1234'), hasCard: true });
});
