import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { columnTypes } from '../../../src/database/column-types.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { checkLedger } from '../../../src/ledger/check-ledger.ts';
import type { AccountId, Ledger } from '../../../src/ledger/ledger.ts';
import { RidersRefused } from '../../../src/ledger/ledger-errors.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { hold, makeId, post, take, words } from './fixture.ts';
import { counters, makeRiderTables, notes, riderTables } from './riders-load.ts';

/** Rows that ride with a movement are there if and only if the movement is. */

const program = fileURLToPath(new URL('./riders-load.ts', import.meta.url));
const [source, me, other] = [1n, 2n, 3n] as AccountId[] as [AccountId, AccountId, AccountId];
const at = new Date('2026-11-22T08:00:00.123Z');

let database: TestDatabase;
let ledger: Ledger;
const problems: Error[] = [];

const open = (connectionString = database.connectionString) =>
  openLedger({
    connectionString,
    clock: systemClock,
    riders: riderTables,
    limits: { retryMs: 20 },
    onProblem: (error) => problems.push(error),
  });

async function asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.ownerConnectionString, types: columnTypes });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const rowsOf = <R extends pg.QueryResultRow>(sql: string): Promise<R[]> =>
  asOwner(async (client) => (await client.query<R>(sql)).rows);

beforeEach(async () => {
  database = await createTestDatabase();
  problems.length = 0;
  await asOwner((client) => client.query(makeRiderTables));
  ledger = await open();
  const flags = { debitsMustNotExceedCredits: true };
  await ledger.createAccounts([
    { id: source, ledger: 1, code: 1 },
    { id: me, ledger: 1, code: 2, flags },
    { id: other, ledger: 1, code: 2, flags },
  ]);
  await ledger.post([[post(source, me, 1_000n)]]);
});

afterEach(async () => {
  await ledger.close();
  expect(await asOwner(checkLedger)).toMatchObject({ ok: true });
  await database.drop();
});

const note = (id: string, more: Partial<Parameters<typeof notes.row>[0]> = {}) =>
  notes.row({ id, n: 1, amount: 5n, text: null, data: null, digest: null, at: null, ...more });

describe('rows that ride', () => {
  test('and are refused are told so to whoever passed them on, and hold nobody else', async () => {
    const follower = await open();
    try {
      const movement = post(me, other, 10n);
      await follower.post([[movement]], { riders: [[note(movement.id)]] });
      const again = post(me, other, 10n);
      await expect(follower.post([[again]], { riders: [[note(movement.id)]] })).rejects.toBeInstanceOf(RidersRefused);
      // One epoch ended by the refusal, not one by every time that it was asked again.
      expect(problems).toHaveLength(1);
      expect(await follower.post([[again]])).toMatchObject([[{ outcome: 'posted' }]]);
    } finally {
      await follower.close();
    }
  });

  test('are written with the movement, every type, with what was decided in their gaps', async () => {
    const [first, second] = [post(me, other, 100n), post(me, other, 30n)];
    const outcomes = await ledger.post([[first, second]], {
      riders: [
        [
          notes.row({
            id: first.id,
            n: -7,
            amount: 999_999n,
            text: ['after ', { of: 1, is: 'debitBalance' }, ' 余额 "quoted" ', { of: 1, is: 'creditBalanceBefore' }],
            data: ['{"before":"', { of: 0, is: 'debitBalanceBefore' }, '","seq":', { of: 1, is: 'seq' }, '}'],
            digest: Buffer.from([0, 255, 10]),
            at,
          }),
          counters.row({ id: 1n, version: 0 }, { version: 1, last: second.id }),
        ],
      ],
    });
    expect(words(outcomes)).toEqual([['posted', 'posted']]);
    expect(outcomes[0]?.[1]).toMatchObject({ balances: { debit: 870n, credit: 130n } });
    expect(await rowsOf('select * from ride_note')).toEqual([
      {
        id: first.id,
        n: -7,
        amount: 999_999n,
        text: 'after 870 余额 "quoted" 100',
        data: { before: '1000', seq: 3 },
        digest: Buffer.from([0, 255, 10]),
        at,
      },
    ]);
    expect(await rowsOf('select * from ride_counter where id = 1')).toEqual([{ id: 1n, version: 1, last: second.id }]);
  });

  test('are filled each by its own chain, whatever else is in the batch; a hold leaves both balances as they were', async () => {
    const told = (id: string, of = 0) => {
      const [debit, credit] = [
        [{ of, is: 'debitBalanceBefore' }, '>', { of, is: 'debitBalance' }],
        [{ of, is: 'creditBalanceBefore' }, '>', { of, is: 'creditBalance' }],
      ] as const;
      return [note(id, { text: [...debit, ' ', ...credit, ' at ', { of, is: 'seq' }] })];
    };
    const held = hold(me, other, 50n);
    const chains = [
      [post(me, other, 100n)],
      [held],
      [post(me, other, 10_000n)],
      [post(me, other, 30n), post(other, me, 5n)],
      [take(held.id, 20n)],
    ];
    const [first = '', second = '', refused = '', both = '', last = ''] = chains.map((chain) => chain.at(-1)?.id);
    const riders = [told(first), told(second), told(refused), told(both, 1), told(last)];
    const outcomes = await ledger.post(chains, { riders });
    expect(words(outcomes).map((chain) => chain[0])).toEqual([
      'posted',
      'posted',
      'exceeds_credits',
      'posted',
      'posted',
    ]);
    expect(await rowsOf('select id, text from ride_note order by text')).toEqual(
      [
        { id: first, text: '1000>900 0>100 at 2' },
        { id: second, text: '900>900 100>100 at 3' },
        { id: both, text: '130>125 870>875 at 5' },
        { id: last, text: '875>855 125>145 at 6' },
      ].toSorted((one, two) => (one.text < two.text ? -1 : 1)),
    );
    expect(outcomes.at(-1)).toMatchObject([{ balances: { debit: 855n, credit: 145n } }]);
  });

  test('are not written with what is refused, nor again with what is there', async () => {
    const [small, large] = [post(me, other, 10n), post(me, other, 10_000n)];
    const riders = [[note(small.id)], [note(large.id)]];
    expect(words(await ledger.post([[small], [large]], { riders }))).toEqual([['posted'], ['exceeds_credits']]);
    expect(words(await ledger.post([[small], [large]], { riders }))).toEqual([['exists'], ['exceeds_credits']]);
    // Twice in one call: the second finds the first.
    const twice = post(me, other, 1n);
    const both = await ledger.post([[twice], [twice]], { riders: [[note(twice.id)], [note(twice.id)]] });
    expect(words(both)).toEqual([['posted'], ['exists']]);
    expect(await rowsOf('select id from ride_note order by id')).toEqual([{ id: small.id }, { id: twice.id }]);
  });

  test.each([
    ['here', false],
    ['through another process', true],
  ])('that the database refuses undo their movement and no other, also in one batch, asked %s', async (_, elsewhere) => {
    const asker = elsewhere ? await open() : ledger;
    const used = makeId();
    await ledger.post([[post(me, other, 1n)]], { riders: [[note(used)]] });
    const asked = Array.from({ length: 60 }, (_, index) => ({ index, transfer: post(me, other, 1n) }));
    const bad: Readonly<Record<number, ReturnType<typeof note>>> = {
      7: note(used),
      23: note(makeId(), { amount: 2_000_000n }),
      41: counters.row({ id: 2n, version: 9 }, { version: 10, last: null }),
      59: note(makeId(), { data: 'no json' }),
    };
    const answers = await Promise.allSettled(
      asked.map(({ index, transfer }) => asker.post([[transfer]], { riders: [[bad[index] ?? note(transfer.id)]] })),
    );
    for (const [index, answer] of answers.entries()) {
      if (bad[index] === undefined) expect(answer).toMatchObject({ status: 'fulfilled' });
      else expect(answer.status === 'rejected' && answer.reason).toBeInstanceOf(RidersRefused);
    }
    const posted = await rowsOf<{ n: bigint }>('select count(*) as n from ledger_transfer');
    expect(posted).toEqual([{ n: 2n + 56n }]);
    expect(await rowsOf('select count(*) as n from ride_note')).toEqual([{ n: 1n + 56n }]);
    // It goes on as before, and what was refused can be asked again with other rows.
    const again = asked[7]?.transfer;
    if (!again) throw new Error('it was asked');
    expect(words(await ledger.post([[again]], { riders: [[note(again.id)]] }))).toEqual([['posted']]);
    if (elsewhere) await asker.close();
  });

  test('are not blamed for what befalls the writer: one that was replaced asks again for them', async () => {
    await asOwner((client) => client.query('update ledger_head set epoch = epoch + 1'));
    const transfer = post(me, other, 1n);
    expect(words(await ledger.post([[transfer]], { riders: [[note(transfer.id)]] }))).toEqual([['posted']]);
    expect(await rowsOf('select id from ride_note')).toEqual([{ id: transfer.id }]);
  });

  test('of a form that the table does not have are a bug of the caller, and nothing is done', async () => {
    const transfer = post(me, other, 1n);
    const ask = (riders: Parameters<Ledger['post']>[1]) => ledger.post([[transfer]], riders);
    await expect(ask({ riders: [] })).rejects.toThrow('for each chain');
    await expect(ask({ riders: [[{ table: 'person', values: [] }]] })).rejects.toThrow('does not take riders');
    await expect(ask({ riders: [[{ table: 'ride_note', values: [1] }]] })).rejects.toThrow('has 7 values');
    await expect(ask({ riders: [[note(transfer.id, { n: 0.5 })]] })).rejects.toThrow('int4');
    await expect(ask({ riders: [[note(transfer.id, { text: [{ of: 1, is: 'seq' }] })]] })).rejects.toThrow('gap');
    expect(await rowsOf('select * from ride_note')).toEqual([]);
    expect(words(await ledger.post([[transfer]]))).toEqual([['posted']]);
  });

  test('are there once when the connection breaks with the commit', async () => {
    await ledger.close();
    const { proxy, connectionString } = await CuttingProxy.open(database.connectionString);
    ledger = await open(connectionString);
    const ids: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      const transfers = Array.from({ length: 20 }, () => post(me, other, 1n));
      ids.push(...transfers.map(({ id }) => id));
      const asked = transfers.map((each) => ledger.post([[each]], { riders: [[note(each.id)]] }));
      const cut = new Promise((resolve) => setTimeout(resolve, Math.random() * 8)).then(() => proxy.loseAnswers(5));
      for (const outcome of await Promise.all(asked)) expect(words(outcome)).toEqual([['posted']]);
      await cut;
    }
    const written = await rowsOf<{ id: string }>('select id from ride_note order by id');
    expect(written.map(({ id }) => id)).toEqual(ids.toSorted());
    await ledger.close();
    await proxy.close();
    ledger = await open();
  });

  test('are there exactly with their movements after kill -9 at random moments, 20 times', async () => {
    await ledger.close();
    const heard: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const child = spawn(process.execPath, [program, database.connectionString, '8'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: child.stdout });
      const begun = heard.length;
      await new Promise<void>((resolve, reject) => {
        child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
        lines.on('line', (line) => {
          const [what, id = '', word] = line.split(' ');
          if (what !== 'heard' || word !== 'posted') return;
          heard.push(id);
          if (heard.length === begun + 3) setTimeout(resolve, Math.random() * 50);
        });
      });
      const ended = [once(child, 'exit'), once(lines, 'close')];
      child.kill('SIGKILL');
      await Promise.all(ended);
      await asOwner((client) => client.query('update ride_counter set version = 0'));
    }
    ledger = await open();
    // The first answer means that everything left under way has ended.
    await ledger.post([[post(source, me, 1n)]]);
    const notesWithout = await rowsOf('select id from ride_note where id not in (select id from ledger_transfer)');
    expect(notesWithout).toEqual([]);
    const transfers = await rowsOf<{ id: string }>(
      'select t.id from ledger_transfer t left join ride_note n on n.id = t.id where n.id is null',
    );
    // The money of the beginning and the question of the end rode alone.
    expect(transfers).toHaveLength(2);
    const stored = new Set((await rowsOf<{ id: string }>('select id from ride_note')).map(({ id }) => id));
    for (const id of heard) expect(stored.has(id), id).toBe(true);
    expect(heard.length).toBeGreaterThanOrEqual(60);
  });
});
