import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LedgerReceipt } from '../../../src/contract/receipt.ts';
import { ListRow } from '../../ui/list-row.tsx';
import { ReadFailure } from '../trouble.tsx';
import { useClient } from '../use-client.ts';

/** Where the page that checks receipts takes the one it is to look at. It has no way to ask for it. */
const FOR_CHECKING = 'purser.receipt';
const CHECKING_PAGE = '/verify.html';

function save(receipt: LedgerReceipt): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(receipt, undefined, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `receipt-${receipt.told.reference}.json`;
  link.click();
  URL.revokeObjectURL(url);
}

function check(receipt: LedgerReceipt): void {
  sessionStorage.setItem(FOR_CHECKING, JSON.stringify(receipt));
  location.assign(CHECKING_PAGE);
}

/** The proof of a movement, to keep or to check; `children` are further rows of the same panel. */
export function ReceiptRows({ transactionId, children }: { transactionId: string; children?: ReactNode }) {
  const { t } = useTranslation('wallet');
  const client = useClient();
  const fetching = useMutation({
    mutationFn: async (use: typeof save) => use(await client.receipt(transactionId)),
  });
  const { error, variables, isPending } = fetching;
  if (error && variables) return <ReadFailure error={error} again={() => fetching.mutate(variables)} />;
  const fetchFor = (use: typeof save) => () => isPending || fetching.mutate(use);
  return (
    <div className="panel rows">
      <ListRow icon="topup" bareIcon title={t('transaction.saveReceipt')} onPress={fetchFor(save)} noMark />
      <ListRow icon="scale" bareIcon title={t('transaction.checkReceipt')} onPress={fetchFor(check)} />
      {children}
    </div>
  );
}
