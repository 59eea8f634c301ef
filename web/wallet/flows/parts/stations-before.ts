import type { OperationKind, OperationShape } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';

type Stations = OperationShape['path'];
type Name = Stations[number]['station'];

const ways: Readonly<Record<OperationKind, readonly Name[]>> = {
  open_wallet: ['you', 'purser'],
  verify_identity: ['you', 'purser', 'registry'],
  reset_pin: ['you', 'purser'],
  bind_card: ['you', 'purser', 'bank', 'card'],
  top_up: ['you', 'purser', 'bank', 'debit'],
  withdraw: ['you', 'purser', 'bank', 'credit'],
  pay: ['you', 'purser', 'merchant'],
  transfer: ['you', 'purser', 'payee'],
};

const places: Readonly<Record<Problem['side'], readonly Name[]>> = {
  you: ['you'],
  network: ['you'],
  app: ['you'],
  device: ['you'],
  bank: ['bank'],
  card_issuer: ['bank'],
  policy: ['purser'],
  wallet: ['purser'],
  security: ['purser'],
  account: ['purser'],
  third_party: ['payee', 'merchant', 'registry'],
};

/** The way of something that was refused before it began: it stopped where the cure is, and never went further. */
export function stationsBefore(kind: OperationKind, side: Problem['side']): Stations {
  const way = ways[kind];
  const stop = Math.max(
    0,
    way.findIndex((station) => places[side].includes(station)),
  );
  return way.map((station, index) => ({
    station,
    state: index < stop ? 'reached' : index === stop ? 'stopped' : 'never',
  }));
}
