import { useTranslation } from 'react-i18next';
import { formatDay, isToday, isYesterday } from '../../ui/format-time.ts';
import { useLanguage } from '../../ui/language.ts';

/** Today, yesterday, or the date. */
export function DayName({ at }: { at: Date }) {
  const { t } = useTranslation('ui');
  const language = useLanguage();
  return isToday(at) ? t('today') : isYesterday(at) ? t('yesterday') : formatDay(at, language);
}
