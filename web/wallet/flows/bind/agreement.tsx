import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../ui/button.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Sheet } from '../../../ui/sheet.tsx';

type AgreementProps = { bankName: string | undefined; agrees: boolean; onChange: (agrees: boolean) => void };

/** The person's consent, never ticked for them, and what it says in three sentences. */
export function Agreement({ bankName, agrees, onChange }: AgreementProps) {
  const { t } = useTranslation('flows');
  const [reading, setReading] = useState(false);
  const name = t('bind.agreement', { bank: bankName ?? '' });
  return (
    <div className="flow-agree">
      <label>
        <input type="checkbox" checked={agrees} onChange={(event) => onChange(event.target.checked)} />
        <span className="flow-tick" aria-hidden="true">
          {agrees && <Icon name="check" size={16} />}
        </span>
        <span>{t('bind.agree')}</span>
      </label>
      <button type="button" className="link link-s" onClick={() => setReading(true)}>
        {name}
      </button>
      <Sheet open={reading} onClose={() => setReading(false)} title={t('bind.agreementTitle')}>
        <div className="stack">
          <p>{t('bind.agreementText1')}</p>
          <p>{t('bind.agreementText2')}</p>
          <p>{t('bind.agreementText3')}</p>
          <Button
            onPress={() => {
              onChange(true);
              setReading(false);
            }}
          >
            {t('bind.agreementTake')}
          </Button>
        </div>
      </Sheet>
    </div>
  );
}
