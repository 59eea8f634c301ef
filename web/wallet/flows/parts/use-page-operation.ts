import { useCallback, useRef } from 'react';
import { useSearchParams } from 'react-router';
import type { OperationKind, OperationOf, StartInput } from '../../../../src/contract/operations.ts';
import { newOperationId } from '../../../client/new-id.ts';
import { sendSmallSafely, startSafely } from './ask-safely.ts';
import { useOperation, type FollowedOperation } from './use-operation.ts';
import { useClient } from './wallet-door.ts';

export type PageOperation = FollowedOperation & {
  id: string | null;
  /** The id of what was asked for last, while its answer is not known. */
  intendedId: () => string | null;
  search: URLSearchParams;
  /** Begins it; the same content again, after a double tap or a lost answer, is the same operation. */
  begin: <K extends OperationKind>(kind: K, input: StartInput<K>) => Promise<OperationOf<K>>;
  /** The same for a small sum that leaves without the PIN. */
  sendSmall: (input: StartInput<'transfer'>) => Promise<OperationOf<'transfer'>>;
  /** Back to the form, everything else as it was. */
  leave: (changes?: Record<string, string | undefined>) => void;
};

/** The operation of a page. Its id stands in the address, so that leaving, reloading and coming back are safe. */
export function usePageOperation(): PageOperation {
  const client = useClient();
  const [search, setSearch] = useSearchParams();
  const id = search.get('operation');
  const followed = useOperation(id);
  const { put } = followed;
  const intended = useRef<{ content: string; id: string } | null>(null);

  const setOperation = useCallback(
    (operationId: string | undefined, changes: Record<string, string | undefined> = {}) =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries({ ...changes, operation: operationId })) {
            if (value === undefined) next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: operationId === undefined },
      ),
    [setSearch],
  );

  const ask = async <K extends OperationKind>(
    kind: K,
    input: StartInput<K>,
    how: (id: string) => Promise<OperationOf<K>>,
  ): Promise<OperationOf<K>> => {
    const content = JSON.stringify([kind, input]);
    if (intended.current?.content !== content) intended.current = { content, id: newOperationId() };
    const operation = await how(intended.current.id);
    intended.current = null;
    put(operation);
    setOperation(operation.id);
    return operation;
  };
  return {
    ...followed,
    id,
    intendedId: () => intended.current?.id ?? null,
    search,
    begin: (kind, input) => ask(kind, input, (operationId) => startSafely(client, operationId, kind, input)),
    sendSmall: (input) => ask('transfer', input, (operationId) => sendSmallSafely(client, operationId, input)),
    leave: (changes) => setOperation(undefined, changes),
  };
}
