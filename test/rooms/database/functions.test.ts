import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../../src/database/migrate.ts';
import { createEmptyDatabase, type TestDatabase } from '../../support/database.ts';

/** Functions of the schema, of which some run as its owner, work with our tables whoever calls them. */

const PERSON = '00000000-0000-7000-8000-000000000001';
const NO_OPERATION = '00000000-0000-7000-8000-0000000000ff';
let database: TestDatabase;
let app: pg.Client;
let owner: pg.Client;

beforeAll(async () => {
  // Rights at a database are not copied with it: it has to be migrated itself.
  database = await createEmptyDatabase();
  await migrate(database.ownerConnectionString);
  owner = new pg.Client({ connectionString: database.ownerConnectionString });
  app = new pg.Client({
    connectionString: database.connectionString,
    options: '-c role=purser_app -c search_path=public',
  });
  await Promise.all([owner.connect(), app.connect()]);
  await owner.query(
    `insert into person (id, phone_digest, phone_sealed, phone_masked, language, balance_account, created_at)
     values ($1, decode(repeat('ab', 32), 'hex'), '\\x00', '+86 1', 'en', 100001, now())`,
    [PERSON],
  );
});
afterAll(async () => {
  await Promise.all([app.end(), owner.end()]);
  await database.drop();
});

test('every function says where it finds its tables, in pg_temp last', async () => {
  const { rows } = await owner.query<{ name: string; path: string | null }>(
    `select p.proname as name,
       (select substr(c, 13) from unnest(p.proconfig) c where c like 'search\\_path=%') as path
     from pg_proc p where p.pronamespace = 'public'::regnamespace`,
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ path }) => path !== 'pg_catalog, public, pg_temp')).toEqual([]);
});

test('the application makes no temporary tables', async () => {
  const made = app.query('create temp table of_its_own ()').then(() => 'made');
  await expect(made).rejects.toMatchObject({ code: '42501' });
});

// As on a server whose database belongs to somebody else, who leaves that right to everybody.
test('a temporary table takes the place of none of ours, also where it may be made', async () => {
  const { rows } = await owner.query<{ name: string }>('select current_database() as name');
  await owner.query(`grant temporary on database ${rows[0]?.name} to public`);
  await app.query(`
    create temp table account_act (person_id uuid, state text, cause text, review_at timestamptz, authority text,
      set_by text, decision_id uuid);
    create function pg_temp.climb() returns trigger language plpgsql as $$ begin
      execute 'grant all on all tables in schema public to purser_app';
      return null; end $$;
    create trigger climb before insert on account_act for each row execute function pg_temp.climb();
    grant insert on account_act to public`);
  await app.query(
    `insert into public.account_stop (id, person_id, state, cause, set_by)
     values (gen_random_uuid(), $1, 'frozen', 'account.frozen_security', 'wallet')`,
    [PERSON],
  );
  const acts = await owner.query('select person_id, state from public.account_act');
  expect(acts.rows).toEqual([{ person_id: PERSON, state: 'frozen' }]);
  await expect(app.query('delete from public.account_act')).rejects.toMatchObject({ code: '42501' });

  await app.query(`
    create temp table operation (key uuid);
    insert into pg_temp.operation values ('${NO_OPERATION}');
    create temp table operation_move (kind text, from_step text, to_step text);
    insert into pg_temp.operation_move values ('x', 'a', 'b')`);
  const event = app.query(
    `insert into public.operation_event (operation_key, seq, at, event, kind, from_step, to_step, actor)
     values ($1, 1, now(), 'e', 'x', 'a', 'b', 'person')`,
    [NO_OPERATION],
  );
  await expect(event).rejects.toMatchObject({ code: '23503' });
});
