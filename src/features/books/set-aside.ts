import { deriveId, type Uuid } from '../../kernel/ids.ts';
import type { AccountId, DirectTransfer, Ledger } from '../../ledger/ledger.ts';
import { toReturnAccount, transferCodes } from './chart.ts';

/** The transfer that puts the books right after an operation that has ended: to its wallet, or set aside for its owner. */
export const correctionId = (operationKey: Uuid): Uuid => deriveId(operationKey, 'correction');

/** Until 22 November 2026 what was set aside had another id than what went to the wallet. */
const setAsideIdBefore = (operationKey: Uuid): Uuid => deriveId(operationKey, 'correction set aside');

/** The correction of this operation, also one that an older version of the wallet made. */
export const correctionOf = async (ledger: Pick<Ledger, 'transfer'>, operationKey: Uuid) =>
  (await ledger.transfer(setAsideIdBefore(operationKey))) ?? (await ledger.transfer(correctionId(operationKey)));

/**
 * What gives a correction that was set aside to its owner's account; `undefined` when it was not set aside. Its id follows from the operation, so that it is given once.
 */
export async function giveBackOf(
  ledger: Pick<Ledger, 'transfer'>,
  operationKey: Uuid,
  to: AccountId,
): Promise<DirectTransfer | undefined> {
  const made = await correctionOf(ledger, operationKey);
  if (made?.creditAccountId !== toReturnAccount) return undefined;
  return {
    ...{ id: giveBackId(operationKey), kind: 'post', code: transferCodes.returned, operationId: operationKey },
    ...{ amount: made.amount, debitAccountId: toReturnAccount, creditAccountId: to },
  };
}

export const giveBackId = (operationKey: Uuid): Uuid => deriveId(operationKey, 'given back');
