import { useTranslation } from 'react-i18next';
import { Notice } from '../../../ui/notice.tsx';

/** What becomes of the data of a closed wallet, and how it is opened again: told before and after. */
export function AfterClosing() {
  const { t } = useTranslation('flows');
  return (
    <>
      <Notice icon="shield" lead={t('close.data')}>
        {t('close.dataText')}
      </Notice>
      <Notice icon="refresh" lead={t('close.again')}>
        {t('close.againText')}
      </Notice>
    </>
  );
}
