import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../../src/kernel/clock.ts';
import type { Ledger, TransferOutcome } from '../../../src/ledger/ledger.ts';
import type { LedgerLimits } from '../../../src/ledger/ledger-limits.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { freePort } from '../../support/free-port.ts';
import { askAgain, expectTruth, firstEver, insist, quick, type Story, withClient } from './crash-story.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { StandingClock } from '../../conformance/ledger-scene.ts';
import { makeId } from './fixture.ts';
import { loadAccount, loadTransfer, makeLoadAccounts, runLoad } from './ledger-load.ts';
import { LoadProcess } from './load-process.ts';

/** Several processes on one database: one writes, the others pass their calls to it, and nobody notices who is who. */

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let database: TestDatabase;
const opened: { close: () => Promise<unknown> }[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  // Ledgers before what lies between them and the database.
  for (const each of opened.splice(0).toReversed()) await each.close();
  await database.drop();
});
const close = async (ledger: Ledger) => {
  opened.splice(opened.indexOf(ledger), 1);
  await ledger.close();
};

async function open(limits: Partial<LedgerLimits> = {}, connectionString = database.connectionString): Promise<Ledger> {
  const ledger = await openLedger({ connectionString, clock: systemClock, limits: { ...quick, ...limits } });
  opened.push(ledger);
  return ledger;
}

const asOwner = <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
  withClient(database.ownerConnectionString, async (client) => (await client.query<T>(sql, values)).rows);

/** As another writer would have left the tables, so that nothing is found at the place where it was decided. */
const movedByAnother = `
  insert into ledger_transfer
    select '${makeId()}', h.seq + 1, a.id, ${loadAccount(6)}, 1, a.credits_posted - a.debits_posted - 1, 1, a.seq + 1, 1, now(),
           1, 7, 1, null, null, a.last_seq, 0, 0 from ledger_head h, ledger_account a where a.id = ${loadAccount(0)};
  update ledger_head set seq = seq + 1, epoch = epoch + 1;
  update ledger_account set seq = seq + 1, last_seq = (select seq from ledger_head),
         debits_posted = debits_posted + 1 where id = ${loadAccount(0)};
  update ledger_account set seq = 1, last_seq = (select seq from ledger_head), credits_posted = 1 where id = ${loadAccount(6)}`;

/** As the login whose connections they are: nobody else may end them. */
const asServer = (sql: string) =>
  withClient(database.connectionString, async (client) => (await client.query<{ pid: number }>(sql)).rows);

type Place = { port: number; epoch: bigint };
/** Where the one that writes listens, once it does. */
async function findWriter(): Promise<Place> {
  for (;;) {
    const [place] = await asOwner<Place>('select port, epoch from ledger_writer join ledger_head using (shard, epoch)');
    if (place !== undefined) return place;
    await wait(10);
  }
}

/** A writer and one that follows it, in one process for once. */
async function openTwo(limits: Partial<LedgerLimits> = {}): Promise<{ writer: Ledger; follower: Ledger }> {
  const writer = await open(limits);
  await makeLoadAccounts(writer);
  const first = loadTransfer(makeId());
  await insist(() => writer.post([[first]]));
  await findWriter();
  return { writer, follower: await open(limits) };
}

/** The same, with something between them that can lose what is said. */
async function openTwoApart(limits: Partial<LedgerLimits>, clock: Clock = systemClock) {
  const openAt = async () => {
    const ledger = await openLedger({
      connectionString: database.connectionString,
      clock,
      limits: { ...quick, ...limits },
    });
    opened.push(ledger);
    return ledger;
  };
  const writer = await openAt();
  await makeLoadAccounts(writer);
  await insist(() => writer.post([[fund(100n)]]));
  const { port } = await findWriter();
  const { proxy, connectionString } = await CuttingProxy.open(`tcp://127.0.0.1:${port}`);
  opened.push(proxy);
  await asOwner('update ledger_writer set port = $1', [Number(new URL(connectionString).port)]);
  const follower = await openAt();
  await insist(() => follower.post([[fund(1n)]]));
  return { writer, follower, proxy };
}

/** Gives account 1 some money; account 0 may go below zero. */
const fund = (amount: bigint) => ({ ...pay(amount), debitAccountId: loadAccount(0), creditAccountId: loadAccount(1) });
const pay = (amount: bigint) => ({
  id: makeId(),
  kind: 'post' as const,
  debitAccountId: loadAccount(1),
  creditAccountId: loadAccount(2),
  amount,
  code: 1,
});
const word = (outcome: TransferOutcome | undefined) =>
  outcome?.outcome === 'refused' ? outcome.reason : outcome?.outcome;

test('three processes under load: whoever writes is killed, six times, and nobody else notices', async () => {
  const stories: Story[] = [firstEver];
  const start = async () => {
    const port = await freePort();
    return { port, load: new LoadProcess(database.connectionString, 16, 10_000, port) };
  };
  let running: Awaited<ReturnType<typeof start>>[] = await Promise.all([start(), start(), start()]);
  for (let round = 0; round < 6; round += 1) {
    const heardBefore = running.map(({ load }) => load.heard.size);
    await Promise.all(running.map(({ load }, index) => load.waitUntilHeard((heardBefore[index] ?? 0) + 100)));
    await wait(Math.random() * 60);
    const { port } = await findWriter();
    const writer = running.find((each) => each.port === port);
    if (writer === undefined) throw new Error(`nobody here listens on ${port}`);
    await writer.load.kill();
    stories.push(writer.load);
    running = [...running.filter((each) => each !== writer), await start()];
  }
  await Promise.all(running.map(({ load }) => load.waitUntilHeard(load.heard.size + 100)));
  // Nobody whose own process lived on has lost an answer.
  expect(running.flatMap(({ load }) => [...load.lost])).toEqual([]);
  await Promise.all(running.map(({ load }) => load.kill()));
  stories.push(...running.map(({ load }) => load));
  const again = await askAgain(database, {
    asked: stories.flatMap((story) => [...story.asked]),
    heard: new Map(stories.flatMap((story) => [...story.heard])),
  });
  await expectTruth(database.ownerConnectionString, [...stories, { asked: [], heard: again }]);
});

test('the writer is frozen: the others go on within its lease, and it passes its calls to them when it wakes', async () => {
  const leaseMs = 1_000;
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const loads = ports.map((port) => new LoadProcess(database.connectionString, 16, leaseMs, port));
  await Promise.all(loads.map((load) => load.waitUntilHeard(100)));
  const first = await findWriter();
  const frozen = loads[ports.indexOf(first.port)]!;
  const others = loads.filter((load) => load !== frozen);
  frozen.signal('SIGSTOP');
  // It says nothing before it may go on, so that whoever is answered was answered by the next one.
  await Promise.all(others.map((load) => load.waitUntilHeard(load.heard.size + 300)));
  expect(others.flatMap((load) => [...load.lost])).toEqual([]);
  expect((await findWriter()).epoch).toBeGreaterThan(first.epoch);
  frozen.signal('SIGCONT');
  await frozen.waitUntilHeard(frozen.heard.size + 100);
  expect((await findWriter()).port).not.toBe(first.port);
  await Promise.all(loads.map((load) => load.kill()));
  const again = await askAgain(database, {
    asked: loads.flatMap((load) => [...load.asked]),
    heard: new Map(loads.flatMap((load) => [...load.heard])),
  });
  await expectTruth(database.ownerConnectionString, [...loads, { asked: [], heard: again }, firstEver]);
});

test('the connection to the writer is cut, or swallows answers, 20 times: no caller notices', async () => {
  const writer = await open();
  await makeLoadAccounts(writer);
  await writer.post([[loadTransfer('00000000-0000-7000-8000-000000000000')]]);
  const { port } = await findWriter();
  const { proxy, connectionString } = await CuttingProxy.open(`tcp://127.0.0.1:${port}`);
  opened.push(proxy);
  await asOwner('update ledger_writer set port = $1', [Number(new URL(connectionString).port)]);
  const follower = await open();
  const asked: string[] = [];
  const heard = new Map<string, string>();
  const lost: Error[] = [];
  let goesOn = true;
  const load = runLoad(follower, 32, () => goesOn, {
    asked: (id) => asked.push(id),
    heard: (id, outcome) => heard.set(id, outcome),
    lost: (_, error) => lost.push(error),
  });
  for (let round = 0; round < 20; round += 1) {
    const before = heard.size;
    while (heard.size < before + 50) await wait(5);
    if (round % 2 === 0) await proxy.loseAnAnswer();
    else proxy.cut();
  }
  goesOn = false;
  await load;
  expect(lost).toEqual([]);
  expect(heard.size).toBe(asked.length);
  // Cut while answers were on their way: the second try finds what the first has done.
  expect([...heard.values()]).toContain('exists');
  await expectTruth(database.ownerConnectionString, [{ asked, heard }, firstEver]);
});

test('a call passed on has the outcome it would have had at the writer, in the order of asking', async () => {
  const { writer, follower } = await openTwo();
  await writer.post([[fund(100n)]]);
  const one = pay(30n);
  const outcomes = await Promise.all([
    follower.post([[one, pay(10n)], [pay(61n)], [pay(60n)]]),
    follower.post([[pay(1n)]]),
    follower.post([[one]]),
    follower.post([[{ ...one, amount: 31n }]]),
  ]);
  expect(outcomes.map((chains) => chains.map((chain) => chain.map(word)))).toEqual([
    [['posted', 'posted'], ['exceeds_credits'], ['posted']],
    [['exceeds_credits']],
    [['linked_event_failed']].map(() => ['exists']),
    [['exists_with_different_amount']],
  ]);
  const [stored] = await asOwner<{ seq: bigint; created_at: Date }>(
    'select seq, created_at from ledger_transfer where id = $1',
    [one.id],
  );
  expect(outcomes[0]![0]![0]).toEqual({ outcome: 'posted', seq: stored!.seq, at: stored!.created_at });
  expect(await writer.post([[one]])).toEqual([[{ outcome: 'exists', seq: stored!.seq, at: stored!.created_at }]]);
});

test('holds, their time, and the state of accounts are passed on too', async () => {
  const { writer, follower } = await openTwo();
  await writer.post([[fund(100n)]]);
  const hold = { ...pay(40n), kind: 'pending' as const };
  const short = { ...pay(5n), kind: 'pending' as const, expiresAt: systemClock.now() };
  const part = { id: makeId(), kind: 'post_pending' as const, pendingId: hold.id, amount: 15n, code: 1 };
  const gone = { id: makeId(), kind: 'void_pending' as const, pendingId: hold.id, code: 1, operationId: makeId() };
  expect((await follower.post([[hold], [short], [part], [gone]])).flat().map(word)).toEqual([
    'posted',
    'posted',
    'posted',
    'pending_transfer_already_posted',
  ]);
  expect(await follower.expireHolds(10)).toBe(1);
  await follower.setAccountState(loadAccount(1), { frozen: true });
  expect(await writer.account(loadAccount(1))).toMatchObject({ frozen: true, debitsPosted: 15n, debitsPending: 0n });
  expect((await follower.post([[pay(1n)]])).flat().map(word)).toEqual(['debit_account_frozen']);
  await follower.setAccountState(loadAccount(1), { frozen: false, closed: true });
  expect(await follower.account(loadAccount(1))).toMatchObject({ frozen: false, closed: true });
  const nobody = 404n as ReturnType<typeof loadAccount>;
  await expect(follower.setAccountState(nobody, { frozen: true })).rejects.toThrow('no account 404');
});

test('what a caller must tell apart travels as itself: too late, too much, nobody knows', async () => {
  const { follower } = await openTwo({ maxWaiting: 200, giveUpMs: 1_500 });
  await insist(() => follower.post([[loadTransfer('00000000-0000-7000-8000-000000000000')]]));
  const late = { before: new Date(systemClock.now().getTime() - 1) };
  await expect(follower.post([[fund(1n)]], late)).rejects.toMatchObject({ name: 'LedgerTooLate' });
  await withClient(database.ownerConnectionString, async (client) => {
    await client.query('begin; lock table ledger_head in exclusive mode');
    const calls = Array.from({ length: 400 }, () => follower.post([[loadTransfer(makeId())]]));
    const told = await Promise.allSettled(calls);
    const names = told.map((each) => (each.status === 'rejected' ? (each.reason as Error).name : 'answered'));
    expect(names.filter((name) => name === 'LedgerBusy').length).toBeGreaterThan(150);
    expect(names.filter((name) => name === 'LedgerUnavailable').length).toBeGreaterThan(150);
    expect(new Set(names)).toEqual(new Set(['LedgerBusy', 'LedgerUnavailable']));
    await client.query('rollback');
  });
  const last = fund(1n);
  const [[outcome] = []] = await insist(() => follower.post([[last]]));
  // A slow machine may have had to ask again.
  expect(word(outcome)?.replace('exists', 'posted')).toBe('posted');
});

test('calls that were lost on their way are asked again in their order', async () => {
  const { follower, proxy } = await openTwoApart({});
  for (let round = 0; round < 10; round += 1) {
    // Each needs what the one before it brings.
    const calls = [fund(1_000n), pay(1_000n), fund(1_000n), pay(1_000n)];
    const heard = Promise.all(calls.map((each) => follower.post([[each]])));
    // Sent, and not arrived.
    await new Promise(setImmediate);
    proxy.cut();
    expect(new Set((await heard).flat(2).map((each) => word(each)?.replace('exists', 'posted')))).toEqual(
      new Set(['posted']),
    );
  }
});

test('a call that may have been carried out is not told that too much waits: it is asked again until it is heard', async () => {
  const { writer, follower, proxy } = await openTwoApart({ maxWaiting: 20 });
  const asked = fund(5n);
  const outcome = await withClient(database.ownerConnectionString, async (client) => {
    await client.query('begin; lock table ledger_head in exclusive mode');
    const call = follower.post([[asked]]);
    const stopped = `select pid from pg_stat_activity where datname = current_database()
      and application_name = 'purser ledger line' and wait_event_type = 'Lock'`;
    while ((await asServer(stopped)).length === 0) await wait(5);
    // All that may wait, and again after the second line has taken what it can.
    const full: Promise<unknown>[] = [];
    for (let round = 0; round < 5; round += 1) {
      full.push(...Array.from({ length: 30 }, () => writer.post([[fund(1n)]]).catch((error: Error) => error.name)));
      await wait(20);
    }
    proxy.cut();
    const heard = Promise.race([call, wait(300).then(() => 'nothing yet')]).catch((error: Error) => error.name);
    expect(await heard).toBe('nothing yet');
    await client.query('rollback');
    expect(await Promise.all(full)).toContain('LedgerBusy');
    return (await call)[0]?.[0];
  });
  expect(word(outcome)).toBe('exists');
});

test('a call whose answer was lost and whose time is over by then hears what was done of it, and never that nothing was', async () => {
  const clock = new StandingClock();
  const { writer, follower, proxy } = await openTwoApart({}, clock);
  const [done, part] = [fund(10n), fund(20n)];
  const before = new Date(clock.now().getTime() + 1_000);
  const asked = [[[done]], [[part], [pay(500n)]], [[pay(500n)]]];
  const isDone = async () => {
    while ((await writer.transfer(part.id)) === undefined) await wait(5);
    clock.advance(2_000);
  };
  const lost = proxy.loseAnswersUntil(isDone());
  const heard = Promise.allSettled(asked.map((chains) => follower.post(chains, { before })));
  await lost;
  const [all, some, nothing] = await heard;
  expect(all).toMatchObject({ value: [[{ outcome: 'exists' }]] });
  expect(some).toMatchObject({ reason: { name: 'LedgerUnavailable', message: expect.stringContaining('a part') } });
  expect(nothing).toMatchObject({ reason: { name: 'LedgerUnavailable' } });
});

test.each([
  ['what it had sent was committed unheard', false],
  ['what it had sent was never committed', true],
])('what came for an epoch that is over is not carried out later: %s', async (_, isEnded) => {
  const network = await startTcpProxy(database.connectionString);
  const far = new URL(database.connectionString);
  far.host = new URL(network.url).host;
  opened.push(network);
  const before = await open({}, far.href);
  await makeLoadAccounts(before);
  await before.post([[loadTransfer('00000000-0000-7000-8000-000000000000')]]);
  const { epoch } = await findWriter();
  const next = await open();
  await next.post([[fund(1n)]]);
  // The writer cannot commit, and holds calls of the other process when it loses its turn.
  const tooMuch = (count: number) => Array.from({ length: count }, () => pay(100n));
  // Two batches with something to write keep both of its connections busy; the rest waits.
  const asked = [fund(1n), ...tooMuch(7), fund(1n), ...tooMuch(40)];
  const answers = await withClient(database.ownerConnectionString, async (client) => {
    await client.query('begin; lock table ledger_head in exclusive mode');
    const calls = asked.map((each) => next.post([[each]]));
    const stopped = `select pid from pg_stat_activity where datname = current_database()
      and application_name = 'purser ledger line' and wait_event_type = 'Lock'`;
    while ((await asServer(stopped)).length === 0) await wait(5);
    await wait(200);
    network.setFault({ resetOnConnect: true });
    network.resetAll();
    if (isEnded) {
      await asServer(`select pg_terminate_backend(pid, 60_000) from (${stopped}) s`);
      await client.query(movedByAnother);
    }
    await client.query('commit');
    return Promise.all(calls);
  });
  // What was sent may have been committed after the connection was lost, which its second try finds out.
  expect(answers.flat(2).map((each) => word(each)?.replace('exists', 'posted'))).toEqual(
    asked.map((each) => (each.amount === 1n ? 'posted' : 'exceeds_credits')),
  );
  expect((await findWriter()).epoch).toBeGreaterThan(epoch);
  // Now the money would be there.
  await next.post([[fund(1_000n)]]);
  network.setFault({});
  await close(next);
  await before.post([[fund(1n)]]);
  expect(await before.account(loadAccount(2))).toMatchObject({ creditsPosted: 0n });
});

test('whoever closes answers what it took, and the others go on', async () => {
  const { writer, follower } = await openTwo();
  const third = await open();
  const calls = Array.from({ length: 300 }, (_, index) =>
    (index % 2 === 0 ? follower : third).post([[loadTransfer(makeId())]]),
  );
  const closing = close(writer);
  expect((await Promise.all(calls)).flat(2).map(word)).not.toContain('exists');
  await closing;
  const more = follower.post([[fund(1n)]]);
  await close(follower);
  expect((await more).flat().map(word)).toEqual(['posted']);
  expect((await third.post([[fund(1n)]])).flat().map(word)).toEqual(['posted']);
});
