import { sql } from 'kysely';
import { secondMs, type Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import { Failure } from '../../kernel/failure.ts';
import { fromPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import { CNY } from '../../kernel/currencies.ts';
import { money, type Money } from '../../kernel/money.ts';
import { causeOf, type CauseCode } from '../../causes/registry.ts';
import { wordsFor } from '../../causes/words.ts';
import type { Database } from '../../database/database.ts';
import { accounts } from '../../ledger/read-ledger.ts';
import { accountId } from '../books/chart.ts';
import { readAccountActs, type AccountAct } from '../people/account-acts.ts';
import type { Stop } from '../people/account-stops.ts';
import { readStanding } from '../people/account-turn.ts';
import { accountObstacle, findPersonByNumber, findPersonByPhone, loadPerson, type Person } from '../people/person.ts';
import { readPhone } from '../people/phone-number.ts';
import { listCases, type Case, type CaseCount } from './cases.ts';
import { readDecisions, type Decision } from './decisions.ts';

/** Accounts as operators meet them: found by what a person can read out, and shown masked. */

export type AccountFacts = {
  person: Person;
  /** What its person is told now; `undefined` where nothing stops the account. */
  told: Told | undefined;
  available: Money;
  /** What is on its way out already, which no freeze calls back. */
  held: Money;
  /** Whether the ledger refuses by now what the row says. */
  inBooks: boolean;
  /** All that stops it; the first is what its person is told. */
  stops: readonly Stop[];
  acts: readonly AccountAct[];
  /** All that operators decided about it and what was left in it, also what nobody confirmed. */
  decisions: readonly Decision[];
  /** Money that waits for people because it is closed. */
  left: readonly Case[];
};
type Told = { code: string; title: string; text: string; chinese: string; supportHint: string };

type Dependencies = { database: Database; clock: Clock; digest: Digest };

/** By phone number as people say it, by the number of the wallet, or by public id; nobody else is a hit. */
export async function findAccount(
  { database, digest }: Omit<Dependencies, 'clock'>,
  text: string,
): Promise<Person | undefined> {
  const db = database.kysely;
  const id = fromPublicId('acc', text);
  if (id) {
    const { rows } = await sql<{ id: string }>`select id from person where id = ${id}`.execute(db);
    return rows[0] && loadPerson(db, id);
  }
  if (/^[1-9]\d{5,9}$/.test(text)) return findPersonByNumber(db, BigInt(text));
  try {
    return await findPersonByPhone(db, digest, readPhone(text));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

export async function readAccountFacts({ database, clock }: Dependencies, personId: Uuid): Promise<AccountFacts> {
  const person = await loadPerson(database.kysely, personId);
  const number = accountId(person.balanceAccount);
  const [found, acts, decisions, cases, standing] = await Promise.all([
    accounts(database.pool, [number]),
    readAccountActs(database, personId),
    readDecisions(database, personId),
    listCases(database),
    readStanding(database.kysely, personId),
  ]);
  const account = found.get(number);
  const held = account?.debitsPending ?? 0n;
  const posted = account ? account.creditsPosted - account.debitsPosted : 0n;
  return {
    ...{ person, acts, stops: standing.stops, inBooks: standing.inBooks },
    told: whatIsTold(person, clock.now()),
    available: money(posted - held, CNY),
    held: money(held, CNY),
    decisions,
    left: cases.filter((each) => each.about === 'left' && each.personId === personId),
  };
}

function whatIsTold(person: Person, now: Date): Told | undefined {
  const obstacle = accountObstacle(person);
  if (!obstacle) return undefined;
  const { code, params } = obstacle;
  const cause = causeOf(code as CauseCode);
  const [english, chinese] = (['en', 'zh-CN'] as const).map((language) => wordsFor(cause, params, { language, now }));
  return {
    ...{ code, title: english?.title ?? '', text: english?.text ?? '' },
    chinese: `${chinese?.title ?? ''}：${chinese?.text ?? ''}`,
    supportHint: cause.words.en.supportHint,
  };
}

/** An account that waits for people: for the second of two, or for the answer that its owner was promised. */
export type WaitingAccount = { personId: Uuid; waitsFor: 'second' | 'answer'; until: Date | null };

type WaitingRow = { person_id: string; waits_for: WaitingAccount['waitsFor']; until: Date | null };

/** Those whose promise is broken or breaks first stand first. */
export async function listWaitingAccounts(database: Database): Promise<WaitingAccount[]> {
  const found = await sql<WaitingRow>`
    select person_id, min(waits_for) as waits_for, min(until) as until from (
      select s.person_id, 'answer' as waits_for, s.review_at as until from account_stop s
        join person p on p.id = s.person_id
      where s.ended_at is null and s.set_by = 'operator' and s.review_at is not null and p.account_state <> 'closed'
      union all
      select d.operation_key, 'second', null from review_decision d join operator f on f.name = d.operator
      where d.about = 'account' and d.outcome in ('lifted', 'closed', 'reopened') and f.removed_at is null
        and d.round = review_round(d.operation_key, d.about)
        and not exists (select 1 from review_confirmation c where c.decision_id = d.id)) waiting
    group by person_id
    order by 3 nulls last`.execute(database.kysely);
  return found.rows.map((row) => ({ personId: uuid(row.person_id), waitsFor: row.waits_for, until: row.until }));
}

/** The same as a figure, beside that of cases. */
export async function countWaitingAccounts({ database, clock }: Omit<Dependencies, 'digest'>): Promise<CaseCount> {
  const waiting = await listWaitingAccounts(database);
  return { waiting: waiting.length, late: waiting.filter((one) => isLate(one, clock.now())).length };
}

export const isLate = ({ waitsFor, until }: WaitingAccount, now: Date): boolean =>
  waitsFor === 'answer' && until !== null && until <= now;

/** Waits until the wallet has brought a stop to the ledger; false when it has not, which is when it does not run. */
export async function awaitInBooks(
  { database, clock }: Omit<Dependencies, 'digest'>,
  personId: Uuid,
  withinMs: number,
): Promise<boolean> {
  for (const until = clock.now().getTime() + withinMs; ; ) {
    if ((await readStanding(database.kysely, personId)).inBooks) return true;
    if (clock.now().getTime() >= until) return false;
    await clock.sleep(secondMs / 10);
  }
}
