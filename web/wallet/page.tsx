import { useTranslation } from 'react-i18next';
import type { Content } from '../ui/content.ts';

type PageProps = { title: string; wide?: boolean; head?: Content; end?: Content; above?: Content; children: Content };

/** One of the main pages, beside the tabs: its name, what stands above it and at its right, and what it says. */
export function Page({ title, wide, head, end, above, children }: PageProps) {
  const { t } = useTranslation('ui');
  return (
    <main id="content" tabIndex={-1} className={wide ? 'page page-wide' : 'page'}>
      <title>{`${title} · ${t('app')}`}</title>
      {above}
      <div className="page-head">
        {head ?? <h1>{title}</h1>}
        {end}
      </div>
      {children}
    </main>
  );
}
