import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useClient } from './use-client.ts';

// What the screens read, each under the one key by which the flows tell that it changed.

const WHILE_MOVING_MS = 4000;

export function useMe(enabled = true) {
  const client = useClient();
  return useQuery({ queryKey: ['me'], queryFn: ({ signal }) => client.me(signal), enabled });
}

/** Whether anybody is signed in: asked where that is not known, so that a stranger is not refused what nobody wanted. */
export function useSession(enabled: boolean) {
  const client = useClient();
  return useQuery({ queryKey: ['session'], queryFn: ({ signal }) => client.session(signal), enabled });
}

/** `moving`: something may change it at any moment, so it is asked for again and again. */
export function useBalance(moving = false) {
  const client = useClient();
  return useQuery({
    queryKey: ['balance'],
    queryFn: ({ signal }) => client.balance(signal),
    refetchInterval: moving ? WHILE_MOVING_MS : false,
  });
}

/** What is not finished: asked about, in work, or waiting for the person. */
export function useOpenOperations() {
  const client = useClient();
  return useQuery({
    queryKey: ['operations', 'open'],
    queryFn: ({ signal }) => client.operations({ open: true, limit: 20, signal }),
    select: ({ operations }) => operations,
    refetchInterval: ({ state }) =>
      state.data?.operations.some(({ state: now }) => now === 'asking' || now === 'working') ? WHILE_MOVING_MS : false,
  });
}

/** The newest movements first, page by page. */
export function useTransactions() {
  const client = useClient();
  return useInfiniteQuery({
    queryKey: ['transactions'],
    queryFn: ({ pageParam, signal }) => client.transactions({ cursor: pageParam, limit: 30, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
}

export function useTransaction(id: string) {
  const client = useClient();
  return useQuery({ queryKey: ['transactions', id], queryFn: ({ signal }) => client.transaction(id, signal) });
}

export function useCards() {
  const client = useClient();
  return useQuery({ queryKey: ['cards'], queryFn: ({ signal }) => client.cards(signal) });
}

export function useLimits() {
  const client = useClient();
  return useQuery({ queryKey: ['limits'], queryFn: ({ signal }) => client.limits(signal) });
}

export function useSmallPayments() {
  const client = useClient();
  return useQuery({ queryKey: ['small-payments'], queryFn: ({ signal }) => client.smallPayments(signal) });
}

export function useSessions() {
  const client = useClient();
  return useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => client.sessions(signal) });
}

export function useStatus() {
  const client = useClient();
  return useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => client.status(signal),
    refetchInterval: 30_000,
  });
}
