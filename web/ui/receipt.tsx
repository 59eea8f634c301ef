import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Amount } from './amount.tsx';
import { CopyText } from './copy-text.tsx';
import { formatFigure, formatMoney, type WireMoney } from './format-money.ts';
import { formatExact } from './format-time.ts';
import { instant } from '../client/clock.ts';
import { ProofMark, shortDigest } from './proof-mark.tsx';
import { StatusChip } from './status-chip.tsx';
import type uiZh from './words/zh-CN.json';

export type ReceiptKind = keyof (typeof uiZh)['receipt']['done'];

type ReceiptProps = {
  kind: ReceiptKind;
  amount: WireMoney;
  fee: WireMoney;
  /** One sentence: from where to where. */
  summary: ReactNode;
  balanceBefore: WireMoney;
  balanceAfter: WireMoney;
  /** Wire instant. */
  at: string;
  reference: string;
  note?: string;
  proof?: { seq: string; digest: string };
};

const facts = {
  top_up: ['leftCard', 'intoBalance'],
  withdraw: ['leftBalance', 'intoCard'],
  pay: ['leftBalance', 'toMerchant'],
  transfer_out: ['leftBalance', 'toPayee'],
  transfer_in: [null, 'intoBalance'],
  refund: [null, 'intoBalance'],
} as const satisfies Record<ReceiptKind, readonly [string | null, string]>;

/** What happened, closed: the sum over the double rule, what left and what arrived, and the proof of the entry. */
export function Receipt({
  kind,
  amount,
  fee,
  summary,
  balanceBefore,
  balanceAfter,
  at,
  reference,
  note,
  proof,
}: ReceiptProps) {
  const { t } = useTranslation('ui');
  const [left, arrived] = facts[kind];
  return (
    <article className="panel slip">
      <div className="sum">
        <StatusChip kind="good">{t(`receipt.done.${kind}`)}</StatusChip>
        <div>
          <Amount money={amount} size={5} rule="final" />
        </div>
        <p className="soft">{summary}</p>
      </div>
      <dl>
        {left && <Line label={t(`receipt.${left}`)} value={formatMoney(amount)} />}
        {left && <Line label={t('receipt.fee')} value={formatMoney(fee)} />}
        <Line label={t(`receipt.${arrived}`)} value={formatMoney(amount)} />
        <Line
          label={t('receipt.change')}
          value={
            <>
              {formatFigure(balanceBefore)} → <span className="strong">{formatFigure(balanceAfter)}</span>
            </>
          }
        />
        {note ? <Line label={t('receipt.note')} value={note} free /> : null}
        <Line label={t('receipt.time')} value={formatExact(instant(at))} />
        <Line label={t('receipt.reference')} value={<CopyText text={reference} />} />
      </dl>
      {proof && (
        <div className="proof">
          <ProofMark digest={proof.digest} />
          <div className="main">
            <p className="strong">{t('receipt.proof')}</p>
            <p className="note">{t('receipt.proofSeq', { seq: BigInt(proof.seq).toLocaleString('en') })}</p>
            <p className="note num">{shortDigest(proof.digest)}</p>
          </div>
        </div>
      )}
    </article>
  );
}

function Line({ label, value, free }: { label: string; value: ReactNode; free?: boolean }) {
  return (
    <div className="kv">
      <dt>{label}</dt>
      <dd className={free ? undefined : 'num'}>{value}</dd>
    </div>
  );
}
