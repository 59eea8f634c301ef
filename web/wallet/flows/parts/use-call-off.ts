import type { OperationShape } from '../../../../src/contract/operations.ts';
import { isProblemError } from '../../../client/problem-error.ts';
import { useClient } from './wallet-door.ts';

/**
 * Calls off what waits for the person when they go back. When that cannot be told to the server now, the operation
 * ends by its own deadline, or gives way to the next one of its kind; unconfirmed, it moves nothing.
 */
export function useCallOff(
  operation: OperationShape | undefined,
  put: (operation: OperationShape) => void,
): () => void {
  const client = useClient();
  return () => {
    if (!operation?.cancellable) return;
    client.cancel(operation).then(put, (error: unknown) => {
      if (!isProblemError(error)) throw error;
    });
  };
}
