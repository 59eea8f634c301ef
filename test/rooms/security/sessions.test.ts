import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  endOtherSessions,
  endSession,
  endSessionOfPerson,
  forgetOldSessions,
} from '../../../src/features/sessions/end-session.ts';
import { createSessionFinder } from '../../../src/features/sessions/find-session.ts';
import { listSessions } from '../../../src/features/sessions/list-sessions.ts';
import { startSession } from '../../../src/features/sessions/start-session.ts';
import { startVisit, type StartedSession } from '../../../src/features/sessions/start-visit.ts';
import { dayMs, hourMs } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { createSecurityRoom, type SecurityRoom } from './security-room.ts';

let room: SecurityRoom;
beforeAll(async () => {
  room = await createSecurityRoom();
});
afterAll(() => room.close());

const newUuid = () => newId(room.clock, systemRandom);
const find = (session: StartedSession) => createSessionFinder(room.deps)(session.token.reveal());
const visit = () => startVisit(room.deps, { kind: 'bearer', device: 'A phone' });
const signIn = async (personId = newUuid()) => {
  const from = await visit();
  const session = await startSession(room.deps, {
    visitSessionId: from.sessionId,
    personId,
    operationKey: newUuid(),
    device: 'A phone',
    kind: 'bearer',
  });
  return { personId, from, session };
};

test('a visit is of nobody; the session that comes from it has a new token and keeps the visitor', async () => {
  const { personId, from, session } = await signIn();
  expect(session.token.reveal()).not.toBe(from.token.reveal());
  expect(Buffer.from(session.token.reveal(), 'base64url').length).toBe(32);
  expect(await find(session)).toEqual({
    sessionId: session.sessionId,
    visitorId: from.visitorId,
    personId,
    kind: 'bearer',
  });
});

test('a token planted before signing in is worth nothing once the new one is used', async () => {
  const { from, session } = await signIn();
  expect(await find(from)).toMatchObject({ personId: null });
  await find(session);
  expect(await find(from)).toBeUndefined();
});

test('asked again for the same operation it gives a new token and ends the former, also at the same time', async () => {
  const from = await visit();
  const request = {
    visitSessionId: from.sessionId,
    personId: newUuid(),
    operationKey: newUuid(),
    device: 'A phone',
    kind: 'bearer' as const,
  };
  const all = await Promise.all(
    Array.from({ length: 12 }, (_, i) => startSession(i % 2 ? room.deps : room.otherDeps, request)),
  );
  const live = (await Promise.all(all.map(find))).filter((found) => found !== undefined);
  expect(live.length).toBe(1);
});

test('no text but the token finds a session, and the token is not in the table', async () => {
  const { session } = await signIn();
  const token = session.token.reveal();
  for (const text of ['', token.slice(1), `${token}A`, token.toLowerCase(), `${token.slice(0, -1)}!`, "' or 1=1 --"]) {
    expect(await createSessionFinder(room.deps)(text)).toBeUndefined();
  }
  const { rows } = await sql<{ text: string }>`select session::text as text from session`.execute(
    room.deps.database.kysely,
  );
  const stored = rows.map((row) => row.text).join();
  expect(stored).not.toContain(token);
  expect(stored).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
});

test('signing out ends one, changing the PIN ends the others, and nobody ends those of somebody else', async () => {
  const { personId, session: phone } = await signIn();
  const { session: laptop } = await signIn(personId);
  const { session: tablet } = await signIn(personId);
  const stranger = await signIn();
  await expect(
    endSessionOfPerson(room.deps, { personId: stranger.personId, sessionId: phone.sessionId }),
  ).rejects.toMatchObject({ code: 'operation.not_found' });
  expect(
    (await listSessions(room.deps, { personId, currentSessionId: phone.sessionId })).map((s) => [
      s.sessionId,
      s.current,
    ]),
  ).toEqual(
    expect.arrayContaining([
      [phone.sessionId, true],
      [laptop.sessionId, false],
      [tablet.sessionId, false],
    ]),
  );

  await endSessionOfPerson(room.deps, { personId, sessionId: tablet.sessionId });
  await endSessionOfPerson(room.deps, { personId, sessionId: tablet.sessionId });
  expect(await find(tablet)).toBeUndefined();
  await room.deps.database.transaction((tx) =>
    endOtherSessions(tx, { personId, keepSessionId: phone.sessionId, at: room.clock.now() }),
  );
  expect(await find(laptop)).toBeUndefined();
  expect(await find(phone)).toBeDefined();
  expect(await find(stranger.session)).toBeDefined();
  await endSession(room.deps, { sessionId: phone.sessionId });
  expect(await find(phone)).toBeUndefined();
  expect(await listSessions(room.deps, { personId, currentSessionId: phone.sessionId })).toEqual([]);
});

test('a session ends when it is not used, and in any case at its end', async () => {
  const idle = await signIn();
  const used = await signIn();
  await find(used.session);
  for (let day = 0; day < 160; day += 20) {
    room.clock.pass(20 * dayMs);
    expect(await find(used.session)).toBeDefined();
  }
  expect(await find(idle.session)).toBeUndefined();
  room.clock.pass(20 * dayMs);
  expect(await find(used.session)).toBeUndefined();
  const short = await visit();
  room.clock.pass(2 * hourMs);
  expect(await find(short)).toBeUndefined();
  await expect(
    startSession(room.deps, {
      visitSessionId: short.sessionId,
      personId: newUuid(),
      operationKey: newUuid(),
      device: '',
      kind: 'cookie',
    }),
  ).rejects.toMatchObject({ code: 'security.session_expired' });
  room.clock.pass(40 * dayMs);
  await forgetOldSessions(room.deps);
  const { rows } = await sql`select 1 from session`.execute(room.deps.database.kysely);
  expect(rows).toEqual([]);
});
