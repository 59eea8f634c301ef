import { findPersonByPhone, type Person } from '../../src/features/people/person.ts';
import { phone } from '../../src/kernel/masked.ts';
import { asOwner } from './told.ts';
import type { TestWallet } from './wallet.ts';

/** The row of whoever has this number; a test that asks for nobody is wrong. */
export async function personOf(wallet: Pick<TestWallet, 'app'>, number: string): Promise<Person> {
  const { database, digest } = wallet.app.ground;
  const found = await findPersonByPhone(database.kysely, digest, phone(number));
  if (!found) throw new Error(`nobody has ${number}`);
  return found;
}

/** As if they had signed in again after a freeze that ended their sessions, with no code to wait for. */
export async function signBackIn(wallet: TestWallet, { id }: Pick<Person, 'id'>): Promise<void> {
  await asOwner(wallet, (client) =>
    client.query(
      `update session set ended_at = null, end_reason = null where person_id = $1 and end_reason = 'account_frozen'`,
      [id],
    ),
  );
}
