import type { IdNumber, PersonName, Phone } from '../kernel/masked.ts';

export type RegistryAnswer =
  | { outcome: 'match'; reference: string }
  | { outcome: 'mismatch' }
  | { outcome: 'not_found' }
  /** Nothing moves money here, so a request that got no answer is simply made again. */
  | { outcome: 'unavailable'; reason: string };

/** Registers that know whether a name, an ID number and a phone belong together. Each is one external channel of verification. */
export type IdentityRegistry = {
  /** The citizens' register: name and ID number. */
  verifyCitizen(request: { reference: string; name: PersonName; idNumber: IdNumber }): Promise<RegistryAnswer>;
  /** The phone operator: does this number belong to this person? */
  verifyPhoneOwner(request: {
    reference: string;
    phone: Phone;
    name: PersonName;
    idNumber: IdNumber;
  }): Promise<RegistryAnswer>;
};
