import { afterAll, beforeAll, expect, test } from 'vitest';
import { LedgerFixture } from './fixture.ts';

let fixture: LedgerFixture;
beforeAll(async () => {
  fixture = await LedgerFixture.create();
});
afterAll(() => fixture.close());

test('the application may not change or remove a transfer, nor remove anything', async () => {
  await fixture.withOwner(async (client) => {
    await client.query('set role purser_app');
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
  });
});
