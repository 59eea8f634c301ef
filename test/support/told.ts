import { expect } from 'vitest';
import pg from 'pg';
import type { OperationKind, OperationShape } from '../../src/contract/operations.ts';
import type { MoneyMoved, Problem } from '../../src/contract/problem.ts';
import type { CauseCode } from '../../src/causes/registry.ts';
import { bankClearingAccount } from '../../src/features/books/chart.ts';
import { checkLedger } from '../../src/ledger/check-ledger.ts';
import { fromPublicId } from '../../src/kernel/ids.ts';
import { Api, newPublicId } from './api.ts';
import { until } from './until.ts';
import type { TestWallet } from './wallet.ts';

/** What a person must be told with a cause, besides its words. Money has not moved unless it is said here. */
export type Told = {
  code: CauseCode;
  side: Problem['side'];
  retry: Problem['retry'];
  moneyMoved?: MoneyMoved;
  field?: string;
  /** A word or number that the Chinese words must have, such as what is left. */
  says?: string | RegExp;
};

const HAN = /\p{Script=Han}/u;
/** Names of people and shops stay as they are in every language. */
const withoutNames = (text: string): string => text.replace(/\*+\p{Script=Han}|《[^》]*》|知味书店/gu, '');

/** One failure as it is told in Chinese and in English: whole, without holes, with something that can be done. */
function expectTold(chinese: Problem | null, english: Problem | null, told: Told): Problem {
  if (!chinese || !english) throw new Error(`nothing was told where ${told.code} was expected`);
  const { code, side, retry, moneyMoved = 'no' } = told;
  expect(chinese, JSON.stringify(chinese)).toMatchObject({ code, side, retry, moneyMoved });
  expect(english).toMatchObject({ code, side, retry, moneyMoved });
  if (told.field !== undefined) expect(chinese.field).toBe(told.field);
  expect(chinese.remedies.length).toBeGreaterThan(0);
  expect(english.remedies.map(({ action }) => action)).toEqual(chinese.remedies.map(({ action }) => action));
  const texts = (problem: Problem) => [
    ...[problem.title, problem.detail, problem.sideLabel, problem.sideNote],
    ...problem.remedies.map(({ label }) => label),
  ];
  for (const text of texts(chinese)) expect(text).toMatch(HAN);
  for (const text of texts(english)) {
    expect(text).toMatch(/[A-Za-z]/);
    expect(withoutNames(text)).not.toMatch(HAN);
  }
  for (const text of [...texts(chinese), ...texts(english)]) expect(text).not.toMatch(/[{}]|undefined|null|NaN/);
  if (told.says !== undefined) expect(`${chinese.title} ${chinese.detail}`).toMatch(told.says);
  return chinese;
}

/** Asks for the same refusal in both languages. */
export async function expectRefused(api: Api, ask: (api: Api) => Promise<Problem>, told: Told): Promise<Problem> {
  const chinese = await ask(api);
  return expectTold(chinese, await inEnglish(api, ask), told);
}

/** A start that is refused; the id stays free, so both languages ask with the same one. */
export function expectRefusedStart(api: Api, kind: OperationKind, input: unknown, told: Told): Promise<Problem> {
  const id = newPublicId('op');
  return expectRefused(api, (by) => by.refusedStart(kind, input, id), told);
}

/** The failure that an operation carries now, as both languages tell it. */
export async function expectFailure(api: Api, id: string, told: Told): Promise<OperationShape> {
  const chinese = await api.operation(id);
  const english = await inEnglish(api, (by) => by.operation(id));
  expectTold(chinese.failure, english.failure, told);
  return chinese;
}

/** The same session, read in English. */
function inEnglish<T>(api: Api, ask: (api: Api) => Promise<T>): Promise<T> {
  const english = new Api(api.url, api.token);
  english.language = 'en';
  return ask(english);
}

/** Our clearing account of each bank and that bank's own books say the same, to the fen, and both prove themselves. */
export async function expectBooksEqual(wallet: TestWallet): Promise<void> {
  const { banks } = await wallet.sandbox.books();
  for (const { bankCode, partnerBalance, sum } of banks) {
    const account = await wallet.app.ground.ledger.account(bankClearingAccount(bankCode));
    const owed = (account?.debitsPosted ?? 0n) - (account?.creditsPosted ?? 0n);
    expect({ bankCode, owed, sum }).toEqual({ bankCode, owed: BigInt(partnerBalance), sum: '0' });
  }
  const check = await asOwner(wallet, (client) => checkLedger(client));
  expect(check).toMatchObject({ ok: true });
}

/** How a journey ends: the books agree with the banks', nothing was called a fault, and nothing is left. */
export async function closeRight(wallet: TestWallet): Promise<void> {
  await expectBooksEqual(wallet);
  expect(wallet.said).toEqual([]);
  await wallet.close();
}

/** Everything that a refusal must leave as it was. */
export async function stateOf(wallet: TestWallet): Promise<Record<string, unknown>> {
  const rows = await asOwner(wallet, async (client) => {
    const counted = await client.query(`
      select (select count(*) from card where removed_at is null) as cards,
        (select count(*) from person) as people, (select count(*) from person where verified_at is not null) as verified,
        (select count(*) from merchant_order where state = 'paid') as paid,
        (select count(*) from operation where ended_at is null) as unfinished,
        (select count(*) from operation where state = 'succeeded') as succeeded`);
    return counted.rows[0] as Record<string, unknown>;
  });
  const { partnerBalance, entries } = await wallet.sandbox.books();
  const money = await asOwner(wallet, async (client) => {
    const found = await client.query(`
      select id::text, debits_posted::text, credits_posted::text, debits_pending::text, credits_pending::text
      from ledger_account where code in (1, 2, 3) order by id`);
    return found.rows as unknown[];
  });
  return { ...rows, partnerBalance, entries: entries.length, money };
}

/** Runs `work` and finds nothing changed that holds money, cards or people. */
export async function expectNothingChanged(wallet: TestWallet, work: () => Promise<unknown>): Promise<void> {
  const before = await stateOf(wallet);
  await work();
  expect(await stateOf(wallet)).toEqual(before);
}

/** As whoever owns the database, for what only time or an operator could do. */
export async function asOwner<T>(wallet: TestWallet, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: wallet.database.ownerConnectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * For this operation, so many minutes pass at once: its deadlines, its pauses, and how long a bank may carry it out. A
 * run of its step that is under way has lost its lease by then, and writes nothing over it.
 */
export async function letTimePass(wallet: TestWallet, id: string, minutes: number): Promise<void> {
  await asOwner(wallet, (client) =>
    client.query(
      `update operation set deadline_at = deadline_at - make_interval(mins => $2), wake_at = wake_at - make_interval(mins => $2),
         lease_until = null, fence = fence + 1, created_at = created_at - make_interval(mins => $2),
         data = case when data ? 'validUntil'
           then jsonb_set(data, '{validUntil}', to_jsonb(((data ->> 'validUntil')::timestamptz - make_interval(mins => $2))::text))
           else data end
       where id = $1`,
      [uuidOf(id), minutes],
    ),
  );
}

/** From here on its bank may be at it: the request is recorded, and leaves at once. */
export const untilSentToBank = (wallet: TestWallet, id: string): Promise<void> =>
  until(async () => {
    const found = await asOwner(wallet, (client) =>
      client.query(
        `select 1 from operation_event e join operation o on o.key = e.operation_key
         where o.id = $1 and e.event = 'sent_to_bank'`,
        [uuidOf(id)],
      ),
    );
    return found.rows.length > 0;
  }, 'the bank');

function uuidOf(publicId: string): string {
  const found = fromPublicId('op', publicId);
  if (!found) throw new Error(`not an id of an operation: ${publicId}`);
  return found;
}
