import type { Cause } from './cause.ts';
import { causeOf, isCauseCode } from './registry.ts';

/** The cause with this code, or `undefined`: for codes that come from records or from outside. */
export const findCause = (code: string): Cause | undefined => (isCauseCode(code) ? causeOf(code) : undefined);
