import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon-shapes.ts';

const tabs: readonly { to: string; icon: IconName; word: 'home' | 'history' | 'cards' | 'me' }[] = [
  { to: '/', icon: 'home', word: 'home' },
  { to: '/history', icon: 'list', word: 'history' },
  { to: '/cards', icon: 'card', word: 'cards' },
  { to: '/me', icon: 'you', word: 'me' },
];

/** The main pages: beneath on a phone, beside on a desk. `rail`: only beside, where a phone has one task and no tabs. */
export function Tabs({ rail }: { rail?: boolean }) {
  const { t } = useTranslation('wallet');
  return (
    <nav className={rail ? 'tabs rail' : 'tabs'} aria-label={t('nav.label')}>
      <span className="logo" aria-hidden="true">
        <Icon name="mark" />
        {t('app')}
      </span>
      {tabs.map(({ to, icon, word }) => (
        <NavLink key={to} to={to} end={to === '/'}>
          <Icon name={icon} />
          <span>{t(`nav.${word}`)}</span>
        </NavLink>
      ))}
    </nav>
  );
}
