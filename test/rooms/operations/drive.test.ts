import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, type Database } from '../../../src/database/database.ts';
import { addMs, hourMs, secondMs, systemClock, type Clock } from '../../../src/kernel/clock.ts';
import { CNY } from '../../../src/kernel/currencies.ts';
import { Failure } from '../../../src/kernel/failure.ts';
import { newId, type Uuid } from '../../../src/kernel/ids.ts';
import { money } from '../../../src/kernel/money.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import type { Flow, JsonObject, Move, OperationRecord } from '../../../src/operations/flow.ts';
import { createOperations } from '../../../src/operations/operations.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';

type TaskData = JsonObject & { lane: string };

let made: TestDatabase;
let network: TcpProxy;
let database: Database;
let aheadMs = 0;
const clock: Clock = { now: () => addMs(systemClock.now(), aheadMs), sleep: systemClock.sleep };
const faults: unknown[] = [];
let run: (operation: OperationRecord<TaskData>) => Promise<Move<TaskData>>;
const done = async (): Promise<Move<TaskData>> => ({ to: 'succeeded', event: 'done' });

const flowOf = (kind: string, withAmount: boolean): Flow<TaskData> => ({
  kind,
  first: 'confirm',
  steps: {
    confirm: { state: 'needs_you', withinMs: 60_000, next: ['going', 'expired'] },
    going: { state: 'working', withinMs: 60_000, next: ['code', 'asking', 'succeeded', 'failed'] },
    asking: { state: 'asking', withinMs: 24 * hourMs, next: ['succeeded'] },
    code: { state: 'needs_you', withinMs: 60_000, next: ['expired'] },
  },
  begin: async (input) => {
    const { lane } = input as { lane: string };
    return { data: { lane }, policyVersion: 'test', lane, ...(withAmount ? { amount: money(100n, CNY) } : {}) };
  },
  preflight: async () => [],
  submit: { confirm: async () => ({ to: 'going', event: 'confirmed' }) },
  run: { going: (operation) => run(operation), asking: (operation) => run(operation) },
});

const open = (over: Partial<Database> = {}) =>
  createOperations({
    database: { ...database, ...over },
    clock,
    fingerprint: (content) => createHash('sha256').update(JSON.stringify(content)).digest(),
    seal: (plain) => Buffer.from(plain),
    open: (sealed) => sealed.toString(),
    flows: [flowOf('top_up', true), flowOf('bind_card', false)] as unknown as Flow<never>[],
    onFault: (error) => faults.push(error),
  });

beforeAll(async () => {
  made = await createTestDatabase();
  network = await startTcpProxy(made.connectionString);
  const way = new URL(made.connectionString);
  way.host = new URL(network.url).host;
  database = connectDatabase({ connectionString: way.href, applicationRole: true, max: 8 });
  await open().prepare();
});
afterAll(async () => {
  await database.close();
  await network.close();
  await made.drop();
});

const someone = () => newId(clock, systemRandom);
const actorOf = (personId: Uuid) => ({
  ...{ personId, visitorId: personId, sessionId: personId },
  ...{ language: 'en' as const, ip: '127.0.0.1' },
});
/** Up to the step that runs by itself, which is left for the worker: its lease is nobody's. */
async function begun(lane: string, kind = 'top_up'): Promise<{ ownerId: Uuid; id: Uuid; key: Uuid }> {
  const [ownerId, id] = [someone(), someone()];
  const { key } = await open().start({ ownerId, id, kind, input: { lane }, actor: actorOf(ownerId) });
  await sql`update operation set state = 'working', step = 'going', wake_at = ${clock.now()} where key = ${key}`.execute(
    database.kysely,
  );
  return { ownerId, id, key };
}
const confirm = async (operations: ReturnType<typeof open>, kind = 'top_up') => {
  const [ownerId, id] = [someone(), someone()];
  await operations.start({ ownerId, id, kind, input: { lane: '' }, actor: actorOf(ownerId) });
  return operations.submit({ ownerId, id, step: 'confirm', input: {}, actor: actorOf(ownerId) });
};
const readRecord = async (key: Uuid) => {
  const record = await open().byKey(key);
  if (!record) throw new Error('there is one');
  return record;
};
async function driveAll(operations = open()): Promise<void> {
  while ((await operations.driveDue()) > 0) await operations.settle();
}

test('a bank that is silent keeps its own operations waiting and nobody else’s', async () => {
  let wake = (): void => undefined;
  const silence = new Promise<void>((resolve) => (wake = resolve));
  let waiting = 0;
  run = async ({ data }) => {
    if (data.lane === 'bank:SILENT') {
      waiting += 1;
      await silence;
    }
    return done();
  };
  const silent = await Promise.all(Array.from({ length: 60 }, () => begun('bank:SILENT')));
  const others = await Promise.all(Array.from({ length: 45 }, (_, i) => begun(i % 3 === 0 ? '' : `bank:${i % 3}`)));
  const operations = open();
  await until(async () => {
    await operations.driveDue();
    const states = await operations.byKeys(others.map(({ key }) => key));
    return [...states.values()].every(({ state }) => state === 'succeeded');
  }, 'the end of all others');
  expect(waiting).toBe(8);
  wake();
  await operations.settle();
  await driveAll(operations);
  const after = await operations.byKeys(silent.map(({ key }) => key));
  expect([...after.values()].filter(({ state }) => state !== 'succeeded')).toEqual([]);
});

test('four banks that are silent leave room for every other one, and for what waits for none', async () => {
  let wake = (): void => undefined;
  const silence = new Promise<void>((resolve) => (wake = resolve));
  run = async ({ data }) => {
    if (data.lane.startsWith('silent')) await silence;
    return done();
  };
  for (let i = 0; i < 48; i += 1) await begun(`silent:${i % 4}`);
  const others = await Promise.all(Array.from({ length: 30 }, (_, i) => begun(i % 3 === 0 ? '' : `bank:${i % 3}`)));
  const operations = open();
  const unfinished = async () =>
    [...(await operations.byKeys(others.map(({ key }) => key))).values()].filter(({ state }) => state !== 'succeeded');
  await until(async () => {
    await Promise.race([operations.driveDue(), systemClock.sleep(50)]);
    return (await unfinished()).length === 0;
  }, 'the end of all others');
  wake();
  await operations.settle();
  await driveAll(operations);
});

test('a slot is filled again as soon as it is free, however long others take', async () => {
  let wake = (): void => undefined;
  const long = new Promise<void>((resolve) => (wake = resolve));
  run = async ({ data }) => {
    if (data.lane === 'bank:LONG') await long;
    return done();
  };
  await begun('bank:LONG');
  const operations = open();
  expect(await operations.driveDue()).toBe(1);
  const later = await begun('');
  expect(await operations.driveDue()).toBe(1);
  await operations.waitForChange(later, 0, 2000);
  wake();
  await operations.settle();
  expect((await readRecord(later.key)).state).toBe('succeeded');
});

test('a refusal thrown by the rows of a move that booked money is a fault: the step runs again and never ends as failed', async () => {
  let booked = 0;
  run = async () => ({
    ...{ to: 'succeeded', event: 'booked', moneyMoved: 'yes' },
    within: async () => {
      booked += 1;
      if (booked === 1) throw new Failure('card.already_bound', { params: { last4: '1234' } });
    },
  });
  faults.length = 0;
  const { key } = await confirm(open());
  expect(await readRecord(key)).toMatchObject({ state: 'working', cause: null });
  expect(faults).toHaveLength(1);
  aheadMs += 5 * secondMs;
  await driveAll();
  expect(await readRecord(key)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes' });
});

test('what a run throws is a fault, also when it looks like a refusal', async () => {
  run = async () => {
    throw new Failure('account.insufficient_balance', { params: {} });
  };
  const { key } = await confirm(open());
  expect(await readRecord(key)).toMatchObject({ state: 'working', cause: null });
  run = done;
  aheadMs += 5 * secondMs;
  await driveAll();
  expect((await readRecord(key)).state).toBe('succeeded');
});

test('where there is no money a move may say what it becomes when its rows are refused; where there is, it may not', async () => {
  run = async () => ({
    ...{ to: 'succeeded', event: 'bound' },
    within: async () => {
      throw new Failure('account.already_open');
    },
    ifRefused: ({ code, params }) => ({ to: 'failed', event: 'refused', cause: { code, params } }),
  });
  const bound = await confirm(open(), 'bind_card');
  expect(await readRecord(bound.key)).toMatchObject({ state: 'failed', cause: 'account.already_open' });
  faults.length = 0;
  const paid = await confirm(open());
  expect(await readRecord(paid.key)).toMatchObject({ state: 'working', cause: null });
  expect(String(faults[0])).toMatch(/moves money/);
  run = done;
  aheadMs += 5 * secondMs;
  await driveAll();
});

test('a database that is gone during a write costs its time, not the lease', async () => {
  run = async () => {
    run = done;
    network.setFault({ resetOnConnect: true });
    network.resetAll();
    setTimeout(() => network.setFault({}), 1200);
    return { to: 'succeeded', event: 'done' };
  };
  const operations = open();
  const { key } = await begun('');
  await operations.driveDue();
  await until(async () => {
    await operations.driveDue().catch(() => 0);
    const record = await operations.byKey(key).catch(() => undefined);
    return record?.state === 'succeeded';
  }, 'an end');
  const record = await readRecord(key);
  expect(record).toMatchObject({ state: 'succeeded' });
  expect(record.endedAt!.getTime() - record.createdAt.getTime()).toBeLessThan(25 * secondMs);
  await operations.settle();
});

test('a move whose answer was lost after its commit is not followed by an end of what waits for the person', async () => {
  let lose = true;
  const transaction: Database['transaction'] = async (work) => {
    const result = await database.transaction(work);
    const [{ step } = { step: '' }] = (
      await sql<{ step: string }>`select step from operation order by updated_at desc limit 1`.execute(database.kysely)
    ).rows;
    if (!lose || step !== 'code') return result;
    lose = false;
    throw new Error('connection lost after the commit');
  };
  run = async () => ({ to: 'code', event: 'code_sent' });
  const operations = open({ transaction });
  const { key } = await confirm(operations, 'bind_card');
  await operations.settle();
  expect(lose).toBe(false);
  aheadMs += 5 * secondMs;
  await driveAll(operations);
  expect(await readRecord(key)).toMatchObject({ state: 'needs_you', step: 'code' });
  run = done;
});

test('who asks again and again is answered with the present state, and the history stays short', async () => {
  run = async () => ({ to: 'asking', event: 'asked_bank', runAgainInMs: 60_000, moneyMoved: 'unknown' });
  const operations = open();
  const { key, ownerId, id } = await confirm(operations);
  const asked = async () => (await operations.events(key)).filter(({ event }) => event === 'asked_bank').length;
  // Of what is wished for within ten seconds one is heard, however slow the machine.
  const sinceMs = clock.now().getTime();
  for (let i = 0; i < 30; i += 1) await operations.ask({ ownerId, id });
  expect(await asked()).toBeLessThanOrEqual(2 + (clock.now().getTime() - sinceMs) / (10 * secondMs));
  for (let minutes = 0; minutes < 24 * 60; minutes += 5) {
    aheadMs += 5 * 60 * secondMs;
    await sql`update operation set wake_at = ${addMs(clock.now(), hourMs)} where key = ${key}`.execute(database.kysely);
    for (let i = 0; i < 3; i += 1) expect(await operations.ask({ ownerId, id })).toMatchObject({ state: 'asking' });
  }
  expect(await asked()).toBeLessThan(120);
  await sql`update operation set wake_at = ${addMs(clock.now(), hourMs)} where key = ${key}`.execute(database.kysely);
  aheadMs += 10 * secondMs;
  expect(await operations.wake(key)).toBe(true);
  run = done;
});
