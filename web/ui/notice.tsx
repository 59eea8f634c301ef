import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-shapes.ts';

/** One icon, one bold clause, one sentence. Never coloured: a failure has its own card. */
export function Notice({
  icon = 'info',
  lead,
  children,
  to,
}: {
  icon?: IconName;
  lead: string;
  children?: ReactNode;
  to?: string;
}) {
  const inside = (
    <>
      <Icon name={icon} size={20} />
      <span className="main">
        <b>{lead.trimEnd()}</b>
        {/* Words of letters are kept apart; Chinese has its room in the mark before. */}
        {/[\x21-\x7e]$/.test(lead.trimEnd()) && ' '}
        {children}
      </span>
    </>
  );
  return to === undefined ? (
    <div className="notice">{inside}</div>
  ) : (
    <Link className="notice" to={to}>
      {inside}
    </Link>
  );
}
