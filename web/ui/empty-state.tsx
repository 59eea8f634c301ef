import { Icon } from './icon.tsx';
import type { IconName } from './icon-shapes.ts';
import type { Content } from './content.ts';

/** What is not here yet, and what to do first. */
export function EmptyState({
  icon,
  title,
  note,
  action,
}: {
  icon: IconName;
  title: string;
  note?: string;
  action?: Content;
}) {
  return (
    <div className="panel empty">
      <Icon name={icon} />
      <p className="strong ink">{title}</p>
      {note && <p className="note">{note}</p>}
      {action}
    </div>
  );
}
