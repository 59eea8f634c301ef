import { useQuery } from '@tanstack/react-query';
import { useClient } from '../parts/wallet-door.ts';

/** A bank is told by its first six digits at the earliest, and by ten at the latest. */
const FIRST = 6;
const MOST = 10;

/** The bank of a card number, as soon as its first digits tell it. Never more of the number leaves than that takes. */
export function useBankOfNumber(cardNumber: string) {
  const client = useClient();
  const prefix = cardNumber.slice(0, MOST);
  const enabled = prefix.length >= FIRST;
  const { data, isFetching } = useQuery({
    queryKey: ['bank-of', prefix],
    queryFn: ({ signal }) => client.lookUpCard(prefix, signal),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: (before) => (before?.bank ? before : undefined),
  });
  // Below ten digits an unknown prefix may still become a known one.
  const bank = !enabled ? undefined : data?.bank === null && prefix.length < MOST ? undefined : data?.bank;
  return { bank, looking: isFetching };
}
