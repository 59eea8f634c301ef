import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import type { OperationShape } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import type { Client } from '../../../client/client.ts';
import { isProblemError } from '../../../client/problem-error.ts';
import { now } from '../../../client/clock.ts';
import { pause } from './pause.ts';
import { useClient } from './wallet-door.ts';

const keyOf = (id: string | null) => ['operation', id] as const;
const NO_HURRY_MS = 3000;

/** It changes by itself: it is at work, an answer is awaited, or people look at it. */
const isMoving = ({ state }: Pick<OperationShape, 'state'>): boolean =>
  state === 'working' || state === 'asking' || state === 'in_review';

const isEnded = ({ state }: Pick<OperationShape, 'state'>): boolean => !isMoving({ state }) && state !== 'needs_you';

export type FollowedOperation = {
  operation: OperationShape | undefined;
  /** Why it could not be read, while there is nothing to show. */
  problem: Problem | null;
  /** Takes over an answer that came some other way. */
  put: (operation: OperationShape) => void;
  reload: () => void;
};

/** An operation as it is, followed by long polling for as long as it changes by itself. */
export function useOperation(id: string | null): FollowedOperation {
  const client = useClient();
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: keyOf(id),
    queryFn: ({ signal }) => client.operation(id ?? '', signal),
    enabled: id !== null,
    retry: false,
  });
  const put = useCallback(
    (operation: OperationShape) => queries.setQueryData(keyOf(operation.id), operation),
    [queries],
  );
  const operation = id === null ? undefined : found.data;
  useFollowing(client, operation, put);
  useEndTold(operation);
  return {
    operation,
    problem: operation === undefined && isProblemError(found.error) ? found.error.problem : null,
    put,
    reload: () => void found.refetch(),
  };
}

function useFollowing(
  client: Client,
  operation: OperationShape | undefined,
  put: (next: OperationShape) => void,
): void {
  const moving = operation !== undefined && isMoving(operation);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version of the same operation begins a new wait
  useEffect(() => {
    if (!operation || !moving) return undefined;
    const stop = new AbortController();
    void follow(client, operation, put, stop.signal);
    return () => stop.abort();
  }, [client, operation?.id, operation?.updatedAt, moving, put]);
}

async function follow(client: Client, from: OperationShape, put: (next: OperationShape) => void, signal: AbortSignal) {
  while (!signal.aborted) {
    const beganAt = now().getTime();
    try {
      const next = await client.watch(from, { signal });
      if (signal.aborted) return;
      put(next);
      if (next.updatedAt !== from.updatedAt || !isMoving(next)) return;
    } catch (error) {
      if (signal.aborted || !isProblemError(error)) return;
    }
    // The server did not wait, or cannot be reached: no hurry.
    if (now().getTime() - beganAt < 1000) await pause(NO_HURRY_MS, signal);
  }
}

/** When an operation has come to its end, what other screens know of money and cards is asked for anew. */
function useEndTold(operation: OperationShape | undefined): void {
  const queries = useQueryClient();
  const ended = operation !== undefined && isEnded(operation) ? operation.id : null;
  useEffect(() => {
    if (ended !== null) void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'operation' });
  }, [ended, queries]);
}
