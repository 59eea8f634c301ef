import { useQuery } from '@tanstack/react-query';
import type { Card } from '../../../../src/contract/wallet.ts';
import {
  useBalance as useBalanceQuery,
  useLimits as useLimitsQuery,
  useMe as useMeQuery,
  useSmallPayments as useSmallPaymentsQuery,
} from '../../queries.ts';
import { useClient } from '../../use-client.ts';

export { useClient };

// What the flows read of the person, under the keys that the other screens use too.

export function useMe() {
  const { data, error, refetch } = useMeQuery();
  return { me: data, error, reload: () => void refetch() };
}

/** The cards; `enabled` is false where nobody is signed in yet. */
export function useCards(enabled = true): { cards: Card[] | undefined; error: Error | null; reload: () => void } {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['cards'],
    queryFn: ({ signal }) => client.cards(signal),
    enabled,
  });
  return { cards: data?.cards, error, reload: () => void refetch() };
}

export const useBalance = () => ({ balance: useBalanceQuery().data });
export function useSmallPayments() {
  const { data, error, refetch } = useSmallPaymentsQuery();
  return { small: data, error, reload: () => void refetch() };
}
export const useLimits = () => ({ limits: useLimitsQuery().data?.limits });
