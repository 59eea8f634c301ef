import type { OperationKind } from '../../../src/contract/operations.ts';

/** Every address that a flow leads to, in one place. */
export const paths = {
  home: '/',
  open: '/open',
  verify: '/verify',
  pin: '/pin',
  resetPin: '/pin/reset',
  freeze: '/freeze',
  close: '/close',
  smallPayments: '/small-payments',
  bind: '/bind',
  topUp: '/top-up',
  withdraw: '/withdraw',
  send: '/send',
  scan: '/scan',
  cards: '/cards',
  history: '/history',
  limits: '/limits',
  status: '/status',
  pay: (orderId: string) => `/pay/${orderId}`,
  operation: (id: string) => `/operations/${id}`,
} as const;

/** Where an operation of this kind is begun. A payment begins at its order. */
export function startOf(kind: OperationKind, orderId?: string): string {
  switch (kind) {
    case 'open_wallet':
      return paths.open;
    case 'verify_identity':
      return paths.verify;
    case 'reset_pin':
      return paths.resetPin;
    case 'bind_card':
      return paths.bind;
    case 'top_up':
      return paths.topUp;
    case 'withdraw':
      return paths.withdraw;
    case 'transfer':
      return paths.send;
    case 'pay':
      return orderId === undefined ? paths.scan : paths.pay(orderId);
  }
}

/** An address with what it needs to know; a parameter without a value is left out. */
export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Only an address inside the app is gone back to; what a link from outside put there is not. */
export function safeReturn(text: string | null): string | undefined {
  if (text === null || !/^\/(?![/\\])[\w\-/?=&%.]*$/.test(text)) return undefined;
  return text;
}
