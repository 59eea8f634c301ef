import { exampleProblem } from '../describe-refusals.ts';

/** What the description of the API shows of a merchant's requests and answers. */

const orderId = 'ord_01kkp8s4vpe1zbq2m7w0h4rt9c';
const [paidId, refusedId] = ['po_01kkp8vfd0f6vsw1y9c3x5n2ka', 'po_01kkp8vfd1ekw8h0tq7b4m6zjs'];
const transactionId = 'tx_01kkp8vfd08bkr4n2c6y1h9w3e';
const batchId = 'pb_01kkp8vfczf2wr5s8d0k7j3xnm';
const amount = { minor: '5970', currency: 'CNY' };
const createdAt = '2026-11-22T06:05:00.000Z';

export const exampleMerchant = {
  id: 'mer_01kkp8r2c9f0jbt6x4m1h7wz5d',
  name: 'Corner Books',
  account: '100007',
  available: { minor: '123450', currency: 'CNY' },
};
export const exampleMerchantTransactions = {
  transactions: [
    {
      id: transactionId,
      kind: 'payout',
      of: paidId,
      direction: 'out',
      amount: { minor: '2000', currency: 'CNY' },
      balanceAfter: { minor: '123450', currency: 'CNY' },
      at: '2026-11-22T06:06:10.000Z',
    },
  ],
  nextCursor: null,
};
export const exampleNewOrder = { id: orderId, amount, description: 'Dream of the Red Chamber' };
export const exampleOrder = {
  id: orderId,
  state: 'open',
  amount,
  description: 'Dream of the Red Chamber',
  merchantName: 'Corner Books',
  payUrl: `https://wallet.example/pay/${orderId}`,
  createdAt,
  expiresAt: '2026-11-22T06:20:00.000Z',
  paidAt: null,
};
export const examplePayOut = {
  id: batchId,
  payouts: [
    { id: paidId, payeePhone: '13800138021', amount: { minor: '2000', currency: 'CNY' }, note: 'Refund' },
    { id: refusedId, payeePhone: '13911112222', amount: { minor: '500', currency: 'CNY' } },
  ],
};
export const examplePayout = {
  id: paidId,
  state: 'paid',
  amount: { minor: '2000', currency: 'CNY' },
  transactionId,
  paidAt: '2026-11-22T06:06:10.000Z',
  failure: null,
};
const refusedPayout = {
  id: refusedId,
  state: 'refused',
  amount: null,
  transactionId: null,
  paidAt: null,
  failure: exampleProblem('third_party.payee_not_found', 'payout'),
};
export const examplePayoutBatch = { id: batchId, paid: 1, refused: 1, payouts: [examplePayout, refusedPayout] };
