import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { formatWhole, type WireMoney } from '../../../ui/format-money.ts';
import { useSmallPayments } from './wallet-door.ts';

/** What its owner lets go without the payment PIN, as far as this device knows. */
export function useSmallSums() {
  const { t } = useTranslation('flows');
  const queries = useQueryClient();
  const { small } = useSmallPayments();
  const isAbove = (amount: WireMoney) => BigInt(amount.minor) > BigInt(small?.upTo?.minor ?? 0);
  const exceedsDay = (amount: WireMoney) => !!small?.leftOfDay && BigInt(amount.minor) > BigInt(small.leftOfDay.minor);
  return {
    small,
    /** Whether this sum goes without the PIN; the server decides when it is sent. */
    isLetGo: (amount: WireMoney) => !isAbove(amount) && !exceedsDay(amount),
    /** Why this sum takes the PIN, in a line; nothing where every sum takes it. */
    whyPin(amount: WireMoney): string | undefined {
      if (!small?.upTo) return undefined;
      if (isAbove(amount)) return t('small.whyAbove', { amount: formatWhole(small.upTo) });
      if (!small.leftOfDay || !exceedsDay(amount)) return undefined;
      return BigInt(small.leftOfDay.minor) === 0n
        ? t('small.whyUsedUp', { amount: formatWhole(small.mostOfDay ?? small.upTo) })
        : t('small.whyLeft', { amount: formatWhole(small.leftOfDay) });
    },
    /** The server knew better: what is kept here is read anew. */
    readAgain: () => queries.invalidateQueries({ queryKey: ['small-payments'] }),
  };
}
