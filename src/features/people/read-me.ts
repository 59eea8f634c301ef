import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { CNY } from '../../kernel/currencies.ts';
import { money, type Money } from '../../kernel/money.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Database } from '../../database/database.ts';
import type { Account, Ledger } from '../../ledger/ledger.ts';
import { readAllowances, type Allowance } from '../books/allowances.ts';
import type { LimitRules, Pause } from '../books/limit-rules.ts';
import { accountId } from '../books/chart.ts';
import { holdingsOf } from '../books/read-account.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { loadPerson, type Person } from './person.ts';

export type ReadMeDependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  limits: LimitRules;
  security: SecurityDoor;
};

export type AboutMe = {
  person: Person;
  accountClass: number;
  channelsForNextClass: number | null;
  pinSet: boolean;
  pinLockedUntil: Date | null;
  /** The pause after a reset of the PIN, while it lasts. */
  pause: Pause | null;
  policyVersion: string;
};

/** What a person sees of themselves. */
export async function readMe(deps: ReadMeDependencies, personId: Uuid): Promise<AboutMe> {
  const person = await loadPerson(deps.database.kysely, personId);
  const pin = await deps.security.pinState({ personId });
  const accountClass = deps.limits.classOf(person.channelCount);
  return {
    person,
    accountClass,
    channelsForNextClass: deps.limits.channelsForNext(accountClass) ?? null,
    pinSet: pin.set,
    pinLockedUntil: pin.lockedUntil,
    pause: person.pause && person.pause.until > deps.clock.now() ? person.pause : null,
    policyVersion: deps.limits.version(),
  };
}

export async function setLanguage(
  deps: { database: Database },
  personId: Uuid,
  language: 'zh-CN' | 'en',
): Promise<void> {
  await sql`update person set language = ${language} where id = ${personId}`.execute(deps.database.kysely);
}

/** Every limit on this person's money now, and what is left of each. */
export async function readLimits(deps: ReadMeDependencies, personId: Uuid): Promise<Allowance[]> {
  const person = await loadPerson(deps.database.kysely, personId);
  const now = deps.clock.now();
  const rules = [
    ...deps.limits.balance(deps.limits.classOf(person.channelCount), now, person.pause),
    ...deps.limits.topUp(now),
  ];
  return readAllowances(deps, person, rules, deps.limits.version());
}

export type BalanceNow = { available: Money; held: Money; asking: Money; checkedAt: Date };

/**
 * Holds the account's totals against the running balance of its last line in the book. Two figures that are written
 * independently: if they differ, nothing is shown as right.
 */
async function checkAgainstBook(ledger: Ledger, number: bigint): Promise<Account> {
  const id = accountId(number);
  for (let tries = 0; tries < 3; tries += 1) {
    const [account, page] = [await ledger.account(id), await ledger.history(id, { limit: 1 })];
    assert(account, `no account ${number}`);
    const bySum = account.creditsPosted - account.debitsPosted;
    if (bySum === (page.entries[0]?.balanceAfter ?? 0n)) return account;
    // Something was booked between the two readings; a difference that stays is a wrong book.
  }
  assert(false, `the totals of account ${number} differ from its last line`);
}

/** The balance, what is held in it, and sums whose outcome a bank has not told yet: those are in no other figure. */
export async function readBalance(deps: ReadMeDependencies, personId: Uuid): Promise<BalanceNow> {
  const person = await loadPerson(deps.database.kysely, personId);
  const holdings = holdingsOf(await checkAgainstBook(deps.ledger, person.balanceAccount));
  const asking = await sql<{ sum: bigint }>`
    select coalesce(sum(amount_minor), 0)::bigint as sum from operation
    where owner_id = ${personId} and ended_at is null and kind = 'top_up' and money_moved = 'unknown'`.execute(
    deps.database.kysely,
  );
  return { ...holdings, asking: money(asking.rows[0]?.sum ?? 0n, CNY), checkedAt: deps.clock.now() };
}
