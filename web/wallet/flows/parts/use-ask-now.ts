import { useState } from 'react';
import type { OperationShape } from '../../../../src/contract/operations.ts';
import { isProblemError } from '../../../client/problem-error.ts';
import { useClient } from './wallet-door.ts';

/** Asks for the outcome now; sends nothing that could move money. */
export function useAskNow(operation: OperationShape, put: (operation: OperationShape) => void) {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [toldNothingNew, setToldNothingNew] = useState(false);
  const ask = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const next = await client.ask(operation);
      put(next);
      setToldNothingNew(next.state === operation.state);
    } catch (error) {
      if (!isProblemError(error)) throw error;
      setToldNothingNew(true);
    } finally {
      setBusy(false);
    }
  };
  return { ask: () => void ask(), busy, toldNothingNew };
}
