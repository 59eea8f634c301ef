import type { Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me } from '../../../../src/contract/wallet.ts';
import type { Content } from '../../../ui/content.ts';
import { Field, Under } from '../../../ui/field.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { digitsOf, groupPhone, phoneToSend } from '../parts/typed-digits.ts';
import type { CardEntry } from './card-entry.ts';

type HolderFactsProps = {
  me: Me;
  entry: CardEntry;
  onChange: (changed: Partial<CardEntry>) => void;
  inputRef: Ref<HTMLInputElement>;
  complaint: string | null;
};

/** Who the bank is told that the holder is: from the verified identity, and the phone that the bank has. */
export function HolderFacts({ me, entry, onChange, inputRef, complaint }: HolderFactsProps) {
  const { t } = useTranslation('flows');
  return (
    <>
      <dl className="panel rows flow-holder">
        <Verified label={t('bind.name')}>{me.nameMasked}</Verified>
        <Verified label={t('bind.idNumber')}>
          <MaskedText text={me.idNumberMasked ?? ''} />
        </Verified>
        {entry.usesOwnPhone && (
          <div className="flow-el">
            <dt>{t('bind.reservedPhone')}</dt>
            <dd>
              <MaskedText text={me.phoneMasked} />
            </dd>
            <dd>
              <button type="button" className="link link-s" onClick={() => onChange({ usesOwnPhone: false })}>
                {t('bind.notThisPhone')}
              </button>
            </dd>
          </div>
        )}
      </dl>
      {entry.usesOwnPhone ? (
        complaint === null ? (
          <Under text={t('bind.phoneNote')} />
        ) : (
          <Under text={complaint} attend />
        )
      ) : (
        <div className="flow-small-gap">
          <Field
            label={t('bind.phoneFull')}
            value={entry.reservedPhone}
            onChange={(reservedPhone) => onChange({ reservedPhone })}
            clean={phoneToSend}
            group={groupPhone}
            count={`${digitsOf(entry.reservedPhone).length} / 11`}
            inputMode="tel"
            autoComplete="off"
            inputRef={inputRef}
            state={complaint === null ? 'idle' : 'attend'}
            message={complaint ?? t('bind.phoneNote')}
          />
          <button type="button" className="link link-s" onClick={() => onChange({ usesOwnPhone: true })}>
            {t('bind.useMyPhone')}
          </button>
        </div>
      )}
    </>
  );
}

function Verified({ label, children }: { label: string; children: Content }) {
  const { t } = useTranslation('flows');
  return (
    <div className="flow-el">
      <dt>{label}</dt>
      <dd>{children}</dd>
      <dd className="note inline">
        <Icon name="lock" size={16} />
        <span>{t('common.verified')}</span>
      </dd>
    </div>
  );
}
