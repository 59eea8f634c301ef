import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';

const RUN = /[*•·＊]{2,}/;

/** A masked phone, card or ID number: each run of stars becomes four even dots, read out as "hidden". */
export function MaskedText({ text }: { text: string }) {
  const { t } = useTranslation('ui');
  const parts = text.split(RUN);
  return (
    <span className="num">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their places
        <Fragment key={index}>
          {index > 0 && <span className="mask" role="img" aria-label={t('masked')} />}
          {part === '' ? null : ` ${part.trim()} `}
        </Fragment>
      ))}
    </span>
  );
}
