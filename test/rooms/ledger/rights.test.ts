import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hold, LedgerFixture, post, take } from './fixture.ts';

/** What the database itself keeps, whatever comes from the application: its rights, and the rules of the tables. */

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.create();
});
afterAll(() => fixture.close());

const asApplication = (work: (client: pg.Client) => Promise<void>) =>
  fixture.withOwner(async (client) => {
    await client.query('set role purser_app');
    await work(client);
  });

test('the application may not change or remove a transfer, nor remove anything', () =>
  asApplication(async (client) => {
    for (const statement of [
      'update ledger_transfer set amount = 1',
      'delete from ledger_transfer',
      'truncate ledger_transfer',
      'delete from ledger_account',
      'delete from ledger_hold',
      'delete from ledger_head',
      'update ledger_hold set amount = 1',
      'update ledger_account set ledger = 2',
    ]) {
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
  }));

test('every right of the application on the ledger is one of these', async () => {
  const rights = await fixture.withOwner(async (client) => {
    const { rows } = await client.query<{ held: string }>(`
      select substr(c.relname, 8) || ' ' || lower(p.name) ||
             case when has_table_privilege('purser_app', c.oid, p.name) then '' else '(' || (
               select string_agg(attname, ' ' order by attname) from pg_attribute
                where attrelid = c.oid and attnum > 0 and not attisdropped and p.of_columns
                  and has_column_privilege('purser_app', c.oid, attnum, p.name)) || ')' end as held
        from pg_class c, (values ('SELECT', true), ('INSERT', true), ('UPDATE', true), ('REFERENCES', true),
                                 ('DELETE', false), ('TRUNCATE', false), ('TRIGGER', false), ('MAINTAIN', false)) p(name, of_columns)
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'S') and c.relname like 'ledger\\_%'
         and (p.name <> 'MAINTAIN' or current_setting('server_version_num')::int >= 170000)`);
    return rows.map(({ held }) => held).filter((held) => held !== null);
  });
  const appended = ['transfer', 'log_node', 'signed_head', 'signing_key'];
  expect(rights.toSorted()).toEqual(
    [
      ...appended.flatMap((table) => [`${table} select`, `${table} insert`]),
      ...['account', 'hold', 'writer'].flatMap((table) => [`${table} select`, `${table} insert`]),
      'account update(counter_0 counter_1 credits_pending credits_posted debits_pending debits_posted flags last_seq seq)',
      'head select',
      'head update(beat_at epoch last_at seq)',
      'hold update(ended_by posted state)',
      'writer update',
    ].toSorted(),
  );
});

describe('the tables refuse what no ledger may hold, from the owner too', () => {
  test.each<[string, string]>([
    ['ledger_account', 'update ledger_account set credits_posted = debits_posted + debits_pending - 1 where id = $1'],
    ['ledger_account', 'update ledger_account set debits_pending = credits_posted + 1 where id = $1'],
    ['ledger_account', 'update ledger_account set credits_posted = debits_posted + 1 where id = $2'],
    ['ledger_account', 'update ledger_account set credits_pending = debits_posted + 1 where id = $2'],
    ...[
      'seq',
      'last_seq',
      'debits_posted',
      'credits_posted',
      'debits_pending',
      'credits_pending',
      'flags',
      'code',
      'counter_0',
      'counter_1',
    ].map((column): [string, string] => ['ledger_account', `update ledger_account set ${column} = -1 where id = $3`]),
    ['ledger_account', 'update ledger_account set flags = 16 where id = $3'],
    ['ledger_account', 'update ledger_account set id = 0 where id = $3'],
    ['ledger_account', 'update ledger_account set ledger = 0 where id = $3'],
    ...['amount = 0', 'amount = 9007199254740992', 'seq = 0', 'credit_account_id = debit_account_id'].map(
      (change): [string, string] => ['ledger_transfer', `update ledger_transfer set ${change}`],
    ),
    ...['kind = 0', 'kind = 6', 'kind = 3, pending_id = null', 'kind = 1, pending_id = id'].map(
      (change): [string, string] => ['ledger_transfer', `update ledger_transfer set ${change}`],
    ),
    ...['debit_account_seq = 0', 'credit_account_seq = 0', 'debit_previous_seq = -1', 'credit_previous_seq = -1'].map(
      (change): [string, string] => ['ledger_transfer', `update ledger_transfer set ${change}`],
    ),
    ...['counters = -1', 'counters = 4', 'kind = 2, counters = 1', 'counters = 3 where kind = 3'].map(
      (change): [string, string] => ['ledger_transfer', `update ledger_transfer set ${change}`],
    ),
    ['ledger_transfer', 'update ledger_transfer set debit_previous_seq = seq'],
    ['ledger_transfer', 'update ledger_transfer set credit_previous_seq = seq'],
    ...[
      'posted = amount + 1',
      'state = -1',
      'state = 4',
      'amount = 0',
      'ended_by = null',
      'state = 0',
      'posted = 0',
    ].map((change): [string, string] => ['ledger_hold', `update ledger_hold set ${change}`]),
    ['ledger_head', 'update ledger_head set seq = -1'],
    ['ledger_head', 'update ledger_head set epoch = -1'],
    ['ledger_head', "insert into ledger_head values (1, 0, 0, 'epoch', 'epoch')"],
  ])('%s: %s', async (table, sql) => {
    const [customer, asset, free] = [
      await fixture.makeCustomer(100n),
      await fixture.makeAccount({ flags: { creditsMustNotExceedDebits: true } }),
      await fixture.makeAccount(),
    ];
    const held = hold(customer, free, 10n);
    await fixture.outcomes([held], [take(held.id)], [post(customer, free, 5n)], [post(asset, free, 5n)]);
    await fixture.withOwner(async (client) => {
      const accounts = [customer, asset, free];
      const text = sql.replace(/\$(\d)/g, (_, place: string) => String(accounts[Number(place) - 1]));
      await expect(client.query(text)).rejects.toMatchObject({ code: '23514', table });
    });
  });

  test('an id, an account or a hold is there once', async () => {
    const [a, b] = await fixture.makePair(10n);
    await fixture.outcomes([post(a, b, 5n)], [hold(a, b, 5n)]);
    await fixture.withOwner(async (client) => {
      for (const table of ['ledger_transfer', 'ledger_account', 'ledger_hold', 'ledger_head'])
        await expect(client.query(`insert into ${table} select * from ${table}`)).rejects.toMatchObject({
          code: '23505',
        });
    });
  });
});

test('a row that does not say whether it is counted is refused: so would a program from before counters write it', async () => {
  const [a, b] = await fixture.makePair(10n);
  await fixture.outcomes([post(a, b, 5n)]);
  await fixture.withOwner(async (client) => {
    const { rows } = await client.query<{ names: string }>(
      `select string_agg(column_name, ', ') as names from information_schema.columns
        where table_name = 'ledger_transfer' and column_name <> 'counters'`,
    );
    const names = rows[0]?.names;
    await expect(
      client.query(`insert into ledger_transfer (${names}) select ${names} from ledger_transfer limit 1`),
    ).rejects.toMatchObject({ code: '23502', column: 'counters' });
  });
});
