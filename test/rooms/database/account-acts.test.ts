import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

/** What the database itself holds to when the state of an account is changed, by whichever statement of the application. */

let database: TestDatabase;
let app: pg.Client;
let owner: pg.Client;
let person: string;
let number = 100_000;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.ownerConnectionString });
  app = new pg.Client({ connectionString: database.connectionString, options: '-c role=purser_app' });
  await Promise.all([owner.connect(), app.connect()]);
  await owner.query(
    `insert into operator (name, token_digest, added_at) values
       ('zhang', decode(repeat('01', 32), 'hex'), now()), ('li', decode(repeat('02', 32), 'hex'), now())`,
  );
});
afterAll(async () => {
  await Promise.all([app.end(), owner.end()]);
  await database.drop();
});
beforeEach(async () => {
  person = randomUUID();
  number += 1;
  await app.query(
    `insert into person (id, phone_digest, phone_sealed, phone_masked, language, balance_account, created_at)
     values ($1, sha256($1::uuid::text::bytea), '\\x00', '+86 1', 'en', $2, now())`,
    [person, number],
  );
});

type Outcome = 'frozen_security' | 'frozen_by_law' | 'lifted' | 'closed' | 'reopened';
async function decide(outcome: Outcome, about: 'account' | 'left' = 'account'): Promise<string> {
  const id = randomUUID();
  await app.query(
    `insert into review_decision (id, operation_key, about, outcome, because, operator, decided_at)
     values ($1, $2, $3, $4, 'came to the counter', 'zhang', now())`,
    [id, person, about, outcome],
  );
  return id;
}
async function decideByTwo(outcome: Outcome, about?: 'left'): Promise<string> {
  const id = await decide(outcome, about);
  await app.query(
    `insert into review_confirmation (decision_id, operation_key, about, round, because, operator, confirmed_at)
     select id, operation_key, about, round, 'saw it myself', 'li', now() from review_decision where id = $1`,
    [id],
  );
  return id;
}
const end = (decision: string) =>
  app.query('insert into review_booking (decision_id, booked_at) values ($1, now())', [decision]);
const deny = (decision: string) =>
  app.query(`insert into review_denial (decision_id, because, denied_at) values ($1, 'changed since', now())`, [
    decision,
  ]);
const causes = { normal: null, frozen: 'account.frozen_security', closed: 'account.closed' };
const set = (state: keyof typeof causes, by: 'wallet' | 'owner' | 'operator', decision: string | null = null) =>
  app.query(
    `update person set account_state = $2, account_cause = $3, account_by = $4, account_decision = $5 where id = $1`,
    [person, state, causes[state], by, decision],
  );
const freeze = async () => set('frozen', 'operator', await decide('frozen_security'));
const acts = async () => {
  const { rows } = await owner.query<{ act: string }>(
    `select state || ' by ' || set_by as act from account_act where person_id = $1 order by seq`,
    [person],
  );
  return rows.map(({ act }) => act);
};
const refused = (work: Promise<unknown>, words: RegExp) => expect(work).rejects.toThrow(words);
const TWO = /what operators stopped two of them lift/;
const BEFORE = /about this account as it was before/;

test('a freeze of one operator ends by nothing but a decision of two', async () => {
  await freeze();
  await refused(set('normal', 'wallet'), TWO);
  await refused(set('normal', 'operator', await decide('lifted')), /takes two/);
  await set('normal', 'operator', await decideByTwo('lifted'));
  expect(await acts()).toEqual(['frozen by operator', 'normal by operator']);
});

test('nor is it made the wallet’s own first, nor closed by its owner first, nor frozen by them', async () => {
  await freeze();
  await refused(app.query(`update person set account_by = 'wallet' where id = $1`, [person]), TWO);
  await refused(
    app.query(`update person set account_by = 'owner', account_decision = null where id = $1`, [person]),
    TWO,
  );
  await refused(set('closed', 'owner'), TWO);
  await refused(set('frozen', 'owner'), TWO);
  expect(await acts()).toEqual(['frozen by operator']);
});

test('who changed an account is written down, also where nothing else changes', async () => {
  await set('frozen', 'wallet');
  await app.query(`update person set account_by = 'owner' where id = $1`, [person]);
  expect(await acts()).toEqual(['frozen by wallet', 'frozen by owner']);
});

test('what two decided lifts the freeze that it was about, once, and none that comes after it', async () => {
  await freeze();
  const lift = await decideByTwo('lifted');
  await set('normal', 'operator', lift);
  await end(lift);
  await freeze();
  await refused(set('normal', 'operator', lift), BEFORE);
  // Neither carried out nor denied, but of a freeze that another one has followed.
  const another = await decideByTwo('lifted');
  await freeze();
  await refused(set('normal', 'operator', another), BEFORE);
  await deny(another);
  const denied = await decideByTwo('lifted');
  await deny(denied);
  await refused(set('normal', 'operator', denied), BEFORE);
  await set('normal', 'operator', await decideByTwo('lifted'));
});

test('what was closed is opened by who decided just that, and not again once it is carried out', async () => {
  await set('closed', 'operator', await decideByTwo('closed'));
  await refused(set('frozen', 'operator', await decide('frozen_security')), /nobody decided/);
  const open = await decideByTwo('reopened', 'left');
  await set('normal', 'operator', open);
  await end(open);
  await set('closed', 'operator', await decideByTwo('closed'));
  await refused(set('normal', 'operator', open), BEFORE);
  await freeze().catch(() => undefined);
  expect((await acts()).at(-1)).toBe('closed by operator');
});

test('a case of what is left opens no account that is frozen', async () => {
  await set('closed', 'owner');
  const open = await decideByTwo('reopened', 'left');
  await set('normal', 'wallet');
  await freeze();
  await refused(set('normal', 'operator', open), /nobody decided/);
});
