import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { ListRow } from '../../ui/list-row.tsx';
import { Receipt } from '../../ui/receipt.tsx';
import { Screen } from '../../ui/screen.tsx';
import { FactsSkeleton } from '../../ui/skeletons.tsx';
import { paths } from '../flows/paths.ts';
import { NotYou } from '../not-you.tsx';
import { useTransaction } from '../queries.ts';
import { ReadFailure } from '../trouble.tsx';
import { useGoBack } from '../use-go-back.ts';
import { ReceiptRows } from './receipt-rows.tsx';

/** What takes money out of a wallet or a card, and so only its owner may have asked for. */
const LEAVES: ReadonlySet<string> = new Set(['top_up', 'withdraw', 'pay', 'transfer_out']);

/** One movement: its receipt, with the proof of its entry and the way it went. */
export function TransactionPage() {
  const { t } = useTranslation('wallet');
  const { id = '' } = useParams();
  const navigate = useNavigate();
  const goBack = useGoBack(paths.history);
  const { data, error, refetch } = useTransaction(id);
  const title = data ? t(`kind.${data.transaction.kind}`) : t('transaction.title');
  return (
    <Screen title={title} onBack={goBack}>
      {!data && (error ? <ReadFailure error={error} again={() => void refetch()} /> : <FactsSkeleton rows={6} />)}
      {data && (
        <div className="stack">
          <Receipt
            kind={data.transaction.kind}
            amount={data.transaction.amount}
            fee={data.fee}
            summary={t(`transaction.summary.${data.transaction.kind}`, { who: data.transaction.counterparty })}
            balanceBefore={data.balanceBefore}
            balanceAfter={data.transaction.balanceAfter}
            at={data.transaction.at}
            reference={data.reference}
            note={data.transaction.note}
            proof={{ seq: data.ledgerSeq, digest: data.entryDigest }}
          />
          <ReceiptRows transactionId={data.transaction.id}>
            {data.operationId !== null && (
              <ListRow
                icon="list"
                bareIcon
                title={t('transaction.operation')}
                onPress={() => void navigate(paths.operation(data.operationId ?? ''))}
              />
            )}
          </ReceiptRows>
          {LEAVES.has(data.transaction.kind) && <NotYou here={`/history/${data.transaction.id}`} />}
        </div>
      )}
    </Screen>
  );
}
