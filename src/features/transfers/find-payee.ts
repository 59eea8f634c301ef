import type { Digest } from '../../kernel/envelope.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import { findPersonByPhone, type Payee, type Person } from '../people/person.ts';
import { readPhone } from '../people/phone-number.ts';
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

/** Whoever was found, if they can be paid by this payer. `payerId` is null where the payer is no person. */
export function admitPayee<P extends Payee>(payee: P | undefined, payerId: Uuid | null): P {
  if (!payee) throw refusal('third_party.payee_not_found');
  if (payee.id === payerId) throw refusal('input.payee_self');
  if (!payee.verifiedAt || payee.accountState === 'closed' || payee.accountState === 'frozen') {
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
