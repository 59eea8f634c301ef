import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperationOf } from '../../src/contract/operations.ts';
import { findPersonByPhone } from '../../src/features/people/person.ts';
import { fromPublicId, newId, toPublicId, type Uuid } from '../../src/kernel/ids.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { phone } from '../../src/kernel/masked.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { operationKey } from '../../src/operations/operation-key.ts';
import { readEvents } from '../../src/operations/store.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { ming, mingsCard, wen } from '../support/samples.ts';
import { asOwner } from '../support/told.ts';
import { bindCard, goodPin, move, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

/** The history of an operation that ended as it began: told from its row, or from an event that was written before. */

type Transfer = OperationOf<'transfer'>;

let wallet: TestWallet;
let me: Api;
let myId: Uuid;

beforeAll(async () => {
  wallet = await startWallet();
  me = await openVerified(wallet, ming);
  await openVerified(wallet, wen);
  const cardId = await bindCard(wallet, me, mingsCard);
  await wallet.sandbox.setCard(mingsCard.number, { balance: '20000000' });
  await move(me, 'top_up', { cardId, amount: yuan('1000.00') });
  await me.put('/v1/me/small-payments', { upTo: yuan('100.00'), pin: goodPin });
  const { database, digest } = wallet.app.ground;
  myId = (await findPersonByPhone(database.kysely, digest, phone(ming.phone)))!.id;
});
afterAll(() => wallet.close());

const send = async (more: object) => {
  const body = { id: newPublicId('op'), payeePhone: wen.phone, amount: yuan('1.00'), ...more };
  return (await me.send(body)) as Transfer;
};
const keyOf = (id: string) => operationKey(myId, fromPublicId('op', id)!);
const eventsOf = async (id: string) =>
  (await readEvents(wallet.app.ground.database.kysely, [keyOf(id)])).get(keyOf(id));

test('it says whether the PIN was entered, and is the same whenever it is asked for', async () => {
  for (const pin of [goodPin, undefined]) {
    const sent = await send(pin ? { pin } : {});
    expect(await me.operation(sent.id)).toEqual(sent);
    const { timeline } = sent;
    expect(timeline).toEqual([{ at: sent.updatedAt, event: 'booked', step: 'succeeded', attempt: null, cause: null }]);
    expect(await eventsOf(sent.id)).toEqual([
      expect.objectContaining({ seq: 1, event: 'booked', actor: 'person', detail: { withPin: pin !== undefined } }),
    ]);
    const { rows } = await asOwner(wallet, (client) =>
      client.query('select 1 from operation_event where operation_key = $1', [keyOf(sent.id)]),
    );
    expect(rows).toEqual([]);
  }
});

/** Writes a row beside one that was sent, as it is but for what is given. */
async function writeLike(sent: Transfer, id: string, changes: Record<string, string>): Promise<Uuid> {
  const key = keyOf(id);
  const columns: Record<string, string> = {
    ...{ key: `'${key}'`, id: `'${fromPublicId('op', id)}'`, data: `data - 'booked'` },
    ...changes,
  };
  await asOwner(wallet, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_name = 'operation'`,
    );
    const names = rows.map(({ name }) => name);
    await client.query(
      `insert into operation (${names.join(', ')}) select ${names.map((name) => columns[name] ?? name).join(', ')}
       from operation where key = $1`,
      [keyOf(sent.id)],
    );
  });
  return key;
}

test('one that was written with an event is told by it, once', async () => {
  const sent = await send({ pin: goodPin });
  const id = toPublicId('op', newId(systemClock, systemRandom));
  const key = await writeLike(sent, id, {});
  await asOwner(wallet, async (client) => {
    await client.query(`insert into operation_move values ('transfer', 'start', 'succeeded') on conflict do nothing`);
    await client.query(
      `insert into operation_event (operation_key, seq, at, event, kind, from_step, to_step, actor, detail)
       select key, 1, ended_at, 'booked', kind, 'start', 'succeeded', 'person', '{"withPin": true}' from operation
       where key = $1`,
      [key],
    );
  });
  const old = (await me.operation(id)) as Transfer;
  expect(old.timeline).toEqual(sent.timeline);
  expect(await eventsOf(id)).toEqual(await eventsOf(sent.id));
  const { operations } = await me.get<{ operations: Transfer[] }>('/v1/operations');
  const [first, second] = [sent.id, id].map((each) => operations.find((one) => one.id === each)?.timeline);
  expect([first, second]).toEqual([sent.timeline, sent.timeline]);
});

test.each([
  ['that failed', { state: `'failed'`, cause: `'card.expired'`, money_moved: `'no'` }],
  ['without a result', { result: 'null' }],
  ['that ended later', { ended_at: `ended_at + interval '1 second'` }],
  ['that moved nothing', { money_moved: `'no'` }],
])('one %s did not end as it began, and is not written without a history', async (_what, changes) => {
  const sent = await send({ pin: goodPin });
  const id = toPublicId('op', newId(systemClock, systemRandom));
  await expect(writeLike(sent, id, changes)).rejects.toThrow(/operation_ended_as_it_began/);
});
