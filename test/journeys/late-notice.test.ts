import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPersonByPhone } from '../../src/features/people/person.ts';
import { addMs, dayMs, systemClock, type Clock } from '../../src/kernel/clock.ts';
import { fromPublicId, toPublicId } from '../../src/kernel/ids.ts';
import { phone } from '../../src/kernel/masked.ts';
import { yuan, type Api } from '../support/api.ts';
import { ming, mingsCard } from '../support/samples.ts';
import { testClock } from '../support/test-clock.ts';
import { asOwner } from '../support/told.ts';
import { until } from '../support/until.ts';
import { bindCard, move, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

let wallet: TestWallet;
let me: Api;
let cardId: string;
let aheadMs = 0;
const clock: Clock = { now: () => addMs(testClock.now(), aheadMs), sleep: systemClock.sleep };

beforeAll(async () => {
  wallet = await startWallet({ clock });
  me = await openVerified(wallet, ming);
  cardId = await bindCard(wallet, me, mingsCard);
});
afterAll(() => wallet.close());

test('a notice about what has ended is kept until its bank could be asked', async () => {
  const done = await move(me, 'top_up', { cardId, amount: yuan('1.00') });
  const { database, digest } = wallet.app.ground;
  const person = await findPersonByPhone(database.kysely, digest, phone(ming.phone));
  const [ownerId, id] = [person?.id, fromPublicId('op', done.id)];
  if (!ownerId || !id) throw new Error('there is none');
  const record = await wallet.app.wallet.operations.get({ ownerId, id });
  await wallet.sandbox.setBehaviour('ICBC', { mode: 'down', only: 'queries' });
  await asOwner(wallet, (client) =>
    client.query(
      `insert into bank_notice (bank_code, event_id, reference, received_at, ask_at) values ('ICBC', 'late', $1, now(), now())`,
      [toPublicId('tu', record.key)],
    ),
  );
  const open = () =>
    asOwner(wallet, async (client) => {
      const found = await client.query(`select 1 from bank_notice where event_id = 'late' and handled_at is null`);
      return found.rows.length;
    });
  await systemClock.sleep(2000);
  expect(await open()).toBe(1);
  await wallet.sandbox.setBehaviour('ICBC', { mode: 'normal' });
  aheadMs += dayMs;
  await until(async () => (await open()) === 0, 'the end of the notice');
});
