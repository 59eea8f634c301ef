import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import { CNY } from '../../kernel/currencies.ts';
import { deriveId, type Uuid } from '../../kernel/ids.ts';
import { money, type Money } from '../../kernel/money.ts';
import type { Account, AccountId, Count, DirectTransfer } from '../../ledger/ledger.ts';
import { accountId, allowanceAccount, allowanceSource, allowanceUsed, transferCodes } from './chart.ts';
import { beginPeriods, isCounting, lookAtPeriods, type AllowanceDependencies, type Holder } from './limit-periods.ts';
import type { LimitRule } from './limit-rules.ts';

/** What counts a limit in its period: an account whose balance is what is left, or a counter that goes so far. */
export type CountedBy = { account: AccountId } | Count;
/** A limit with what counts it; how much is left is for the ledger to say. */
export type KnownAllowance = LimitRule & { by: CountedBy };
export type Allowance = KnownAllowance & { available: Money; used: Money };

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

/** What counts each of these limits, in their order; `countsOf` finds it for those that counters count. */
async function allowancesBy(
  countsOf: typeof lookAtPeriods,
  deps: AllowanceDependencies,
  holder: Holder,
  rules: readonly LimitRule[],
  policyVersion: string,
): Promise<KnownAllowance[]> {
  const counting = rules.filter(isCounting);
  const others = rules.filter((rule) => !isCounting(rule));
  const counts = await countsOf(deps, holder, counting, policyVersion);
  const rows = others.length === 0 ? [] : await findAllowances(deps, holder.id, others);
  const accountOf = (rule: LimitRule, row: Row | undefined) =>
    row !== undefined && rule.allowance.minor <= row.granted_minor
      ? accountId(row.account_number)
      : ensureAllowance(deps, holder.id, rule, policyVersion);
  const all: KnownAllowance[] = [];
  for (const rule of rules) {
    const by = isCounting(rule)
      ? counts[counting.indexOf(rule)]
      : { account: await accountOf(rule, rows[others.indexOf(rule)]) };
    assert(by, 'every limit is counted somewhere');
    all.push({ ...rule, by });
  }
  return all;
}

type Asked = [deps: AllowanceDependencies, holder: Holder, rules: readonly LimitRule[], policyVersion: string];

/** The limits as a movement uses them: their periods have begun. */
export const allowancesToUse = (...asked: Asked): Promise<KnownAllowance[]> => allowancesBy(beginPeriods, ...asked);

/** What is left of each limit: the same number that the decision uses. Looking begins no period. */
export async function readAllowances(...asked: Asked): Promise<Allowance[]> {
  const [deps, holder] = asked;
  const known = await allowancesBy(lookAtPeriods, ...asked);
  const balance = accountId(holder.balanceAccount);
  const accounts = await deps.ledger.accounts(known.map(({ by }) => ('account' in by ? by.account : balance)));
  return known.map((allowance) => {
    const account = accounts.get('account' in allowance.by ? allowance.by.account : balance);
    assert(account, 'what counts a limit is there');
    return { ...allowance, ...leftOf(allowance, account) };
  });
}

/** What is used of a limit and what is left, by the account that counts it. */
export function leftOf({ by, allowance }: KnownAllowance, account: Account): { available: Money; used: Money } {
  const inAccount = account.debitsPosted + account.debitsPending;
  const left = 'account' in by ? account.creditsPosted - inAccount : by.upTo - account.counted[by.counter];
  const used = 'account' in by ? inAccount : allowance.minor - left;
  // A limit may have been lowered below what was used.
  return { available: money(left < 0n ? 0n : left, CNY), used: money(used, CNY) };
}

/** The transfer that uses up a part of a limit that has an account; linked with the movement it belongs to. */
export function useAllowance(
  operationKey: Uuid,
  { limit, by }: KnownAllowance,
  amount: Money,
  kind: 'post' | 'pending',
): DirectTransfer {
  assert('account' in by, `what is held is counted in accounts, and ${limit} has none`);
  return {
    id: deriveId(operationKey, `use ${limit}`),
    kind,
    code: transferCodes.allowanceUse,
    operationId: operationKey,
    debitAccountId: by.account,
    creditAccountId: allowanceUsed,
    amount: amount.minor,
  };
}

/**
 * How a movement that is posted at once uses these limits: what stands before it in its chain, in their order, and what
 * counts it itself. Of two limits on one counter the nearer one decides.
 */
export function usesOf(
  operationKey: Uuid,
  allowances: readonly KnownAllowance[],
  amount: Money,
): { before: DirectTransfer[]; counts: Count[] } {
  const before: DirectTransfer[] = [];
  const counts: Count[] = [];
  for (const allowance of allowances) {
    const { by } = allowance;
    if ('account' in by) {
      before.push(useAllowance(operationKey, allowance, amount, 'post'));
      continue;
    }
    const other = counts.findIndex(({ counter }) => counter === by.counter);
    if (other < 0) counts.push(by);
    else if (counts[other]!.upTo > by.upTo) counts[other] = by;
  }
  return { before, counts };
}

/**
 * The allowances that an operation uses: as they stand now, or, when it used them before a crash, the very accounts of
 * then, since the day or the class may have changed meanwhile.
 */
export async function allowancesOfOperation(
  deps: AllowanceDependencies,
  operationKey: Uuid,
  readNow: () => Promise<KnownAllowance[]>,
): Promise<KnownAllowance[]> {
  const now = await readNow();
  const made = await deps.ledger.transfersOf(operationKey);
  if (made.length === 0) return now;
  const known = new Map(now.map((allowance) => [deriveId(operationKey, `use ${allowance.limit}`), allowance]));
  return made.flatMap((transfer) => {
    const allowance = known.get(transfer.id);
    return allowance ? [{ ...allowance, by: { account: transfer.debitAccountId } }] : [];
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
