import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { codeState, resendCode, sendCode } from '../../../src/features/security/send-code.ts';
import { hourMs, minuteMs, secondMs } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { otp, phone } from '../../../src/kernel/masked.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { reproduces } from '../../support/reproduces.ts';
import { checkCode, countOutcomes, createSecurityRoom, type SecurityRoom } from './security-room.ts';

let room: SecurityRoom;
let numbers = 13_800_000_000;
beforeAll(async () => {
  room = await createSecurityRoom();
});
afterAll(() => room.close());
beforeEach(() => room.phones.answerWith({ outcome: 'accepted' }));

const newRequest = () => {
  numbers += 1;
  return {
    operationKey: newId(room.clock, systemRandom),
    purpose: 'sign_in' as const,
    phone: phone(`+86${numbers}`),
    place: '203.0.113.7' as string | null,
    language: 'en' as const,
  };
};
const wrong = (code: string) => otp(code === '000000' ? '000001' : '000000');

test('the code of the message passes once, for its operation, purpose and phone alone', async () => {
  const request = newRequest();
  const sent = await sendCode(room.deps, request);
  expect(sent.expiresAt.getTime() - room.clock.now().getTime()).toBe(5 * minuteMs);
  expect(sent.triesLeft).toBe(5);
  const code = otp(room.phones.lastCode());
  expect(code.reveal()).toMatch(/^[0-9]{6}$/);

  const other = newRequest();
  await sendCode(room.deps, other);
  await expect(checkCode(room.deps, { ...other, code })).rejects.toMatchObject({
    code: reproduces('otp.wrong'),
    params: { left: 4 },
  });
  await expect(checkCode(room.deps, { ...request, purpose: 'reset_pin', code })).rejects.toMatchObject({
    code: reproduces('otp.expired'),
  });
  await expect(checkCode(room.deps, { ...request, phone: other.phone, code })).rejects.toMatchObject({
    code: 'otp.wrong',
  });

  await checkCode(room.deps, { ...request, code });
  await expect(checkCode(room.deps, { ...request, code })).rejects.toMatchObject({ code: reproduces('otp.used') });
});

test('neither the code nor the phone number is in the table', async () => {
  const request = newRequest();
  await sendCode(room.deps, request);
  const { rows } = await sql`select * from one_time_code where operation_key = ${request.operationKey}`.execute(
    room.deps.database.kysely,
  );
  const text = JSON.stringify(rows, (_, value: unknown) => (Buffer.isBuffer(value) ? value.toString('latin1') : value));
  expect(text).not.toContain(room.phones.lastCode());
  expect(text).not.toContain(request.phone.reveal().slice(3));
});

test('after five minutes it has expired, and that costs no try', async () => {
  const request = newRequest();
  await sendCode(room.deps, request);
  const code = otp(room.phones.lastCode());
  room.clock.pass(5 * minuteMs);
  await expect(checkCode(room.deps, { ...request, code })).rejects.toMatchObject({ code: 'otp.expired' });
  expect(await codeState(room.deps, request)).toMatchObject({ triesLeft: 5 });
});

/** The last that is looked at is told as the lock; at the same time, others may be as well. */
function expectFiveLooked(counts: Record<string, number>): void {
  const { 'otp.wrong': told = 0, 'otp.locked': locked = 0, ...others } = counts;
  expect(others).toEqual({});
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThanOrEqual(4);
  expect(told + locked).toBe(1000);
}
/** What was counted most, by whatever rule. */
async function mostSpent(): Promise<number> {
  const { rows } = await sql<{ most: number }>`
    select max(spent) as most from attempt_counter`.execute(room.deps.database.kysely);
  return rows[0]?.most ?? 0;
}

test('of a thousand guesses at the same time five are looked at, in whichever process', async () => {
  const request = newRequest();
  await sendCode(room.deps, request);
  const guesses = Array.from({ length: 1000 }, (_, i) =>
    checkCode(i % 2 ? room.deps : room.otherDeps, { ...request, code: wrong(room.phones.lastCode()) }),
  );
  expectFiveLooked(await countOutcomes(guesses));
  expect(await mostSpent()).toBeLessThanOrEqual(5);
  // The right one is not looked at either.
  const code = otp(room.phones.lastCode());
  await expect(checkCode(room.deps, { ...request, code })).rejects.toMatchObject({ code: reproduces('otp.locked') });
});

test('a lock says until when, outlasts a new code and another operation, and ends by itself', async () => {
  const request = newRequest();
  await sendCode(room.deps, request);
  for (let left = 4; left >= 1; left -= 1) {
    const refused = checkCode(room.deps, { ...request, code: wrong(room.phones.lastCode()) });
    await expect(refused).rejects.toMatchObject({ code: 'otp.wrong', params: { left } });
    // A new code in between gives no tries back.
    room.clock.pass(minuteMs);
    await resendCode(room.deps, request);
  }
  const until = new Date(room.clock.now().getTime() + 30 * minuteMs);
  const fifth = checkCode(room.deps, { ...request, code: wrong(room.phones.lastCode()) });
  await expect(fifth).rejects.toMatchObject({ code: 'otp.locked', retryAt: until });

  const again = { ...newRequest(), phone: request.phone, place: request.place };
  await expect(sendCode(room.deps, again)).rejects.toMatchObject({ code: 'otp.locked' });
  room.clock.pass(hourMs);
  await sendCode(room.deps, again);
  await checkCode(room.deps, { ...again, code: otp(room.phones.lastCode()) });
});

test('who knows a number can try at its codes, and its owner is neither locked out nor without messages', async () => {
  const home = '198.51.100.20';
  const own = () => ({ ...newRequest(), phone: victim.phone, place: home });
  const victim = newRequest();
  const first = own();
  await sendCode(room.deps, first);
  await checkCode(room.deps, { ...first, code: otp(room.phones.lastCode()) });
  room.clock.pass(hourMs);

  let looked = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    for (let i = 0; i < 8; i += 1) {
      const stranger = { ...newRequest(), phone: victim.phone, place: `192.0.2.${hour * 8 + i}` };
      const sent = await sendCode(room.deps, stranger).catch(() => undefined);
      if (!sent) continue;
      const guesses = Array.from({ length: 9 }, () =>
        checkCode(room.deps, { ...stranger, code: wrong(room.phones.lastCode()) }),
      );
      const counts = await countOutcomes(guesses);
      looked += counts['otp.wrong'] ?? 0;
    }
    const now = own();
    expect((await sendCode(room.deps, now)).triesLeft).toBe(5);
    await checkCode(room.deps, { ...now, code: otp(room.phones.lastCode()) });
    room.clock.pass(hourMs - minuteMs);
  }
  expect(looked).toBeGreaterThan(4);
  expect(looked).toBeLessThanOrEqual(31);
});

test('a thousand guesses from a thousand places at one code are five, and at all codes of a number thirty a day', async () => {
  const one = newRequest();
  await sendCode(room.deps, one);
  const code = wrong(room.phones.lastCode());
  const atOne = Array.from({ length: 1000 }, (_, i) =>
    checkCode(i % 2 ? room.deps : room.otherDeps, { ...one, code, place: `192.0.2.${i}` }),
  );
  expectFiveLooked(await countOutcomes(atOne));

  const number = newRequest().phone;
  let seen = 0;
  for (let hour = 0; hour < 12; hour += 1) {
    for (let i = 0; i < 5; i += 1) {
      const each = { ...newRequest(), phone: number, place: `10.${hour}.${i}.1` };
      if (!(await sendCode(room.deps, each).catch(() => undefined))) continue;
      const right = room.phones.lastCode();
      const counts = await countOutcomes(
        Array.from({ length: 40 }, (_, j) =>
          checkCode(j % 2 ? room.deps : room.otherDeps, { ...each, code: wrong(right), place: `10.${hour}.${i}.${j}` }),
        ),
      );
      seen += counts['otp.wrong'] ?? 0;
    }
    room.clock.pass(hourMs);
  }
  // The last of each lock is told as the lock: of thirty that were looked at, some are told so.
  expect(seen).toBeLessThanOrEqual(30);
  expect(seen).toBeGreaterThan(15);
});

test('of two who enter the right code at the same time one passes', async () => {
  const request = newRequest();
  await sendCode(room.deps, request);
  const code = otp(room.phones.lastCode());
  const both = [room.deps, room.otherDeps, room.deps, room.otherDeps].map((deps) =>
    checkCode(deps, { ...request, code }),
  );
  expect(await countOutcomes(both)).toEqual({ passed: 1, 'otp.used': 3 });
});

test('within a minute nothing is sent again; a wish for another one is told when', async () => {
  const request = newRequest();
  const sent = await sendCode(room.deps, request);
  const before = room.phones.messages.length;
  room.clock.pass(59 * secondMs);
  expect(await sendCode(room.deps, request)).toEqual(sent);
  expect(room.phones.messages.length).toBe(before);
  await expect(resendCode(room.deps, request)).rejects.toMatchObject({
    code: reproduces('limit.too_fast'),
    retryAt: sent.resendAt,
  });
  const first = otp(room.phones.lastCode());
  room.clock.pass(secondMs);
  await resendCode(room.deps, request);
  const second = otp(room.phones.lastCode());
  if (first.reveal() !== second.reveal()) {
    await expect(checkCode(room.deps, { ...request, code: first })).rejects.toMatchObject({ code: 'otp.wrong' });
  }
  await checkCode(room.deps, { ...request, code: second });
});

test('five an hour for a phone, whatever the operation and however many ask at once', async () => {
  const request = newRequest();
  const before = room.phones.messages.length;
  const all = Array.from({ length: 40 }, (_, i) =>
    sendCode(i % 2 ? room.deps : room.otherDeps, { ...newRequest(), phone: request.phone }),
  );
  expect(await countOutcomes(all)).toEqual({ passed: 5, 'limit.too_fast': 35 });
  expect(room.phones.messages.length).toBe(before + 5);
  expect(new Set(room.phones.messages.map((message) => message.id)).size).toBe(room.phones.messages.length);
  room.clock.pass(hourMs);
  await sendCode(room.deps, request);
});

test('a message that cannot arrive is told apart from an operator that is down', async () => {
  const request = newRequest();
  room.phones.answerWith({ outcome: 'undeliverable' });
  await expect(sendCode(room.deps, request)).rejects.toMatchObject({
    code: reproduces('contact.undeliverable'),
    params: { contact: request.phone.mask },
  });
  room.phones.answerWith({ outcome: 'unavailable', reason: 'connect ECONNREFUSED' });
  await expect(sendCode(room.deps, request)).rejects.toMatchObject({
    code: reproduces('third_party.message_channel_down'),
  });
  // No minute to wait for a message that never left.
  room.phones.answerWith({ outcome: 'accepted' });
  await sendCode(room.deps, request);
  await checkCode(room.deps, { ...request, code: otp(room.phones.lastCode()) });
});
