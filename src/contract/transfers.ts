import { Type } from 'typebox';
import { MoneyShape, nullable, OperationId, strict } from './common.ts';
import { startInputs } from './operations.ts';

const Pin = Type.String({ pattern: '^[0-9]{6}$', description: 'Payment PIN' });

/** `POST /v1/transfers`: the id is made by the caller and is the idempotency key, for ever. */
export const SendNow = strict({
  id: OperationId,
  ...startInputs.transfer.properties,
  pin: Type.Optional(Pin),
});

/** `PUT /v1/me/small-payments` */
export const AllowSmallPayments = strict({ upTo: MoneyShape, pin: Pin });
export const SmallPayments = strict({
  upTo: nullable(MoneyShape),
  /** The most that it may be. */
  most: MoneyShape,
  /** All that leaves without the PIN in a day, whatever is chosen; null where no rule says. */
  mostOfDay: nullable(MoneyShape),
  /** What is left of it today; null while every sum takes the PIN. */
  leftOfDay: nullable(MoneyShape),
});
