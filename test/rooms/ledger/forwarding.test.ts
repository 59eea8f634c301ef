import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/kernel/clock.ts';
import { type Advertisement, readAdvertisement } from '../../../src/ledger/forwarding/advertisement.ts';
import { decodeCall, encodeCall } from '../../../src/ledger/forwarding/calls-on-the-wire.ts';
import { encodeFrame, FrameReader, frameKind, MalformedFrame } from '../../../src/ledger/forwarding/frames.ts';
import { connectProven } from '../../../src/ledger/forwarding/proven-connection.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { PROTOCOL } from '../../../src/ledger/forwarding/visitor.ts';
import type { Call } from '../../../src/ledger/waiting-calls.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { withClient } from './crash-story.ts';
import { makeId } from './fixture.ts';
import { loadAccount, makeLoadAccounts } from './ledger-load.ts';

/** What comes to the door of the process that writes, from those who belong there and from those who do not. */

let database: TestDatabase;
let ledger: Ledger;
let writer: Advertisement;
const sockets: { destroy: () => unknown }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await openLedger({ connectionString: database.connectionString, clock: systemClock });
  await makeLoadAccounts(ledger);
  await ledger.post([[payment()]]);
  for (;;) {
    const found = await withClient(database.ownerConnectionString, (client) => readAdvertisement(client));
    if (found !== undefined) {
      writer = found;
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await ledger.close();
  await database.drop();
});

/** Account 0 may go below zero: this is never refused. */
const payment = (id = makeId()) => ({
  ...{ id, kind: 'post' as const, amount: 1n, code: 1 },
  ...{ debitAccountId: loadAccount(0), creditAccountId: loadAccount(1) },
});
const wireCall = (no = 1, id = makeId()) => {
  const asked = { kind: 'post' as const, chains: [[payment(id)]] };
  return encodeCall({ ...asked, no, size: 1, lookUp: false } as unknown as Call);
};

async function connect(to: Advertisement = writer): Promise<TLSSocket> {
  const socket = connectProven(to);
  sockets.push(socket);
  // It may be cut off while nobody listens to it.
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** What it hears until a frame of this kind comes; `undefined` when the connection ends before. */
async function hear(socket: TLSSocket, kind: number): Promise<unknown> {
  const reader = new FrameReader(1024 * 1024);
  try {
    for await (const piece of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      reader.push(piece);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        if (frame.kind === kind) return frame.body;
      }
    }
  } catch {
    // Reset by the other side.
  }
  return undefined;
}

async function comeIn(process = randomBytes(16).toString('hex'), connection = 1): Promise<TLSSocket> {
  const socket = await connect();
  socket.write(encodeFrame(frameKind.hello, { protocol: PROTOCOL, process, connection }));
  expect(await hear(socket, frameKind.welcome)).toBe(null);
  return socket;
}

const countTransfers = (): Promise<number> =>
  withClient(
    database.ownerConnectionString,
    async (client) => (await client.query<{ id: string }>('select id from ledger_transfer')).rows.length,
  );

describe('who does not belong there', () => {
  test.each([
    ['does not know the secret', () => ({ secret: randomBytes(32) })],
    ['has the secret of another epoch', () => ({ epoch: writer.epoch - 1 })],
  ])('and %s gets no connection', async (_, wrong) => {
    await expect(connect({ ...writer, ...wrong() })).rejects.toThrow();
  });

  test('and speaks without any proof is cut off', async () => {
    const before = await countTransfers();
    const socket = connectPlain(writer.port, writer.host);
    sockets.push(socket);
    // Cut off, and with a reset where something of it had not been read.
    const closed = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    await once(socket, 'connect');
    socket.write(encodeFrame(frameKind.hello, { protocol: PROTOCOL, process: 'x', connection: 1 }));
    socket.write(encodeFrame(frameKind.calls, [wireCall()]));
    socket.resume();
    await closed;
    expect(await countTransfers()).toBe(before);
  });

  test('is not taken for the writer either: whoever listens there must know the secret', async () => {
    const { createProvenServer } = await import('../../../src/ledger/forwarding/proven-connection.ts');
    const thief = createProvenServer({ ...writer, secret: randomBytes(32) }, () => undefined);
    thief.listen(0, '127.0.0.1');
    await once(thief, 'listening');
    const { port } = thief.address() as { port: number };
    await expect(connect({ ...writer, port })).rejects.toThrow();
    thief.close();
    await once(thief, 'close');
  });
});

describe('a connection', () => {
  const raw = (length: number, kind: number, text = '') => {
    const frame = Buffer.alloc(5 + text.length);
    frame.writeUInt32BE(length, 0);
    frame.writeUInt8(kind, 4);
    frame.write(text, 5);
    return frame;
  };
  const hello = (content: object) => encodeFrame(frameKind.hello, content);

  test.each([
    ['asks before it says who it is', () => encodeFrame(frameKind.calls, [wireCall()])],
    ['is of a program of before', () => hello({ protocol: PROTOCOL - 1, process: 'x', connection: 1 })],
    ['has no number', () => hello({ protocol: PROTOCOL, process: 'x' })],
    ['has a long name', () => hello({ protocol: PROTOCOL, process: 'x'.repeat(2_000), connection: 1 })],
    ['says nothing that can be read', () => raw(3, frameKind.hello, '{{{')],
  ])('that %s is ended', async (_, first) => {
    const socket = await connect();
    socket.write(first());
    expect(await hear(socket, frameKind.welcome)).toBe(undefined);
  });

  test.each([
    ['a frame of no known kind', () => raw(2, 99, '[]')],
    ['a frame for a follower', () => encodeFrame(frameKind.answers, [])],
    ['a frame without end', () => raw(0xffff_ffff, frameKind.calls)],
    ['no JSON', () => raw(5, frameKind.calls, '[[[[[')],
    ['no list', () => encodeFrame(frameKind.calls, { calls: [] })],
    ['a call of no known kind', () => encodeFrame(frameKind.calls, [wireCall(), [2, 0, 'drop', []]])],
    [
      'a transfer of no known kind',
      () => encodeFrame(frameKind.calls, [wireCall(), [2, 0, 'post', null, [[['gift']]]]]),
    ],
    [
      'an amount that is none',
      () =>
        encodeFrame(frameKind.calls, [
          wireCall(),
          [2, 0, 'post', null, [[['post', makeId(), 1, null, '1', '2', '1e3', null, null]]]],
        ]),
    ],
    ...[undefined, 0, 'x', [0], [[0]], [[0, 5]], [['0', '5']], [[0.5, '5']], [[0, '5'], null]].map(
      (counts): [string, () => Buffer] => [
        `a count that is none: ${JSON.stringify(counts) ?? 'left out'}`,
        () =>
          encodeFrame(frameKind.calls, [
            wireCall(),
            [
              2,
              0,
              'post',
              null,
              [[['post', makeId(), 1, null, '1', '2', '1', null, ...(counts === undefined ? [] : [counts])]]],
            ],
          ]),
      ],
    ),
    ['a second greeting', () => hello({ protocol: PROTOCOL, process: 'x', connection: 9 })],
  ])('that brings %s is ended, and nothing of that frame is done', async (_, second) => {
    const before = await countTransfers();
    const socket = await comeIn();
    socket.write(second());
    expect(await hear(socket, frameKind.answers)).toBe(undefined);
    await ledger.post([[payment()]]);
    expect(await countTransfers()).toBe(before + 1);
  });

  test('that brings a call with a fault of its caller hears so, and the calls beside it are done', async () => {
    const socket = await comeIn();
    const id = makeId();
    socket.write(encodeFrame(frameKind.calls, [wireCall(1, 'no-id' as never), wireCall(2, id)]));
    const answers = (await hear(socket, frameKind.answers)) as unknown[][];
    expect(answers[0]).toMatchObject([1, 'fault', expect.stringContaining('not a uuid')]);
    const second = answers[1] ?? ((await hear(socket, frameKind.answers)) as unknown[][])[0];
    expect(second).toMatchObject([2, 'done', [[expect.anything()]]]);
  });

  test('of the same process ends the one before; one that comes late is refused', async () => {
    const process = randomBytes(16).toString('hex');
    const first = await comeIn(process, 1);
    const third = await comeIn(process, 3);
    expect(await hear(first, frameKind.answers)).toBe(undefined);
    const second = await connect();
    second.write(hello({ protocol: PROTOCOL, process, connection: 2 }));
    expect(await hear(second, frameKind.welcome)).toBe(undefined);
    third.write(encodeFrame(frameKind.calls, [wireCall()]));
    expect(await hear(third, frameKind.answers)).toMatchObject([[1, 'done', expect.anything()]]);
  });
});

describe('messages', () => {
  test('carry every value there and back', () => {
    const id = makeId();
    const accounts = { debitAccountId: 1n as never, creditAccountId: (2n ** 63n) as never };
    const chains = [
      [
        { kind: 'post' as const, id, code: 1, ...accounts, amount: -5n },
        { kind: 'post' as const, id, code: 1, ...accounts, amount: 5n, counts: [] },
        {
          ...{ kind: 'post' as const, id, code: 1, ...accounts, amount: 5n },
          counts: [
            { counter: 1, upTo: -(2n ** 80n) },
            { counter: 0, upTo: 2n ** 63n - 1n },
          ],
        },
        {
          kind: 'pending' as const,
          id,
          code: 1,
          ...accounts,
          amount: 2n ** 80n,
          expiresAt: new Date(17),
          operationId: id,
        },
      ],
      [
        { kind: 'post_pending' as const, id, code: 0, pendingId: id },
        { kind: 'post_pending' as const, id, code: 0, pendingId: id, amount: 0n },
        { kind: 'void_pending' as const, id, code: 2 ** 31 - 1, pendingId: id, operationId: id },
        { kind: 'expire' as const, id, code: 3, pendingId: id },
      ],
    ];
    const gaps = ['{"seq":', { of: 0, is: 'seq' as const }, '}'];
    const values = ['text', 7, null, 9n, new Date(1_000), Buffer.from('00ff', 'hex'), gaps];
    const asked = { kind: 'post' as const, chains, before: new Date(5), riders: [[{ table: 'notice', values }], []] };
    const frame = encodeFrame(
      frameKind.calls,
      encodeCall({ ...asked, no: 8, size: 8, lookUp: true } as unknown as Call),
    );
    const reader = new FrameReader(frame.length);
    for (const byte of frame) reader.push(Buffer.of(byte));
    const brought = decodeCall(reader.next()?.body);
    expect(brought).toEqual({ no: 8, size: 8, asked: { ...asked, bound: true, lookUp: true } });
    expect(reader.next()).toBe(undefined);
    const state = { kind: 'state' as const, accountId: 5n as never, state: { frozen: false } };
    expect(decodeCall(encodeCall({ ...state, no: 9, size: 1, lookUp: false } as unknown as Call))).toEqual({
      ...{ no: 9, size: 1 },
      asked: { ...state, bound: true, lookUp: false },
    });
  });

  test('have the form that this protocol names: a program that knows another one must not be understood', () => {
    const id = '0193a000-0000-7000-8000-000000000001' as never;
    const accounts = { debitAccountId: 1n as never, creditAccountId: 2n as never };
    const counts = [{ counter: 1, upTo: 9n }];
    const direct = { id, code: 1, ...accounts, amount: 5n };
    const chains = [
      [
        { ...direct, kind: 'post', counts },
        { ...direct, kind: 'pending', expiresAt: new Date(7) },
      ],
      [{ id, code: 1, kind: 'post_pending', pendingId: id, operationId: id }],
    ];
    // Whoever changes this form changes the number too: both of a change run at the same time.
    expect(PROTOCOL).toBe(3);
    expect(encodeCall({ kind: 'post', chains, no: 8, size: 3, lookUp: false } as unknown as Call)).toEqual([
      ...[8, 0, 'post', null],
      [
        [
          ['post', id, 1, null, '1', '2', '5', null, [[1, '9']]],
          ['pending', id, 1, null, '1', '2', '5', 7, null],
        ],
        [['post_pending', id, 1, id, id, null]],
      ],
    ]);
  });

  test('of any bytes are read or refused, never anything else', () => {
    for (let round = 0; round < 2_000; round += 1) {
      const frame = encodeFrame(frameKind.calls, [wireCall(), wireCall()]);
      for (let faults = 0; faults <= round % 4; faults += 1)
        frame[Math.floor(Math.random() * frame.length)] = randomBytes(1)[0]!;
      const reader = new FrameReader(4_096);
      reader.push(frame);
      try {
        const body = reader.next()?.body;
        if (Array.isArray(body)) body.map(decodeCall);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedFrame);
      }
    }
  });
});
