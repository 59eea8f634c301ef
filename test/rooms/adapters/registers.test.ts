import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSandboxIdentityRegistry } from '../../../src/adapters/sandbox/identity-registry.ts';
import { createSandboxSmsSender } from '../../../src/adapters/sandbox/sms-sender.ts';
import { idNumber, otp, personName, phone } from '../../../src/kernel/masked.ts';
import type { IdentityRegistry } from '../../../src/ports/identity-registry.ts';
import type { SmsMessage, SmsSender } from '../../../src/ports/sms-sender.ts';
import { undeliverablePhone, type SamplePerson } from '../../../sandbox/samples.ts';
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts';
import { ming, samplePerson } from '../../support/samples.ts';
import { impatient, lineTo, newReference } from './line-room.ts';

let sandbox: TestSandbox;
let registry: IdentityRegistry;
let sms: SmsSender;

beforeAll(async () => {
  sandbox = await startSandbox();
  registry = createSandboxIdentityRegistry(lineTo(sandbox));
  sms = createSandboxSmsSender(lineTo(sandbox));
});
afterAll(() => sandbox.close());
afterEach(async () => {
  await sandbox.setBehaviour('registry', { mode: 'normal' });
  await sandbox.setBehaviour('sms', { mode: 'normal' });
});

const citizen = (person: SamplePerson, name = person.name) =>
  registry.verifyCitizen({ reference: newReference(), name: personName(name), idNumber: idNumber(person.idNumber) });
const owner = (person: SamplePerson, number = person.phone) =>
  registry.verifyPhoneOwner({
    reference: newReference(),
    phone: phone(number),
    name: personName(person.name),
    idNumber: idNumber(person.idNumber),
  });

describe('the registers', () => {
  it('know who belongs together', async () => {
    expect(await citizen(ming)).toMatchObject({ outcome: 'match' });
    expect(await owner(ming)).toMatchObject({ outcome: 'match' });
  });
  it('know who does not, and whom they do not know', async () => {
    expect(await citizen(ming, '周明')).toEqual({ outcome: 'mismatch' });
    expect(await citizen(samplePerson('吴昊'))).toEqual({ outcome: 'mismatch' });
    expect(await citizen(samplePerson('何文静'))).toEqual({ outcome: 'not_found' });
    expect(await owner(samplePerson('刘一鸣'))).toEqual({ outcome: 'mismatch' });
    expect(await owner(ming, '+8613700000000')).toEqual({ outcome: 'not_found' });
  });
  it.each([
    'down',
    'silent_before',
    'maintenance',
    'fault_500',
    'unsigned',
    'broken_body',
  ] as const)('that are %s are unavailable, not of another opinion', async (mode) => {
    await sandbox.setBehaviour('registry', { mode });
    registry = createSandboxIdentityRegistry(lineTo(sandbox, impatient));
    expect(await citizen(ming)).toMatchObject({ outcome: 'unavailable' });
    expect(await owner(ming)).toMatchObject({ outcome: 'unavailable' });
    registry = createSandboxIdentityRegistry(lineTo(sandbox));
  });
});

describe('the SMS operator', () => {
  const message = (to = ming.phone, code = '123456'): Extract<SmsMessage, { code: unknown }> => ({
    id: newReference(),
    to: phone(to),
    language: 'zh-CN',
    template: 'sign_in_code',
    code: otp(code),
    minutes: 5,
  });

  it('delivers a message once, however often it is handed over', async () => {
    const one = message('+8613800007001');
    expect(await sms.send(one)).toEqual({ outcome: 'accepted' });
    expect(await sms.send(one)).toEqual({ outcome: 'accepted' });
    const arrived = await sandbox.messages('+8613800007001');
    expect(arrived.map(({ code }) => code)).toEqual(['123456']);
    expect(arrived[0]?.text).toContain('验证码 123456，5 分钟内有效');
  });
  it('takes no other message under the same id', async () => {
    const one = message('+8613800007002');
    await sms.send(one);
    expect(await sms.send({ ...one, code: otp('654321') })).toMatchObject({ outcome: 'unavailable' });
    expect(await sandbox.messages('+8613800007002')).toHaveLength(1);
  });
  it('says so when a number cannot be reached', async () => {
    expect(await sms.send(message(undeliverablePhone))).toEqual({ outcome: 'undeliverable' });
    expect(await sandbox.messages(undeliverablePhone)).toEqual([]);
  });
  it('that is down has taken nothing', async () => {
    await sandbox.setBehaviour('sms', { mode: 'down' });
    expect(await sms.send(message('+8613800007003'))).toMatchObject({ outcome: 'unavailable' });
    expect(await sandbox.messages('+8613800007003')).toEqual([]);
  });
  it('takes messages of its partner only', async () => {
    const stranger = createSandboxSmsSender(
      lineTo(sandbox, { partnerPrivateKey: generateKeyPairSync('ed25519').privateKey }),
    );
    expect(await stranger.send(message('+8613800007004'))).toMatchObject({ outcome: 'unavailable' });
    expect(await sandbox.messages('+8613800007004')).toEqual([]);
  });
});
