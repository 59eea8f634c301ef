import type { Transaction } from '../../database/database.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Otp, Pin } from '../../kernel/masked.ts';
import type { UseCode } from './check-code.ts';
import type { CodeFor } from './code-rules.ts';
import type { CodeRequest, CodeState } from './send-code.ts';

/** What the flows need of codes and PINs, each with its dependencies bound. Causes as in the functions themselves. */
export type SecurityDoor = {
  sendCode(request: CodeRequest): Promise<CodeState>;
  /** On a person's wish: refused within a minute of the last one. */
  resendCode(request: CodeRequest): Promise<CodeState>;
  /** What it gives uses the code up, within the move that the code allows. */
  checkCode(request: CodeFor & { code: Otp }): Promise<UseCode>;
  checkPin(request: { personId: Uuid; pin: Pin }): Promise<void>;
  /**
   * What it gives writes the new PIN, opens the lock and ends the other sessions, within the move that allows it. Only in
   * the place of the one that was set at `since`: `security.pin_changed_meanwhile`.
   */
  replacePin(request: {
    personId: Uuid;
    keepSessionId: Uuid | null;
    pin: Pin;
    since: Date;
  }): Promise<(tx: Transaction) => Promise<void>>;
  pinState(request: { personId: Uuid }): Promise<{ set: boolean; changedAt: Date | null; lockedUntil: Date | null }>;
  /** Counts one try before it is made, `about` the same thing once; `limit.tries` when they are used up. Resolves to how many are left after it. */
  spendTry(request: { scope: string; subject: string; about?: string }): Promise<number>;
};
