import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button.tsx';
import type { Content } from './content.ts';

type ScreenProps = {
  title: string;
  /** Back within a flow, or out of it. Without it the bar has no way back. */
  onBack?: () => void;
  /** The way back leaves the task: a cross instead of an arrow. */
  leaves?: boolean;
  /** What stands at the right of the bar. */
  end?: Content;
  children: Content;
  /** What is pressed, in reach of the thumb. */
  dock?: Content;
  /** A keypad beneath the dock. */
  keys?: Content;
};

/** One task: a bar with the way back, the body, and the dock. */
export function Screen({ title, onBack, leaves, end, children, dock, keys }: ScreenProps) {
  const { t } = useTranslation('ui');
  const heading = useRef<HTMLHeadingElement>(null);
  // A new screen begins at its title for those who listen to it; the app's own changes of address do not tell them.
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement === null)
      heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className="screen">
      {title !== '' && <title>{`${title} · ${t('app')}`}</title>}
      <header className="top">
        {onBack ? (
          <IconButton name={leaves ? 'close' : 'back'} label={leaves ? t('close') : t('back')} onPress={onBack} />
        ) : (
          <span />
        )}
        {title === '' ? (
          <span />
        ) : (
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
        )}
        <div className="end">{end}</div>
      </header>
      <main className="screen-main">
        <div className="body">{children}</div>
        {dock && <div className={keys ? 'dock dock-keys' : 'dock'}>{dock}</div>}
        {keys}
      </main>
    </div>
  );
}
