import { sql } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import { assert } from '../../kernel/assert.ts';
import { CNY } from '../../kernel/currencies.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Pin } from '../../kernel/masked.ts';
import { compare, money, type Money, type MoneyJson } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import { uuidArray } from '../../database/column-types.ts';
import type { Database } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readAllowances } from '../books/allowances.ts';
import type { LimitRule, LimitRules } from '../books/limit-rules.ts';
import { readAmount } from '../books/read-amount.ts';
import { moverColumns, moverOf, type Mover, type MoverRow } from '../people/person.ts';
import type { SecurityDoor } from '../security/security-door.ts';

/** Payment PIN and what its owner allows without it. */
export type PinSetting = { pinSet: boolean; withoutPinUpTo: bigint };

export type Payer = { mover: Mover; setting: PinSetting };

/** Who pays and how, of many people at once. What was allowed under a former PIN counts no more. */
export async function findPayers(database: Database, ids: readonly Uuid[]): Promise<Map<Uuid, Payer>> {
  const { rows } = await database.pool.query<MoverRow & { pin_set: boolean; up_to_minor: bigint | null }>({
    name: 'payers_by_id',
    text: `select ${moverColumns}, pin.person_id is not null as pin_set, s.up_to_minor
      from person p left join payment_pin pin on pin.person_id = p.id
        left join small_payment s on s.person_id = p.id and s.set_at >= pin.changed_at
      where p.id = any($1::uuid[])`,
    values: [uuidArray(ids)],
  });
  return new Map(
    rows.map((row) => {
      const mover = moverOf(row);
      return [mover.id, { mover, setting: { pinSet: row.pin_set, withoutPinUpTo: row.up_to_minor ?? 0n } }];
    }),
  );
}

/** The same of one, who is there. */
export async function readPayer(database: Database, id: Uuid): Promise<Payer> {
  const payer = (await findPayers(database, [id])).get(id);
  assert(payer, 'people are never deleted');
  return payer;
}

export type SmallPayments = {
  upTo: Money | null;
  most: Money;
  mostOfDay: Money | null;
  /** What is left of the day's sum, whoever it goes to; null while every sum takes the PIN. */
  leftOfDay: Money | null;
};
type ReadingDependencies = { database: Database; ledger: Ledger; clock: Clock; limits: LimitRules };
export type SmallPaymentsDependencies = ReadingDependencies & { security: SecurityDoor };

/** Up to which sum this person pays without the PIN, the most that it may be, the most of a day and what is left of it. */
export async function readSmallPayments(deps: ReadingDependencies, personId: Uuid): Promise<SmallPayments> {
  const { mover, setting } = await readPayer(deps.database, personId);
  const chosen = setting.withoutPinUpTo;
  const most = deps.limits.singleWithoutPin;
  const upTo = chosen > most.minor ? most : money(chosen, CNY);
  const [ofDay] = deps.limits.withoutPin(deps.clock.now());
  const isOn = upTo.minor > 0n;
  const left = async (rule: LimitRule) =>
    (await readAllowances(deps, mover, [rule], deps.limits.version()))[0]?.available ?? null;
  return {
    upTo: isOn ? upTo : null,
    most,
    mostOfDay: ofDay?.allowance ?? null,
    leftOfDay: isOn && ofDay ? await left(ofDay) : null,
  };
}

/**
 * Lets a sum go without the PIN, or asks for it: for more than its owner chose, and for more than the day has left. Of
 * two at the same moment both may be let go here; the limit in the books decides between them. Cause:
 * `security.pin_required`.
 */
export async function admitWithoutPin(deps: ReadingDependencies, personId: Uuid, amount: Money): Promise<void> {
  const { upTo, leftOfDay } = await readSmallPayments(deps, personId);
  if (!upTo || compare(amount, upTo) > 0) throw refusal('security.pin_required');
  if (leftOfDay && compare(amount, leftOfDay) > 0) throw refusal('security.pin_required');
}

/** The limits of what leaves without the PIN, which come first: they refuse nothing that the PIN would not cure. */
export const rulesWithoutPin = (limits: LimitRules): LimitRules => ({
  ...limits,
  balance: (accountClass, now, pause) => [...limits.withoutPin(now), ...limits.balance(accountClass, now, pause)],
});

/**
 * Lets sums up to `upTo` leave without the PIN, which this takes once. Causes: those of the amount and the PIN,
 * `limit.single`.
 */
export async function allowSmallPayments(
  deps: SmallPaymentsDependencies,
  personId: Uuid,
  asked: { upTo: MoneyJson; pin: Pin },
): Promise<SmallPayments> {
  const upTo = readAmount(asked.upTo);
  if (compare(upTo, deps.limits.singleWithoutPin) > 0) {
    throw refusal('limit.single', { params: { limit: deps.limits.singleWithoutPin } });
  }
  // Before the PIN is looked at: one that is changed meanwhile makes this void.
  const now = deps.clock.now();
  await deps.security.checkPin({ personId, pin: asked.pin });
  await sql`
    insert into small_payment (person_id, currency, up_to_minor, set_at)
    values (${personId}, ${upTo.currency}, ${upTo.minor}, ${now})
    on conflict (person_id) do update set currency = excluded.currency, up_to_minor = excluded.up_to_minor,
      set_at = excluded.set_at`.execute(deps.database.kysely);
  return readSmallPayments(deps, personId);
}

/** Every payment takes the PIN again. Less is always allowed: it asks for nothing. */
export async function endSmallPayments(deps: { database: Database }, personId: Uuid): Promise<void> {
  await sql`delete from small_payment where person_id = ${personId}`.execute(deps.database.kysely);
}
