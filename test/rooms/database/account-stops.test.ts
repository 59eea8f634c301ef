import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

/** What the database itself holds to when an account is stopped or freed, by whichever statement of the application. */

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
type By = 'wallet' | 'owner' | 'operator';
async function decide(outcome: Outcome, { about = 'account', stop = null as string | null } = {}): Promise<string> {
  const id = randomUUID();
  await app.query(
    `insert into review_decision (id, operation_key, about, outcome, stop_id, because, operator, decided_at)
     values ($1, $2, $3, $4, $5, 'came to the counter', 'zhang', now())`,
    [id, person, about, outcome, stop],
  );
  return id;
}
async function decideByTwo(outcome: Outcome, more: { about?: string; stop?: string } = {}): Promise<string> {
  const id = await decide(outcome, more);
  await app.query(
    `insert into review_confirmation (decision_id, operation_key, about, round, because, operator, confirmed_at)
     select id, operation_key, about, round, 'saw it myself', 'li', now() from review_decision where id = $1`,
    [id],
  );
  return id;
}
const book = (decision: string) =>
  app.query('insert into review_booking (decision_id, booked_at) values ($1, now())', [decision]);
const deny = (decision: string) =>
  app.query(`insert into review_denial (decision_id, because, denied_at) values ($1, 'changed since', now())`, [
    decision,
  ]);

const causes = {
  security: ['frozen', 'account.frozen_security'],
  law: ['frozen', 'account.frozen_by_law'],
  own: ['frozen', 'account.frozen_by_you'],
  terms: ['frozen', 'account.frozen_terms'],
  closed: ['closed', 'account.closed'],
} as const;
type What = keyof typeof causes;
async function set(
  what: What,
  by: By,
  decision: string | null = null,
  authority: string | null = null,
): Promise<string> {
  const id = randomUUID();
  await app.query(
    `insert into account_stop (id, person_id, state, cause, authority, set_by, decision_id) values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, person, ...causes[what], authority, by, decision],
  );
  return id;
}
const end = (stop: string, by: By, decision: string | null = null) =>
  app.query('update account_stop set ended_at = now(), ended_by = $2, end_decision_id = $3 where id = $1', [
    stop,
    by,
    decision,
  ]);
const freeze = async () => set('security', 'operator', await decide('frozen_security'));
const order = async (authority: string) => set('law', 'operator', await decide('frozen_by_law'), authority);
const liftByTwo = async (stop: string) => end(stop, 'operator', await decideByTwo('lifted', { stop }));

const told = async () => {
  const { rows } = await app.query<Record<string, unknown>>(
    `select account_state as state, account_cause as cause, account_authority as authority, in_books from person where id = $1`,
    [person],
  );
  return rows[0];
};
const free = { state: 'normal', cause: null, authority: null, in_books: false };
const acts = async () => {
  const { rows } = await owner.query<{ said: string }>(
    `select concat_ws(' ', a.act, s.cause, 'by', a.set_by, 'so', a.state, a.cause) as said
     from account_act a join account_stop s on s.id = a.stop_id where a.person_id = $1 order by a.seq`,
    [person],
  );
  return rows.map(({ said }) => said.replaceAll('account.', ''));
};
const refused = (work: Promise<unknown>, words: RegExp) => expect(work).rejects.toThrow(words);
const TWO = /what operators stopped two of them lift/;
const BEFORE = /about this account as it was before/;
const NOBODY = /nobody decided/;

test('each stop ends by itself, in any order, and the account is free when none is left', async () => {
  for (const turned of [false, true]) {
    const [own, safe, law] = [await set('own', 'owner'), await freeze(), await order('Pudong PSB')];
    const ends = [async () => liftByTwo(law), async () => liftByTwo(safe), async () => end(own, 'owner')];
    for (const one of turned ? ends.toReversed() : ends) {
      expect(await told()).toMatchObject({ state: 'frozen' });
      await one();
    }
    expect(await told()).toEqual(free);
  }
});

test('its person is told the strongest: closed, by law with all who ordered it, security, another, their own', async () => {
  const own = await set('own', 'owner');
  const said = async () => {
    const { cause, authority } = (await told()) ?? {};
    return [cause, authority];
  };
  expect(await said()).toEqual(['account.frozen_by_you', null]);
  await set('terms', 'wallet');
  expect(await said()).toEqual(['account.frozen_terms', null]);
  await freeze();
  expect(await said()).toEqual(['account.frozen_security', null]);
  const [first, second] = [await order('Pudong PSB'), await order('Pudong court')];
  expect(await said()).toEqual(['account.frozen_by_law', 'Pudong PSB, Pudong court']);
  await liftByTwo(first);
  expect(await said()).toEqual(['account.frozen_by_law', 'Pudong court']);
  await liftByTwo(second);
  await end(own, 'owner');
  await set('closed', 'operator', await decideByTwo('closed'));
  expect(await said()).toEqual(['account.closed', null]);
  expect((await acts()).slice(-3)).toEqual([
    'ended frozen_by_law by operator so frozen frozen_security',
    'ended frozen_by_you by owner so frozen frozen_security',
    'set closed by operator so closed closed',
  ]);
});

test('what one operator froze ends by nothing but a decision of two that names it', async () => {
  const [stop, law] = [await freeze(), await order('Pudong PSB')];
  await refused(end(stop, 'wallet'), TWO);
  await refused(end(stop, 'owner'), TWO);
  await refused(end(stop, 'operator', await decide('lifted', { stop })), /takes two/);
  await refused(end(stop, 'operator', await decideByTwo('closed').catch(() => decide('closed'))), NOBODY);
  await refused(decide('lifted'), /review_decision_stop_check/);
  await refused(end(law, 'operator', await decide('lifted', { stop })), NOBODY);
  await refused(app.query(`update account_stop set set_by = 'wallet', decision_id = null where id = $1`, [stop]), TWO);
  await refused(app.query(`update account_stop set review_at = now() where id = $1`, [stop]), BEFORE);
  await refused(
    app.query(`update account_stop set cause = 'account.frozen_terms' where id = $1`, [stop]),
    /permission/,
  );
  await refused(app.query('delete from account_stop where id = $1', [stop]), /permission/);
  expect(await told()).toMatchObject({ state: 'frozen', cause: 'account.frozen_by_law' });
});

test('an order by law is set by operators, with whom to ask, and joins others of its kind', async () => {
  await refused(set('law', 'wallet', null, 'Pudong PSB'), /what the law stops operators set/);
  await refused(set('law', 'owner', null, 'Pudong PSB'), /what the law stops operators set/);
  await refused(set('law', 'operator', await decide('frozen_by_law')), NOBODY);
  await refused(set('law', 'operator', await decide('frozen_security'), 'Pudong PSB'), NOBODY);
  await refused(set('security', 'operator', await decide('frozen_by_law')), NOBODY);
  const law = await order('Pudong PSB');
  await refused(order('pudong psb'), /account_stop_standing/);
  await refused(set('closed', 'owner'), /lifted before it is closed/);
  await refused(set('closed', 'operator', await decideByTwo('closed')), /lifted before it is closed/);
  expect(await told()).toMatchObject({ cause: 'account.frozen_by_law' });
  await refused(end(law, 'owner'), TWO);
});

test('its owner ends what they set, and nothing else; the wallet what it set', async () => {
  const [own, terms] = [await set('own', 'owner'), await set('terms', 'wallet')];
  await refused(end(own, 'wallet'), TWO);
  await refused(end(terms, 'owner'), TWO);
  await refused(set('security', 'owner'), /its owner does not set this/);
  await refused(set('closed', 'owner'), /lifted before it is closed/);
  await end(terms, 'wallet');
  await end(own, 'owner');
  await refused(end(own, 'owner'), /kept as it was/);
  await set('closed', 'owner');
  await refused(freeze(), /stopped already/);
  const [{ id } = { id: '' }] = (
    await app.query<{ id: string }>('select id from account_stop where person_id = $1 and ended_at is null', [person])
  ).rows;
  await refused(end(id, 'owner'), TWO);
  await refused(end(id, 'wallet'), TWO);
  await end(id, 'operator', await decideByTwo('reopened'));
  expect(await told()).toEqual(free);
});

test('what two decided ends the stop that it was about, once, and none that comes after it', async () => {
  const first = await freeze();
  const lift = await decideByTwo('lifted', { stop: first });
  await end(first, 'operator', lift);
  const stop = await freeze();
  await refused(end(stop, 'operator', lift), NOBODY);
  // Of this very stop, but of before another one was beside it.
  const early = await decideByTwo('lifted', { stop });
  const beside = await set('own', 'owner');
  await refused(end(stop, 'operator', early), BEFORE);
  await deny(early);
  const denied = await decideByTwo('lifted', { stop });
  await deny(denied);
  await refused(end(stop, 'operator', denied), BEFORE);
  await liftByTwo(stop);
  await end(beside, 'owner');
  expect(await told()).toEqual(free);
});

test('what was closed is opened by who decided just that, once, also where nothing says yet that it is carried out', async () => {
  const closed = () => decideByTwo('closed').then((decision) => set('closed', 'operator', decision));
  const stop = await closed();
  const open = await decideByTwo('reopened', { about: 'left' });
  await end(stop, 'operator', open);
  const again = await closed();
  await refused(end(again, 'operator', open), BEFORE);
  await book(open);
  await refused(end(again, 'operator', open), BEFORE);
  const frozen = await freeze().catch((error: Error) => error.message);
  expect(frozen).toMatch(/stopped already/);
  expect(await told()).toMatchObject({ state: 'closed' });
});

test('a case of what is left lifts no freeze, and a closing leaves the freeze that was there before', async () => {
  const stop = await freeze();
  const closing = await set('closed', 'operator', await decideByTwo('closed'));
  await refused(end(stop, 'operator', await decideByTwo('reopened', { about: 'left' })), NOBODY);
  await end(closing, 'operator', await decideByTwo('reopened'));
  expect(await told()).toMatchObject({ state: 'frozen', cause: 'account.frozen_security' });
});

test('no statement makes the row of a person say anything but its stops', async () => {
  const OTHER = /changed by its stops/;
  const write = (text: string) => app.query(`update person set ${text} where id = $1`, [person]);
  await refused(write(`account_state = 'frozen', account_cause = 'account.frozen_security'`), OTHER);
  await freeze();
  await refused(write(`account_state = 'normal', account_cause = null`), OTHER);
  await refused(write(`account_cause = 'account.frozen_by_you'`), OTHER);
  await refused(write('account_review_at = now()'), OTHER);
  await write('in_books = true');
  expect(await told()).toMatchObject({ state: 'frozen', in_books: true });
  await refused(
    app.query(
      `insert into person (id, phone_digest, phone_sealed, phone_masked, language, balance_account, created_at,
         account_state, account_cause)
       values (gen_random_uuid(), sha256('x'), '\\x00', '+86 1', 'en', 1, now(), 'closed', 'account.closed')`,
    ),
    OTHER,
  );
  for (const text of [
    `insert into account_act (person_id, state, set_by) values ('${person}', 'normal', 'owner')`,
    'delete from account_act',
    `update account_act set set_by = 'wallet'`,
  ]) {
    await refused(app.query(text), /permission denied/);
  }
});

test('two who change one account at once wait for each other', async () => {
  const stop = await freeze();
  const lift = await decideByTwo('lifted', { stop });
  const other = new pg.Client({ connectionString: database.connectionString, options: '-c role=purser_app' });
  await other.connect();
  await app.query('begin');
  await set('own', 'owner');
  const lifting = other
    .query(`update account_stop set ended_at = now(), ended_by = 'operator', end_decision_id = $2 where id = $1`, [
      stop,
      lift,
    ])
    .catch((error: Error) => error.message);
  await app.query('commit');
  // What it was about was changed in that moment, whichever came first: it is lifted whole, or not at all.
  const said = await lifting;
  const { rows } = await app.query('select ended_at is null as stands from account_stop where id = $1', [stop]);
  expect(rows).toEqual([{ stands: typeof said === 'string' }]);
  expect(await told()).toMatchObject({ state: 'frozen' });
  await other.end();
});
