import type { Digest } from '../../kernel/envelope.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Phone } from '../../kernel/masked.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import { findPayees, findPersonByPhone, phoneDigest, type Payee, type Person } from '../people/person.ts';
import { asStored, readPhone } from '../people/phone-number.ts';
import type { SecurityDoor } from '../security/security-door.ts';

/**
 * Whom a phone number belongs to. However it is asked, each number counts, so that numbers cannot be collected. Causes:
 * those of the number, `limit.tries`, `third_party.payee_not_found`, `input.payee_self`, `third_party.payee_cannot_receive`
 * (one sentence for every reason: it is the payee's matter, not the payer's).
 */
export async function findPayee(
  deps: { database: Database; digest: Digest; security: SecurityDoor },
  payerId: Uuid,
  typedPhone: string,
): Promise<Person> {
  const number = readPhone(typedPhone, 'payee');
  await deps.security.spendTry({ scope: 'look_up_payee', subject: payerId, about: number.reveal() });
  const payee = await findPersonByPhone(deps.database.kysely, deps.digest, number);
  return admitPayee(payee, payerId);
}

/** Whom a number belongs to, if to anybody; its digest is in hexadecimal. */
export type TypedPayee = { number: Phone; numberDigest: string; payee: Payee | undefined };

/**
 * Whom many numbers, as they were typed, belong to, or what is wrong with them; counted by the caller. One that is
 * written as ours are stored is parsed only when nobody has it.
 */
export async function findTypedPayees(
  { database, digest }: { database: Database; digest: Digest },
  typed: readonly string[],
): Promise<Map<string, TypedPayee | Failure>> {
  const all = new Map<string, TypedPayee | Failure>();
  const look = async (numbers: readonly (readonly [string, Phone])[]) => {
    const asked = numbers.map(([text, number]) => ({
      text,
      number,
      numberDigest: phoneDigest(digest, number).toString('hex'),
    }));
    if (asked.length === 0) return;
    const people = await findPayees(
      database,
      asked.map(({ numberDigest }) => numberDigest),
    );
    for (const { text, ...number } of asked) all.set(text, { ...number, payee: people.get(number.numberDigest) });
  };
  const stored = typed.flatMap((text) => {
    const number = asStored(text);
    return number ? [[text, number] as const] : [];
  });
  await look(stored);
  const left: [string, Phone][] = [];
  for (const text of typed) {
    const found = all.get(text);
    if (found instanceof Failure || found?.payee) continue;
    const number = readPayee(text);
    if (number instanceof Failure) all.set(text, number);
    else if (found?.number.reveal() !== number.reveal()) left.push([text, number]);
  }
  await look(left);
  return all;
}

function readPayee(typed: string): Phone | Failure {
  try {
    return readPhone(typed, 'payee');
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** Whoever was found, if they can be paid by this payer. `payerId` is null where the payer is no person. */
export function admitPayee<P extends Payee>(payee: P | undefined, payerId: Uuid | null): P {
  if (!payee) throw refusal('third_party.payee_not_found');
  if (payee.id === payerId) throw refusal('input.payee_self');
  if (!payee.isVerified || payee.accountState === 'closed' || payee.accountState === 'frozen') {
    throw refusal('third_party.payee_cannot_receive', { params: { payee: payee.nameMasked ?? payee.phoneMasked } });
  }
  return payee;
}

/** The masked name for a number, so that the payer can check it. Causes: those of `findPayee`. */
export async function lookUpPayee(
  deps: { database: Database; digest: Digest; security: SecurityDoor },
  payerId: Uuid,
  typedPhone: string,
): Promise<{ nameMasked: string; phoneMasked: string }> {
  const payee = await findPayee(deps, payerId, typedPhone);
  return { nameMasked: payee.nameMasked ?? '', phoneMasked: payee.phoneMasked };
}
