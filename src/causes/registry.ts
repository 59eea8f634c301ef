import type { Cause } from './cause.ts';
import { accountCauses } from './registry/account.ts';
import { appCauses } from './registry/app.ts';
import { bankCauses } from './registry/bank.ts';
import { cardCauses } from './registry/card.ts';
import { contactCauses } from './registry/contact.ts';
import { deviceCauses } from './registry/device.ts';
import { identityCauses } from './registry/identity.ts';
import { inputCauses } from './registry/input.ts';
import { limitCauses } from './registry/limit.ts';
import { networkCauses } from './registry/network.ts';
import { operationCauses } from './registry/operation.ts';
import { otpCauses } from './registry/otp.ts';
import { policyCauses } from './registry/policy.ts';
import { securityCauses } from './registry/security.ts';
import { thirdPartyCauses } from './registry/third-party.ts';
import { walletCauses } from './registry/wallet.ts';

/** Every cause of failure that this wallet knows, by its code. A code is never used again for something else. */
export const registry = {
  ...inputCauses,
  ...contactCauses,
  ...otpCauses,
  ...identityCauses,
  ...cardCauses,
  ...bankCauses,
  ...networkCauses,
  ...walletCauses,
  ...appCauses,
  ...deviceCauses,
  ...policyCauses,
  ...limitCauses,
  ...securityCauses,
  ...accountCauses,
  ...operationCauses,
  ...thirdPartyCauses,
} as const;

export type Registry = typeof registry;
export type CauseCode = keyof Registry;

export const causeCodes = Object.keys(registry) as CauseCode[];

/** Whether a text is the code of a cause. */
export const isCauseCode = (text: string): text is CauseCode => Object.hasOwn(registry, text);

/** The entry of a cause. */
export const causeOf = (code: CauseCode): Cause => registry[code];
