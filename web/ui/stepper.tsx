import { useTranslation } from 'react-i18next';

/** Which step of how many, and what comes next. */
export function Stepper({ step, total, next }: { step: number; total: number; next?: string }) {
  const { t } = useTranslation('ui');
  return (
    <div>
      <ol className="steps" aria-hidden="true">
        {Array.from({ length: total }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <li key={index} className={index + 1 < step ? 'done' : index + 1 === step ? 'now' : undefined} />
        ))}
      </ol>
      <div className="stepline note">
        <span>{t('stepper.of', { step, total })}</span>
        <span>{next === undefined ? t('stepper.last') : t('stepper.next', { name: next })}</span>
      </div>
    </div>
  );
}
