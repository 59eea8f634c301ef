import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPersonByPhone } from '../../src/features/people/person.ts';
import { newId, type Uuid } from '../../src/kernel/ids.ts';
import { phone } from '../../src/kernel/masked.ts';
import { ming, wen } from '../support/samples.ts';
import { asOwner } from '../support/told.ts';
import { until } from '../support/until.ts';
import { openWallet, startWallet, type TestWallet } from '../support/wallet.ts';

/** What a person is told by text message besides codes. */

let wallet: TestWallet;

beforeAll(async () => {
  wallet = await startWallet();
  for (const { phone: number } of [ming, wen]) await openWallet(wallet, number);
});
afterAll(async () => {
  await wallet.close();
});

async function recordFor(number: string, attempts = 0): Promise<Uuid> {
  const { database, digest, clock, random } = wallet.app.ground;
  const person = await findPersonByPhone(database.kysely, digest, phone(number));
  const id = newId(clock, random);
  await asOwner(wallet, (client) =>
    client.query(
      `insert into person_message (id, person_id, template, created_at, next_at, attempts)
       values ($1, $2, 'pin_was_reset', now(), now(), $3)`,
      [id, person?.id, attempts],
    ),
  );
  return id;
}
async function messages(...ids: Uuid[]) {
  const found = await asOwner(wallet, (client) =>
    client.query(
      `select attempts, outcome, extract(epoch from next_at - now())::float8 as seconds
       from person_message where id = any($1) order by array_position($1, id)`,
      [ids],
    ),
  );
  return found.rows as { attempts: number; outcome: string | null; seconds: number | null }[];
}

test('one that cannot be sent keeps no other waiting, is tried less and less often, and not for ever', async () => {
  // Whose number cannot be opened any more.
  await asOwner(wallet, (client) =>
    client.query(`update person set phone_sealed = '\\x00' where phone_digest = $1`, [
      wallet.app.ground.digest('person.phone', wen.phone),
    ]),
  );
  const [tried, last, good] = [
    await recordFor(wen.phone, 7),
    await recordFor(wen.phone, 99),
    await recordFor(ming.phone),
  ];
  await until(async () => (await messages(good))[0]?.outcome === 'accepted', 'a message');
  await until(async () => (await messages(tried))[0]?.attempts === 8, 'a try');
  await until(async () => ((await messages(tried))[0]?.seconds ?? 0) > 20 * 60, 'a long pause');
  expect(await messages(last)).toMatchObject([{ attempts: 100, outcome: 'unavailable', seconds: null }]);
});
