import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../ui/icon.tsx';
import { ENOUGH, type useRefresh } from './use-refresh.ts';

type Refreshing = ReturnType<typeof useRefresh>;

/** What stands above a page that is pulled down, and while it is read anew. */
export function PullLine({ pulled, busy }: Refreshing) {
  const { t } = useTranslation('wallet');
  const word = busy === 'pulled' ? 'busy' : pulled >= ENOUGH ? 'letGo' : 'pull';
  return (
    <div className="pull note" role="status" data-now={word} style={{ '--pulled': `${pulled}px` } as CSSProperties}>
      {(busy === 'pulled' || pulled > 0) && (
        <>
          <Icon name="refresh" size={16} />
          {t(`refresh.${word}`)}
        </>
      )}
      {busy === 'pressed' && <span className="hidden">{t('refresh.busy')}</span>}
    </div>
  );
}

/** The same for whoever does not pull: with a mouse, a keyboard, a switch. */
export function RefreshButton({ busy, press }: Refreshing) {
  const { t } = useTranslation('wallet');
  return (
    <button type="button" className="tap" aria-label={t('refresh.button')} aria-busy={busy !== null} onClick={press}>
      <Icon name="refresh" />
    </button>
  );
}
