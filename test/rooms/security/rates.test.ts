import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgetSpent } from '../../../src/features/security/forget-spent.ts';
import { clearAttempts, peekAttempts, spendAttempt } from '../../../src/features/security/spend-attempt.ts';
import { spendTry } from '../../../src/features/security/spend-try.ts';
import { createRateTaker, type Rate, type RateDeps } from '../../../src/features/security/take-rate.ts';
import { dayMs, minuteMs, secondMs } from '../../../src/kernel/clock.ts';
import { reproduces } from '../../support/reproduces.ts';
import { countOutcomes, createSecurityRoom, type SecurityRoom } from './security-room.ts';

let room: SecurityRoom;
beforeAll(async () => {
  room = await createSecurityRoom();
});
afterAll(() => room.close());

const takers = new Map<RateDeps, (rate: Rate) => Promise<void>>();
const takeRate = (deps: RateDeps, rate: Rate): Promise<void> => {
  const take = takers.get(deps) ?? createRateTaker(deps);
  takers.set(deps, take);
  return take(rate);
};

test('a rate lets its number through at once, across processes, and then one after another', async () => {
  const rate = { key: 'a', limit: 10, windowMs: 10 * secondMs };
  const all = Array.from({ length: 200 }, (_, i) => takeRate(i % 2 ? room.deps : room.otherDeps, rate));
  expect(await countOutcomes(all)).toEqual({ passed: 10, 'limit.too_fast': 190 });
  const retryAt = new Date(room.clock.now().getTime() + secondMs);
  await expect(takeRate(room.deps, rate)).rejects.toMatchObject({ code: 'limit.too_fast', retryAt });
  room.clock.pass(secondMs - 1);
  await expect(takeRate(room.deps, rate)).rejects.toMatchObject({ retryAt });
  room.clock.pass(1);
  await takeRate(room.deps, rate);
  await expect(takeRate(room.deps, rate)).rejects.toMatchObject({ code: 'limit.too_fast' });
  await takeRate(room.deps, { ...rate, key: 'b' });
  room.clock.pass(10 * secondMs);
  const later = Array.from({ length: 20 }, () => takeRate(room.deps, rate));
  expect(await countOutcomes(later)).toEqual({ passed: 10, 'limit.too_fast': 10 });
});

test.each([
  [7, 1000],
  [6, 1000],
  [120_000, 60_000],
  [1, 1],
])('%i in %i ms are exactly that', async (limit, windowMs) => {
  const tried = Math.min(limit, 50) + 1;
  const rate = { key: `exactly ${limit}`, limit, windowMs };
  const outcomes = await countOutcomes(Array.from({ length: tried }, () => takeRate(room.deps, rate)));
  expect(outcomes['passed']).toBe(Math.min(limit, tried));
});

test('many buckets of several kinds in one moment, each counted by itself', async () => {
  const asked = Array.from({ length: 300 }, (_, i) => ({
    key: `crowd ${i % 30}`,
    limit: 3 + (i % 2) * 3,
    windowMs: minuteMs,
  }));
  const outcomes = await countOutcomes(asked.map((rate, i) => takeRate(i % 3 ? room.deps : room.otherDeps, rate)));
  expect(outcomes).toEqual({ passed: 15 * 3 + 15 * 6, 'limit.too_fast': 300 - 135 });
});

test('attempts are forgotten after their window, a lock only at its end', async () => {
  const rule = { scope: 'test', subject: 'x', limit: 3, windowMs: minuteMs, lockMs: 5 * minuteMs };
  expect(await spendAttempt(room.deps, rule)).toMatchObject({ outcome: 'spent', left: 2 });
  expect(await spendAttempt(room.deps, rule)).toMatchObject({ outcome: 'spent', left: 1 });
  expect(await peekAttempts(room.deps, rule)).toEqual({ left: 1, lockedUntil: null });
  room.clock.pass(minuteMs);
  expect(await peekAttempts(room.deps, rule)).toEqual({ left: 3, lockedUntil: null });
  for (const left of [2, 1]) expect(await spendAttempt(room.deps, rule)).toMatchObject({ left, lockedUntil: null });
  const until = new Date(room.clock.now().getTime() + 5 * minuteMs);
  expect(await spendAttempt(room.deps, rule)).toEqual({ outcome: 'spent', left: 0, lockedUntil: until });
  room.clock.pass(2 * minuteMs);
  expect(await spendAttempt(room.otherDeps, rule)).toEqual({ outcome: 'locked', until });
  await forgetSpent(room.deps);
  expect(await spendAttempt(room.otherDeps, rule)).toEqual({ outcome: 'locked', until });
  room.clock.pass(3 * minuteMs);
  expect(await spendAttempt(room.deps, rule)).toMatchObject({ left: 2 });
  await clearAttempts(room.deps, rule);
  expect(await peekAttempts(room.deps, rule)).toEqual({ left: 3, lockedUntil: null });
});

test('a rule of one attempt locks with the first', async () => {
  const rule = { scope: 'once', subject: 'x', limit: 1, windowMs: minuteMs, lockMs: minuteMs };
  expect(await spendAttempt(room.deps, rule)).toMatchObject({ outcome: 'spent', left: 0 });
  expect(await spendAttempt(room.deps, rule)).toMatchObject({ outcome: 'locked' });
});

test('tries at outside registers are counted for each person', async () => {
  const request = { scope: 'verify_identity', subject: 'person 1' };
  for (const left of [4, 3, 2, 1, 0]) expect(await spendTry(room.deps, request)).toBe(left);
  await expect(spendTry(room.deps, request)).rejects.toMatchObject({ code: reproduces('limit.tries') });
  expect(await spendTry(room.deps, { ...request, subject: 'person 2' })).toBe(4);
  room.clock.pass(dayMs);
  expect(await spendTry(room.deps, request)).toBe(4);
});
