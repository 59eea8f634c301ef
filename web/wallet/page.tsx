import { useTranslation } from 'react-i18next';
import type { Content } from '../ui/content.ts';

type PageProps = { title: string; wide?: boolean; head?: Content; end?: Content; children: Content };

/** One of the main pages, beside the tabs: its name, what stands at its right, and what it says. */
export function Page({ title, wide, head, end, children }: PageProps) {
  const { t } = useTranslation('ui');
  return (
    <main id="content" tabIndex={-1} className={wide ? 'page page-wide' : 'page'}>
      <title>{`${title} · ${t('app')}`}</title>
      <div className="page-head">
        {head ?? <h1>{title}</h1>}
        {end}
      </div>
      {children}
    </main>
  );
}
