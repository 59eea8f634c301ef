import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkPin, pinState } from '../../../src/features/security/check-pin.ts';
import { isWeakPin, pinAttempts } from '../../../src/features/security/pin-rules.ts';
import { setPin } from '../../../src/features/security/set-pin.ts';
import { spendAttempt } from '../../../src/features/security/spend-attempt.ts';
import { hourMs } from '../../../src/kernel/clock.ts';
import { newId, type Uuid } from '../../../src/kernel/ids.ts';
import { pin } from '../../../src/kernel/masked.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { reproduces } from '../../support/reproduces.ts';
import { countOutcomes, createSecurityRoom, type SecurityRoom } from './security-room.ts';

let room: SecurityRoom;
beforeAll(async () => {
  room = await createSecurityRoom();
});
afterAll(() => room.close());

const newPerson = () => newId(room.clock, systemRandom);
const set = (personId: Uuid, text: string, current?: string) =>
  setPin(room.deps, {
    personId,
    sessionId: personId,
    pin: pin(text),
    currentPin: current === undefined ? undefined : pin(current),
  });

test('a PIN is set once, proves the person, and is changed only with the present one', async () => {
  const personId = newPerson();
  await expect(checkPin(room.deps, { personId, pin: pin('274951') })).rejects.toMatchObject({
    code: reproduces('security.pin_not_set'),
  });
  expect(await pinState(room.deps, { personId })).toEqual({
    set: false,
    changedAt: null,
    triesLeft: 5,
    lockedUntil: null,
  });
  await set(personId, '274951');
  await checkPin(room.deps, { personId, pin: pin('274951') });

  await expect(set(personId, '830274')).rejects.toMatchObject({ code: 'security.pin_required' });
  await expect(set(personId, '830274', '274950')).rejects.toMatchObject({
    code: 'security.pin_wrong',
    params: { left: 3 },
  });
  await set(personId, '830274', '274951');
  await checkPin(room.deps, { personId, pin: pin('830274') });
  await expect(checkPin(room.deps, { personId, pin: pin('274951') })).rejects.toMatchObject({
    code: 'security.pin_wrong',
  });
});

test('setting it again after a lost answer succeeds', async () => {
  const personId = newPerson();
  await set(personId, '274951');
  await set(personId, '274951');
});

test('two devices that set a first PIN at the same time do not overwrite each other', async () => {
  const personId = newPerson();
  const both = await countOutcomes([set(personId, '274951'), set(personId, '830274')]);
  expect(both).toEqual({ passed: 1, 'security.pin_required': 1 });
});

test('its form and the weak ones are refused before anything is written', async () => {
  const personId = newPerson();
  for (const text of ['12345', '1234567', '12a456', '', '１２３４５６']) {
    await expect(set(personId, text)).rejects.toMatchObject({ code: 'input.format_invalid', field: 'payment_pin' });
  }
  await expect(set(personId, '123456')).rejects.toMatchObject({ code: 'input.secret_weak', field: 'payment_pin' });
  expect(await pinState(room.deps, { personId })).toMatchObject({ set: false });
});

test('easy ones are known, most are not', () => {
  const weak = [
    '000000',
    '112112',
    '121212',
    '123456',
    '654321',
    '890123',
    '112211',
    '123321',
    '900101',
    '010190',
    '199001',
    '202612',
    '520131',
    '147258',
    '135791',
    '111112',
  ];
  expect(weak.filter((text) => !isWeakPin(text))).toEqual([]);
  let refused = 0;
  for (let i = 0; i < 1_000_000; i += 1) if (isWeakPin(String(i).padStart(6, '0'))) refused += 1;
  expect(refused / 1_000_000).toBeLessThan(0.12);
});

test('of hundreds of guesses at the same time five are looked at, in whichever process', async () => {
  const personId = newPerson();
  await set(personId, '274951');
  const guesses = Array.from({ length: 400 }, (_, i) =>
    checkPin(i % 2 ? room.deps : room.otherDeps, { personId, pin: pin('830274') }),
  );
  expect(await countOutcomes(guesses)).toEqual({ 'security.pin_wrong': 4, 'security.pin_locked': 396 });
  const until = new Date(room.clock.now().getTime() + 3 * hourMs);
  await expect(checkPin(room.otherDeps, { personId, pin: pin('274951') })).rejects.toMatchObject({
    code: 'security.pin_locked',
    retryAt: until,
  });
  expect(await pinState(room.otherDeps, { personId })).toMatchObject({ set: true, triesLeft: 0, lockedUntil: until });
  room.clock.pass(3 * hourMs);
  await checkPin(room.deps, { personId, pin: pin('274951') });
});

test('of hundreds of tries that processes count at the same time five are there to be spent', async () => {
  const rule = pinAttempts(newPerson());
  const spend = (i: number) => spendAttempt(i % 2 ? room.deps : room.otherDeps, rule);
  const tries = await Promise.all(Array.from({ length: 400 }, (_, i) => spend(i)));
  expect(Map.groupBy(tries, ({ outcome }) => outcome).get('spent')).toHaveLength(5);
});

test('a right PIN is right however often it comes at once, and a guess among them is counted', async () => {
  const personId = newPerson();
  await set(personId, '274951');
  const check = (text: string) => checkPin(room.deps, { personId, pin: pin(text) });
  const right = Array.from({ length: 24 }, () => check('274951'));
  const guess = check('830274');
  expect(await countOutcomes(right)).toEqual({ passed: 24 });
  await expect(guess).rejects.toMatchObject({ code: 'security.pin_wrong', params: { left: 4 } });
  expect(await pinState(room.deps, { personId })).toMatchObject({ triesLeft: 4, lockedUntil: null });
});

test('a right PIN starts the count again', async () => {
  const personId = newPerson();
  await set(personId, '274951');
  for (let i = 0; i < 3; i += 1) {
    for (let left = 4; left >= 1; left -= 1) {
      await expect(checkPin(room.deps, { personId, pin: pin('830274') })).rejects.toMatchObject({ params: { left } });
    }
    await checkPin(room.deps, { personId, pin: pin('274951') });
  }
});

test('a hash copied to another person proves nothing', async () => {
  const [owner, thief] = [newPerson(), newPerson()];
  await set(owner, '274951');
  await set(thief, '830274');
  await sql`
    update payment_pin set pin_hash = (select pin_hash from payment_pin where person_id = ${thief})
    where person_id = ${owner}`.execute(room.deps.database.kysely);
  await expect(checkPin(room.deps, { personId: owner, pin: pin('830274') })).rejects.toMatchObject({
    code: 'security.pin_wrong',
  });
});
