import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import { addMs, minuteMs, secondMs, type Clock } from '../../kernel/clock.ts';
import { currencyCode } from '../../kernel/currencies.ts';
import { deriveId, fromPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import { money, type Money, type MoneyJson } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database, Transaction } from '../../database/database.ts';
import { readAmount } from '../books/read-amount.ts';
import type { Merchant } from './merchant.ts';

export type Order = {
  id: Uuid;
  merchantId: Uuid;
  merchantName: string;
  /** `closed` also when its time is over. */
  state: 'open' | 'paid' | 'closed';
  amount: Money;
  description: string;
  createdAt: Date;
  expiresAt: Date;
  paidAt: Date | null;
};

type Row = {
  id: string;
  merchant_id: string;
  merchant_name: string;
  state: Order['state'];
  currency: string;
  amount_minor: bigint;
  description: string;
  created_at: Date;
  expires_at: Date;
  paid_at: Date | null;
  fingerprint: Buffer;
};
type Reader = Database['kysely'] | Transaction;

const fromRow = (row: Row, now: Date): Order => {
  const currency = currencyCode(row.currency);
  assert(currency, 'an order has a currency');
  return {
    id: uuid(row.id),
    merchantId: uuid(row.merchant_id),
    merchantName: row.merchant_name,
    state: row.state === 'open' && row.expires_at <= now ? 'closed' : row.state,
    amount: money(row.amount_minor, currency),
    description: row.description,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    paidAt: row.paid_at,
  };
};

async function findRow(db: Reader, id: Uuid): Promise<Row | undefined> {
  const found = await sql<Row>`
    select o.*, m.name as merchant_name from merchant_order o join merchant m on m.id = o.merchant_id where o.id = ${id}`.execute(
    db,
  );
  return found.rows[0];
}

/** The order that a code or link names. Cause: `input.code_unrecognised`. */
export async function loadOrder(deps: { database: Database; clock: Clock }, publicId: string): Promise<Order> {
  const id = fromPublicId('ord', publicId);
  const row = id && (await findRow(deps.database.kysely, id));
  if (!row) throw refusal('input.code_unrecognised');
  return fromRow(row, deps.clock.now());
}

export type OrderRequest = { id: string; amount: MoneyJson; description: string; expiresInSeconds?: number };

/** Makes an order; the same id and content again answers with it as it is now. Causes: `operation.conflict`, those of the amount. */
export async function createOrder(
  deps: { database: Database; clock: Clock; fingerprint: (content: unknown) => Buffer },
  merchant: Merchant,
  request: OrderRequest,
): Promise<Order> {
  const id = fromPublicId('ord', request.id);
  if (!id) throw refusal('app.request_invalid');
  const amount = readAmount(request.amount);
  const now = deps.clock.now();
  const lastsMs = request.expiresInSeconds === undefined ? 15 * minuteMs : request.expiresInSeconds * secondMs;
  const fingerprint = deps.fingerprint({ merchant: merchant.id, request });
  await sql`
    insert into merchant_order (id, merchant_id, fingerprint, currency, amount_minor, description, created_at, expires_at)
    values (${id}, ${merchant.id}, ${fingerprint}, ${amount.currency}, ${amount.minor}, ${request.description}, ${now},
      ${addMs(now, lastsMs)})
    on conflict (id) do nothing`.execute(deps.database.kysely);
  const row = await findRow(deps.database.kysely, id);
  assert(row, 'the order was just written');
  if (!row.fingerprint.equals(fingerprint)) throw refusal('operation.conflict');
  return fromRow(row, now);
}

/** An order of this merchant; another's is simply not there. Cause: `operation.not_found`. */
export async function readMerchantOrder(
  deps: { database: Database; clock: Clock },
  merchant: Merchant,
  publicId: string,
): Promise<Order> {
  const id = fromPublicId('ord', publicId);
  const row = id && (await findRow(deps.database.kysely, id));
  if (!row || row.merchant_id !== merchant.id) throw refusal('operation.not_found');
  return fromRow(row, deps.clock.now());
}

/** The movement that pays an order has an id that follows from the order, so that it can be made once, by whomever. */
export const paymentTransferId = (orderId: Uuid): Uuid => deriveId(orderId, 'paid');

/** Marks an order paid by an operation; its money has moved, so an order that ran out meanwhile is paid all the same. */
export async function markPaid(tx: Transaction, id: Uuid, operationKey: Uuid, now: Date): Promise<void> {
  await sql`
    update merchant_order set state = 'paid', paid_at = ${now}, paid_by_operation = ${operationKey}
    where id = ${id} and state <> 'paid'`.execute(tx);
}
