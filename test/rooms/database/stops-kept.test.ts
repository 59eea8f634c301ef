import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmptyDatabase, migrateTo, type TestDatabase } from '../../support/database.ts';

/** What stopped accounts before stops were kept by themselves stops them after it. */

let home: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  home = await createEmptyDatabase();
  owner = new pg.Client({ connectionString: home.ownerConnectionString });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await home.drop();
});

const FREE = '00000000-0000-7000-8000-000000000001';
const OWN = '00000000-0000-7000-8000-000000000002';
const BOTH = '00000000-0000-7000-8000-000000000003';
const CLOSED = '00000000-0000-7000-8000-000000000004';
const LIFTED_BEFORE = '00000000-0000-7000-8000-000000000005';

const open = async (id: string, number: number) =>
  owner.query(
    `insert into person (id, phone_digest, phone_sealed, phone_masked, language, balance_account, created_at)
     values ($1, sha256($1::uuid::text::bytea), '\\x00', '+86 1', 'en', $2, now())`,
    [id, number],
  );
const set = (id: string, state: string, cause: string | null, by: string, decision: string | null, more = '') =>
  owner.query(
    `update person set account_state = $2, account_cause = $3, account_by = $4, account_decision = $5 ${more} where id = $1`,
    [id, state, cause, by, decision],
  );
async function decide(id: string, outcome: string, second = false): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into review_decision (id, operation_key, about, outcome, because, operator, decided_at)
     values (gen_random_uuid(), $1, 'account', $2, 'came to the counter', 'zhang', now()) returning id`,
    [id, outcome],
  );
  const decision = rows[0]?.id ?? '';
  if (second) {
    await owner.query(
      `insert into review_confirmation (decision_id, operation_key, about, round, because, operator, confirmed_at)
       select id, operation_key, about, round, 'saw it myself', 'li', now() from review_decision where id = $1`,
      [decision],
    );
  }
  return decision;
}
const security = async (id: string) =>
  set(id, 'frozen', 'account.frozen_security', 'operator', await decide(id, 'frozen_security'));
const byLaw = async (id: string) =>
  set(
    id,
    'frozen',
    'account.frozen_by_law',
    'operator',
    await decide(id, 'frozen_by_law'),
    `, account_authority = 'Court'`,
  );

test('what stands is kept, also a freeze for security in whose place one by law had come, and what was decided of it', async () => {
  await migrateTo(home, '0053');
  await owner.query(
    `insert into operator (name, token_digest, added_at) values
       ('zhang', decode(repeat('01', 32), 'hex'), now()), ('li', decode(repeat('02', 32), 'hex'), now())`,
  );
  for (const [at, id] of [FREE, OWN, BOTH, CLOSED, LIFTED_BEFORE].entries()) await open(id, 100_000 + at);
  await set(OWN, 'frozen', 'account.frozen_by_you', 'owner', null);
  await security(BOTH);
  await byLaw(BOTH);
  const lift = await decide(BOTH, 'lifted', true);
  await set(CLOSED, 'closed', 'account.closed', 'owner', null);
  await security(LIFTED_BEFORE);
  await set(LIFTED_BEFORE, 'normal', null, 'operator', await decide(LIFTED_BEFORE, 'lifted', true));
  await byLaw(LIFTED_BEFORE);

  await migrateTo(home, '0054');
  const { rows: stops } = await owner.query<{ said: string }>(
    `select right(person_id::text, 1) || ' ' || concat_ws(' ', state, cause, authority, set_by,
       (select outcome from review_decision d where d.id = s.decision_id)) as said
     from account_stop s order by 1`,
  );
  expect(stops.map(({ said }) => said)).toEqual([
    '2 frozen account.frozen_by_you owner',
    '3 frozen account.frozen_by_law Court operator frozen_by_law',
    '3 frozen account.frozen_security operator frozen_security',
    '4 closed account.closed owner',
    '5 frozen account.frozen_by_law Court operator frozen_by_law',
  ]);
  // What two decided of it, and nobody had carried out, was about the freeze by law.
  const end = `update account_stop set ended_at = now(), ended_by = 'operator', end_decision_id = $2
    where person_id = $1 and cause = $3`;
  await expect(owner.query(end, [BOTH, lift, 'account.frozen_security'])).rejects.toThrow(/nobody decided/);
  await owner.query(end, [BOTH, lift, 'account.frozen_by_law']);
  const { rows } = await owner.query('select account_state, account_cause from person where id = $1', [BOTH]);
  expect(rows).toEqual([{ account_state: 'frozen', account_cause: 'account.frozen_security' }]);
});
