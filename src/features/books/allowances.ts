import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { CNY } from '../../kernel/currencies.ts';
import { deriveId, type Uuid } from '../../kernel/ids.ts';
import { money, type Money } from '../../kernel/money.ts';
import type { Database } from '../../database/database.ts';
import type { AccountId, DirectTransfer, Ledger } from '../../ledger/ledger.ts';
import { accountId, allowanceAccount, allowanceSource, allowanceUsed, transferCodes } from './chart.ts';

export type AllowanceDependencies = { database: Database; ledger: Ledger; clock: Clock };

/** A limit of a person in a period, e.g. `balance_day` in `2026-11-22`. */
export type LimitRule = {
  limit: string;
  period: string;
  /** How much may be used in the whole period. */
  allowance: Money;
  /** When a new period begins; null for a limit of a lifetime. */
  resetsAt: Date | null;
};
export type Allowance = LimitRule & { account: AccountId; available: Money; used: Money };

type Row = { account_number: bigint; granted_minor: bigint };

/**
 * Makes sure that the account of this limit exists and holds what the rule grants. Repeating it, or two at once, grants
 * nothing twice, not even two who believe in different sums: the id of a grant follows from person, limit, period and
 * the sum granted before it. A rule that was lowered within its period keeps what was granted and is enforced from the
 * next period on.
 */
async function ensureAllowance(
  deps: AllowanceDependencies,
  personId: Uuid,
  rule: LimitRule,
  policyVersion: string,
): Promise<AccountId> {
  const db = deps.database.kysely;
  await sql`
    insert into allowance (person_id, limit_name, period, account_number, policy_version, created_at)
    select ${personId}, ${rule.limit}, ${rule.period}, nextval('account_number'), ${policyVersion}, ${deps.clock.now()}
    where not exists (select 1 from allowance where person_id = ${personId} and limit_name = ${rule.limit} and period = ${rule.period})
    on conflict do nothing`.execute(db);
  for (;;) {
    const found = await sql<Row>`
      select account_number, granted_minor from allowance
      where person_id = ${personId} and limit_name = ${rule.limit} and period = ${rule.period}`.execute(db);
    const row = found.rows[0];
    assert(row, 'the allowance was just written');
    if (rule.allowance.minor <= row.granted_minor) return accountId(row.account_number);
    const granted = row.granted_minor + (await grantMore(deps, personId, rule, row));
    await sql`
      update allowance set granted_minor = ${granted}
      where person_id = ${personId} and limit_name = ${rule.limit} and period = ${rule.period}
        and granted_minor = ${row.granted_minor}`.execute(db);
  }
}

/** Grants what is missing after what the row says; how much that was, when somebody else has done it meanwhile. */
async function grantMore(deps: AllowanceDependencies, personId: Uuid, rule: LimitRule, row: Row): Promise<bigint> {
  const { ledger } = deps;
  await ledger.createAccounts([allowanceAccount(row.account_number)]);
  const missing = rule.allowance.minor - row.granted_minor;
  const id = deriveId(personId, `grant ${rule.limit} ${rule.period} after ${row.granted_minor}`);
  const [[outcome] = []] = await ledger.post([
    [
      {
        id,
        kind: 'post',
        code: transferCodes.allowanceGrant,
        debitAccountId: allowanceSource,
        creditAccountId: accountId(row.account_number),
        amount: missing,
      },
    ],
  ]);
  if (outcome?.outcome !== 'refused') return missing;
  const made = await ledger.transfer(id);
  assert(made, `a grant is never refused: ${outcome.reason}`);
  return made.amount;
}

/** What is recorded of each of these limits, in their order. */
async function findAllowances(
  { database }: AllowanceDependencies,
  personId: Uuid,
  rules: readonly LimitRule[],
): Promise<(Row | undefined)[]> {
  const { rows } = await sql<Row & { limit_name: string; period: string }>`
    select a.limit_name, a.period, a.account_number, a.granted_minor
    from unnest(${rules.map(({ limit }) => limit)}::text[], ${rules.map(({ period }) => period)}::text[])
      as asked(limit_name, period)
    join allowance a on a.person_id = ${personId} and a.limit_name = asked.limit_name and a.period = asked.period`.execute(
    database.kysely,
  );
  return rules.map((rule) => rows.find((row) => row.limit_name === rule.limit && row.period === rule.period));
}

/** What is left of each limit: the same number that the decision uses. */
export async function readAllowances(
  deps: AllowanceDependencies,
  personId: Uuid,
  rules: readonly LimitRule[],
  policyVersion: string,
): Promise<Allowance[]> {
  const known = await findAllowances(deps, personId, rules);
  const ids: AccountId[] = [];
  for (const [index, rule] of rules.entries()) {
    const row = known[index];
    const isGranted = row !== undefined && rule.allowance.minor <= row.granted_minor;
    ids.push(isGranted ? accountId(row.account_number) : await ensureAllowance(deps, personId, rule, policyVersion));
  }
  const accounts = await deps.ledger.accounts(ids);
  return rules.map((rule, index) => {
    const id = ids[index];
    assert(id !== undefined, 'one account for each rule');
    const account = accounts.get(id);
    assert(account, 'an allowance has its account');
    const used = account.debitsPosted + account.debitsPending;
    const available = account.creditsPosted - used;
    return { ...rule, account: id, available: money(available, CNY), used: money(used, CNY) };
  });
}

/** The transfer that uses up a part of a limit; linked with the movement it belongs to. */
export const useAllowance = (
  operationKey: Uuid,
  allowance: Pick<Allowance, 'limit' | 'account'>,
  amount: Money,
  kind: 'post' | 'pending',
): DirectTransfer => ({
  id: deriveId(operationKey, `use ${allowance.limit}`),
  kind,
  code: transferCodes.allowanceUse,
  operationId: operationKey,
  debitAccountId: allowance.account,
  creditAccountId: allowanceUsed,
  amount: amount.minor,
});

/**
 * The allowances that an operation uses: as they stand now, or, when it used them before a crash, the very accounts of
 * then, since the day or the class may have changed meanwhile.
 */
export async function allowancesOfOperation(
  deps: AllowanceDependencies,
  operationKey: Uuid,
  readNow: () => Promise<Allowance[]>,
): Promise<Allowance[]> {
  const now = await readNow();
  const made = await deps.ledger.transfersOf(operationKey);
  if (made.length === 0) return now;
  const known = new Map(now.map((allowance) => [deriveId(operationKey, `use ${allowance.limit}`), allowance]));
  return made.flatMap((transfer) => {
    const allowance = known.get(transfer.id);
    return allowance ? [{ ...allowance, account: transfer.debitAccountId }] : [];
  });
}

/** The limits that an operation reserved, by their names of then: the policy of today may call them otherwise. */
export async function limitsReserved(
  deps: Pick<AllowanceDependencies, 'database' | 'ledger'>,
  operationKey: Uuid,
): Promise<string[]> {
  const made = await deps.ledger.transfersOf(operationKey);
  const accounts = made
    .filter(({ kind, code }) => kind === 'pending' && code === transferCodes.allowanceUse)
    .map(({ debitAccountId }) => debitAccountId);
  const found = await sql<{ limit_name: string }>`
    select limit_name from allowance where account_number = any(${accounts}::bigint[]) order by account_number`.execute(
    deps.database.kysely,
  );
  assert(found.rows.length === accounts.length, 'what was reserved was granted before');
  return found.rows.map((row) => row.limit_name);
}
