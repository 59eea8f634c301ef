import { Type, type Static, type TObjectOptions, type TProperties, type TSchema } from 'typebox';

/** An object in which unknown members are refused, never dropped in silence. */
export const strict = <P extends TProperties>(properties: P, options: TObjectOptions = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** One of these words. */
export const oneOf = <const V extends readonly string[]>(values: V, options: { description?: string } = {}) =>
  Type.Unsafe<V[number]>({ type: 'string', enum: [...values], ...options });

export const Instant = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' });
const publicId = (prefix: string) =>
  Type.String({
    pattern: `^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`,
    description: `${prefix}_ and a UUID in 26 letters of base32 (TypeID)`,
  });

export const OperationId = publicId('op');
export const CardId = publicId('card');
export const OrderId = publicId('ord');
export const MerchantId = publicId('mer');
export const PayoutId = publicId('po');
export const PayoutBatchId = publicId('pb');
export const TransactionId = publicId('tx');

export const MoneyShape = strict(
  {
    minor: Type.String({ pattern: '^-?(0|[1-9][0-9]{0,15})$', description: 'Minor units (fen), decimal' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' }),
  },
  { description: 'An amount' },
);
export type MoneyShape = Static<typeof MoneyShape>;

export const Language = oneOf(['zh-CN', 'en']);

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
