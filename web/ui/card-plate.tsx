import { useTranslation } from 'react-i18next';
import { BankPlate } from './bank-plate.tsx';

type CardPlateProps = {
  bankCode: string;
  bankName: string;
  kind: 'debit' | 'credit';
  last4: string;
  holder?: string | null;
};

/** The card as one knows it: the bank's colour, its name, the last four digits. */
export function CardPlate({ bankCode, bankName, kind, last4, holder }: CardPlateProps) {
  const { t } = useTranslation('ui');
  return (
    <section className="plate" data-bank={bankCode}>
      <div className="between">
        <span className="inline">
          <BankPlate bankCode={bankCode} />
          <span className="strong">{bankName}</span>
        </span>
        <span className="small">{t(`cardKind.${kind}`)}</span>
      </div>
      <p className="pan-no num">
        <span className="mask" role="img" aria-label={t('masked')} /> <span className="mask" aria-hidden="true" />{' '}
        <span className="mask" aria-hidden="true" /> {last4}
      </p>
      {holder && <p className="small">{holder}</p>}
    </section>
  );
}
