import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from './format-time.ts';
import { useLanguage } from './language.ts';
import { Icon } from './icon.tsx';

function subscribe(changed: () => void): () => void {
  addEventListener('online', changed);
  addEventListener('offline', changed);
  return () => {
    removeEventListener('online', changed);
    removeEventListener('offline', changed);
  };
}

/** Whether the device says that it has a connection. */
const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);

/** Told while there is no connection: what is shown is of this moment, and nothing that moves money is kept to send later. */
export function OfflineBar({ lastKnown }: { lastKnown: () => Date | null }) {
  const { t } = useTranslation('ui');
  const language = useLanguage();
  const online = useOnline();
  if (online) return <div aria-live="polite" />;
  const since = lastKnown();
  return (
    <div aria-live="polite" className="offline">
      <Icon name="net" size={16} />
      <span>
        {since ? t('offline.title', { time: formatMoment(since, language) }) : t('offline.bare')}
        <span className="hidden"> {t('offline.note')}</span>
      </span>
    </div>
  );
}
