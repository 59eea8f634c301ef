import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { connectDatabase, type Database } from '../../../src/database/database.ts';
import { addMs, systemClock, type Clock } from '../../../src/kernel/clock.ts';
import { CNY } from '../../../src/kernel/currencies.ts';
import { Failure } from '../../../src/kernel/failure.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { money } from '../../../src/kernel/money.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { declaredMoves, type Actor, type Flow, type JsonObject } from '../../../src/operations/flow.ts';
import { createOperations } from '../../../src/operations/operations.ts';
import { createTestDatabase } from '../../support/database.ts';

type ErrandData = JsonObject & { what: string };

let drop: () => Promise<void>;
let ownerConnectionString: string;
let database: Database;
let aheadMs = 0;
const clock: Clock = { now: () => addMs(systemClock.now(), aheadMs), sleep: systemClock.sleep };
const someone = () => newId(clock, systemRandom);
const actorOf = (personId: ReturnType<typeof someone>): Actor => ({
  personId,
  visitorId: personId,
  sessionId: personId,
  language: 'zh-CN',
  ip: '127.0.0.1',
});

const runs: string[] = [];
let behaviour: (what: string) => Promise<'done' | 'silent' | 'no'> = async () => 'done';

/** A small flow of its own: says yes, goes out, comes back. */
const errand: Flow<ErrandData> = {
  kind: 'top_up',
  first: 'confirm',
  steps: {
    confirm: { state: 'needs_you', withinMs: 60_000, next: ['going', 'expired', 'cancelled'] },
    going: { state: 'working', withinMs: 60_000, next: ['asking', 'succeeded', 'failed'] },
    asking: { state: 'asking', withinMs: 60_000, next: ['succeeded', 'failed'] },
  },
  begin: async (input) => {
    const { what } = input as { what: string };
    if (what === '') throw new Failure('input.missing', { field: 'name' });
    return {
      data: { what },
      amount: money(100n, CNY),
      policyVersion: 'test',
      intent: `errand:${what}`,
      draft: { secret: what },
    };
  },
  preflight: async () => [],
  submit: {
    confirm: async (_operation, input, _actor, context) => {
      if (input['pin'] !== '1') throw new Failure('security.pin_wrong', { params: { left: 2 }, field: 'payment_pin' });
      expect(context.draft).toEqual({ secret: _operation.data.what });
      return { to: 'going', event: 'confirmed' };
    },
  },
  run: {
    going: async (operation) => {
      runs.push(`going ${operation.data.what} ${operation.attempts}`);
      if (operation.attempts > 1) return { to: 'asking', event: 'asked_again', moneyMoved: 'unknown' };
      switch (await behaviour(operation.data.what)) {
        case 'done':
          return { to: 'succeeded', event: 'booked', moneyMoved: 'yes', result: { fine: true } };
        case 'silent':
          return {
            to: 'asking',
            event: 'silent',
            moneyMoved: 'unknown',
            cause: { code: 'bank.no_answer' },
            runAgainInMs: 60_000,
          };
        case 'no':
          return { to: 'failed', event: 'refused', cause: { code: 'card.expired', params: { last4: '1234' } } };
      }
    },
    asking: async () => ({ to: 'succeeded', event: 'booked', moneyMoved: 'yes' }),
  },
  cancel: (operation) => (operation.state === 'needs_you' ? { to: 'cancelled', event: 'cancelled' } : undefined),
};

const faults: unknown[] = [];
const open = () =>
  createOperations({
    database,
    clock,
    fingerprint: (content) => createHash('sha256').update(JSON.stringify(content)).digest(),
    seal: (plain) => Buffer.from(`sealed ${Buffer.from(plain).toString('hex')}`),
    open: (sealed) => Buffer.from(sealed.toString().slice(7), 'hex').toString(),
    flows: [errand as unknown as Flow<never>],
    onFault: (error) => faults.push(error),
  });

beforeAll(async () => {
  const made = await createTestDatabase();
  drop = made.drop;
  ownerConnectionString = made.ownerConnectionString;
  database = connectDatabase({ connectionString: made.connectionString, applicationRole: true, max: 8 });
  await open().prepare();
});
afterAll(async () => {
  await database.close();
  await drop();
});

/** Everything that is due, as another process would do it. */
async function driveAll(): Promise<void> {
  const operations = open();
  while ((await operations.driveDue()) > 0) await operations.settle();
}
const start = (ownerId = someone(), id = someone(), what = 'milk') =>
  open().start({ ownerId, id, kind: 'top_up', input: { what }, actor: actorOf(ownerId) });
const confirm = (ownerId: ReturnType<typeof someone>, id: ReturnType<typeof someone>, pin = '1') =>
  open().submit({ ownerId, id, step: 'confirm', input: { pin }, actor: actorOf(ownerId) });

test('the same id and content is the same operation; another content is refused and changes nothing', async () => {
  const owner = someone();
  const id = someone();
  const first = await start(owner, id);
  const again = await start(owner, id);
  expect(again).toEqual(first);
  await expect(start(owner, id, 'bread')).rejects.toMatchObject({ code: 'operation.conflict' });
  expect((await open().get({ ownerId: owner, id })).data['what']).toBe('milk');
});

test('the id of another owner is simply unknown, and can be used', async () => {
  const id = someone();
  await start(someone(), id);
  const stranger = someone();
  await expect(open().get({ ownerId: stranger, id })).rejects.toMatchObject({ code: 'operation.not_found' });
  expect((await start(stranger, id, 'bread')).data['what']).toBe('bread');
});

test('bad input does not burn the id', async () => {
  const owner = someone();
  const id = someone();
  await expect(start(owner, id, '')).rejects.toMatchObject({ code: 'input.missing', about: { flow: 'top_up' } });
  expect((await start(owner, id)).state).toBe('needs_you');
});

test('twenty at once with the same id are one operation, run once', async () => {
  const owner = someone();
  const id = someone();
  await Promise.all(Array.from({ length: 20 }, () => start(owner, id, 'rush')));
  const ends = await Promise.all(Array.from({ length: 20 }, () => confirm(owner, id)));
  for (const end of ends) expect(['working', 'succeeded']).toContain(end.state);
  expect(await open().get({ ownerId: owner, id })).toMatchObject({ state: 'succeeded' });
  expect(runs.filter((run) => run.startsWith('going rush'))).toEqual(['going rush 1']);
});

test('a wrong entry is told, recorded, and leaves the step as it is', async () => {
  const owner = someone();
  const { id, key } = await start(owner);
  await expect(confirm(owner, id, '2')).rejects.toMatchObject({
    code: 'security.pin_wrong',
    about: { flow: 'top_up', step: 'confirm', operationId: id },
  });
  expect((await open().get({ ownerId: owner, id })).step).toBe('confirm');
  expect((await open().events(key)).map((event) => event.event)).toEqual(['started', 'entry_refused']);
  expect((await confirm(owner, id)).state).toBe('succeeded');
});

test('silence is asking, never failed; the operation goes on with whoever drives it', async () => {
  behaviour = async () => 'silent';
  const owner = someone();
  const { id } = await start(owner, someone(), 'quiet');
  const asking = await confirm(owner, id);
  expect(asking).toMatchObject({ state: 'asking', cause: 'bank.no_answer', moneyMoved: 'unknown' });
  await expect(start(owner, someone(), 'quiet')).rejects.toMatchObject({ code: 'operation.previous_unsettled' });
  expect(await open().ask({ ownerId: owner, id })).toMatchObject({
    state: 'succeeded',
    moneyMoved: 'yes',
    cause: null,
  });
  behaviour = async () => 'done';
});

test('a no is final with its cause, and what ended cannot be changed even by hand', async () => {
  behaviour = async () => 'no';
  const owner = someone();
  const { id, key } = await start(owner, someone(), 'late');
  const failed = await confirm(owner, id);
  expect(failed).toMatchObject({ state: 'failed', cause: 'card.expired', moneyMoved: 'no', deadlineAt: null });
  await expect(
    sql`update operation set state = 'succeeded' where key = ${key}`.execute(database.kysely),
  ).rejects.toThrow(/has ended/);
  await expect(sql`delete from operation_event where operation_key = ${key}`.execute(database.kysely)).rejects.toThrow(
    /permission denied/,
  );
  behaviour = async () => 'done';
});

test('a step whose process died is taken over after its lease, and knows that it was begun before', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  behaviour = async () => {
    await held;
    return 'done';
  };
  const owner = someone();
  const { id } = await start(owner, someone(), 'frozen');
  const slow = confirm(owner, id);
  await slow;
  aheadMs += 31_000;
  await driveAll();
  const after = await open().get({ ownerId: owner, id });
  expect(after).toMatchObject({ state: 'succeeded' });
  // The frozen one wakes up: what it brings is too late to be written.
  release();
  await systemClock.sleep(50);
  const events = await open().events(after.key);
  expect(events.map((event) => event.event)).toEqual(['started', 'confirmed', 'asked_again', 'booked']);
  behaviour = async () => 'done';
});

test('a fault of our own is tried again, and the history has no trace of a move', async () => {
  let times = 0;
  behaviour = async () => {
    times += 1;
    throw new Error('database gone');
  };
  const owner = someone();
  const { id } = await start(owner, someone(), 'fault');
  expect(await confirm(owner, id)).toMatchObject({ state: 'working', step: 'going', attempts: 1 });
  expect(times).toBe(1);
  expect(faults.length).toBeGreaterThan(0);
  aheadMs += 5_000;
  await driveAll();
  expect(await open().get({ ownerId: owner, id })).toMatchObject({ state: 'succeeded' });
  behaviour = async () => 'done';
});

test('what waits for a person too long expires by itself with its cause, and its draft is gone', async () => {
  const owner = someone();
  const { id, key } = await start(owner, someone(), 'forgotten');
  aheadMs += 61_000;
  await driveAll();
  expect(await open().get({ ownerId: owner, id })).toMatchObject({ state: 'expired', cause: 'operation.expired' });
  const drafts = await sql<{ draft: Buffer | null }>`select draft from operation where key = ${key}`.execute(
    database.kysely,
  );
  expect(drafts.rows[0]?.draft).toBeNull();
  await expect(confirm(owner, id)).rejects.toMatchObject({ code: 'operation.expired' });
});

test('an unconfirmed attempt gives way to a new one of the same intent', async () => {
  const owner = someone();
  const first = await start(owner, someone(), 'twice');
  await start(owner, someone(), 'twice');
  expect((await open().get({ ownerId: owner, id: first.id })).state).toBe('cancelled');
});

test('an event of no operation is refused by the database, and an operation keeps its key and its row', async () => {
  const key = someone();
  await expect(
    sql`insert into operation_event (operation_key, seq, at, event, kind, actor)
      values (${key}, 1, now(), 'forged', 'top_up', 'worker')`.execute(database.kysely),
  ).rejects.toMatchObject({ code: '23503', table: 'operation_event' });
  const { key: started } = await start(someone(), someone(), 'kept');
  await expect(sql`update operation set key = ${key} where key = ${started}`.execute(database.kysely)).rejects.toThrow(
    /keeps its key/,
  );
  const owner = new pg.Client({ connectionString: ownerConnectionString });
  await owner.connect();
  try {
    for (const statement of ['delete from operation', 'truncate operation cascade', 'delete from operation_move'])
      await expect(owner.query(statement)).rejects.toThrow(/are kept/);
  } finally {
    await owner.end();
  }
});

test('a move that the flow does not declare is refused by the database as well', async () => {
  const { key } = await start(someone(), someone(), 'forged');
  await expect(
    sql`insert into operation_event (operation_key, seq, at, event, kind, from_step, to_step, actor)
      values (${key}, 9, now(), 'forged', 'top_up', 'confirm', 'succeeded', 'worker')`.execute(database.kysely),
  ).rejects.toMatchObject({ code: '23503', table: 'operation_event' });
  expect(declaredMoves(errand)).toContainEqual({ kind: 'top_up', from: 'confirm', to: 'going' });
});
