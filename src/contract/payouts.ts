import { Type } from 'typebox';
import { Instant, MoneyShape, nullable, oneOf, PayoutBatchId, PayoutId, strict, TransactionId } from './common.ts';
import { Problem } from './problem.ts';

const text = (max: number) => Type.String({ minLength: 0, maxLength: max });

/** `POST /v1/merchant/payouts`: each payout has an id of its own, made by the merchant, which is its idempotency key. */
export const PayOut = strict({
  id: PayoutBatchId,
  payouts: Type.Array(
    strict({ id: PayoutId, payeePhone: text(32), amount: MoneyShape, note: Type.Optional(text(100)) }),
    { minItems: 1, maxItems: 100 },
  ),
});

export const PayoutShape = strict({
  id: PayoutId,
  state: oneOf(['paid', 'refused'], {
    description: 'refused: nothing was done and the id is free; asked again it is tried again',
  }),
  amount: nullable(MoneyShape),
  transactionId: nullable(TransactionId),
  paidAt: nullable(Instant),
  failure: nullable(Problem),
});

export const PayoutBatchShape = strict({
  id: PayoutBatchId,
  paid: Type.Integer(),
  refused: Type.Integer(),
  payouts: Type.Array(PayoutShape, { description: 'In the order of asking' }),
});
