import type { Cause } from './cause.ts';
import { describeCause, type FailureContext, type ProblemDocument } from './describe-cause.ts';
import { appCauses } from './registry/app.ts';
import { deviceCauses } from './registry/device.ts';
import { networkCauses } from './registry/network.ts';
import { walletCauses } from './registry/wallet.ts';

/**
 * The causes that the app must be able to tell when no server answers. Kept apart from the whole registry,
 * whose words the server sends, so that the app's first load stays small.
 */
export const appSideCauses = { ...networkCauses, ...walletCauses, ...appCauses, ...deviceCauses } as const;
export type AppSideCode = keyof typeof appSideCauses;

/** The problem document of a cause that the app noticed by itself. */
export function describeAppSide(failure: FailureContext & { readonly code: AppSideCode }): ProblemDocument {
  const cause: Cause = appSideCauses[failure.code];
  return describeCause(failure.code, cause, failure);
}
