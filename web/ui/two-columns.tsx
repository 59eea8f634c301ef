import { Icon } from './icon.tsx';
import type { IconName } from './icon-shapes.ts';
import type { Content } from './content.ts';

type Column = { title: string; icon: IconName; items: readonly Content[] };

/** What changes beside what stays, as two sides of a book. */
export function TwoColumns({ columns }: { columns: readonly [Column, Column] }) {
  return (
    <div className="panel sides">
      {columns.map(({ title, icon, items }) => (
        <section key={title}>
          <h3 className="note">{title}</h3>
          <ul className={icon === 'check' ? 'good' : undefined}>
            {items.map((item, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
              <li key={index}>
                <Icon name={icon} size={20} />
                <span>{item}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
