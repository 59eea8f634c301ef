import { findPersonByPhone, type Person } from '../../src/features/people/person.ts';
import { phone } from '../../src/kernel/masked.ts';
import type { TestWallet } from './wallet.ts';

/** The row of whoever has this number; a test that asks for nobody is wrong. */
export async function personOf(wallet: Pick<TestWallet, 'app'>, number: string): Promise<Person> {
  const { database, digest } = wallet.app.ground;
  const found = await findPersonByPhone(database.kysely, digest, phone(number));
  if (!found) throw new Error(`nobody has ${number}`);
  return found;
}
