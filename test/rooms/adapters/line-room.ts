import { systemClock, type Clock } from '../../../src/kernel/clock.ts';
import { CNY } from '../../../src/kernel/currencies.ts';
import { idNumber, otp, pan, personName, phone } from '../../../src/kernel/masked.ts';
import { money } from '../../../src/kernel/money.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import type { BankRail } from '../../../src/ports/bank-rail.ts';
import { createSandboxBankRail } from '../../../src/adapters/sandbox/bank-rail.ts';
import type { LineDependencies } from '../../../src/adapters/sandbox/signed-line.ts';
import type { SampleCard, SamplePerson } from '../../../sandbox/samples.ts';
import { ming, mingsCard } from '../../support/samples.ts';
import type { TestSandbox } from '../../support/sandbox.ts';

let made = 0;
/** A reference that no other request has. */
export const newReference = (): string => {
  made += 1;
  return `t_${process.pid}_${made}`;
};

/** The wallet's end of the line; patient, since a slow machine is no silent bank. */
export const lineTo = (sandbox: TestSandbox, changes: Partial<LineDependencies> = {}): LineDependencies => ({
  baseUrl: sandbox.url,
  partnerPrivateKey: sandbox.partnerPrivateKey,
  bankPublicKey: sandbox.bankPublicKey,
  clock: systemClock,
  random: systemRandom,
  timeoutMs: 60_000,
  guard: () => undefined,
  ...changes,
});

/** For far sides that stay silent: enough for a slow machine to send its request, and no more. */
export const impatient = { timeoutMs: 2000 } as const;

export const railTo = (sandbox: TestSandbox, changes: Partial<LineDependencies> = {}): BankRail =>
  createSandboxBankRail(lineTo(sandbox, changes));

export const bindingOf = (person: SamplePerson, card: SampleCard, reference = newReference()) => ({
  reference,
  bankCode: card.bankCode,
  pan: pan(card.number),
  holder: personName(person.name),
  idNumber: idNumber(person.idNumber),
  reservedPhone: phone(card.reservedPhone),
});

export async function lastCode(sandbox: TestSandbox, number: string): Promise<string> {
  const code = (await sandbox.messages(number))[0]?.code;
  if (!code) throw new Error(`no code on ${number}`);
  return code;
}

/** Binds a card and gives its token. */
export async function bind(
  sandbox: TestSandbox,
  person: SamplePerson = ming,
  card: SampleCard = mingsCard,
): Promise<string> {
  const rail = railTo(sandbox);
  const request = bindingOf(person, card);
  const asked = await rail.requestBinding(request);
  if (asked.outcome !== 'approved') throw new Error(`not bound: ${JSON.stringify(asked)}`);
  const { reference, bankCode } = request;
  const code = otp(await lastCode(sandbox, card.reservedPhone));
  const bound = await rail.confirmBinding({ reference, bankCode, code });
  if (bound.outcome !== 'approved') throw new Error(`not confirmed: ${JSON.stringify(bound)}`);
  return bound.cardToken;
}

export const moneyRequest = (
  cardToken: string,
  fen: bigint,
  changes: { bankCode?: string; reference?: string; validUntil?: Date } = {},
) => ({
  reference: newReference(),
  bankCode: mingsCard.bankCode,
  cardToken,
  amount: money(fen, CNY),
  validUntil: new Date(Date.now() + 60_000),
  ...changes,
});

/** A clock that is ahead (or behind) by so much. */
export const clockAhead = (ms: number): Clock => ({ ...systemClock, now: () => new Date(Date.now() + ms) });
