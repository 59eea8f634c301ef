import type { NewStop, Stop } from '../../src/features/people/account-stops.ts';
import { changeAccount, mayStop } from '../../src/features/people/change-account.ts';
import { findPersonByPhone, type Person } from '../../src/features/people/person.ts';
import type { Uuid } from '../../src/kernel/ids.ts';
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

/** As if the wallet itself had found a reason to stop an account, or that there is none any more. */
export async function setAccountState(
  deps: Parameters<typeof changeAccount>[0],
  personId: Uuid,
  to: { state: 'normal' } | NewStop,
): Promise<void> {
  const change =
    to.state === 'normal'
      ? { lift: ({ by }: Pick<Stop, 'by'>) => by === 'wallet' }
      : { stop: to, when: (now: Parameters<typeof mayStop>[0]) => mayStop(now, to) };
  await changeAccount(deps, personId, change);
}
