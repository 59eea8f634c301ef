import type { ReactNode } from 'react';

/** A sheet of paper on the desk; `rows` divides what lies in it by hairlines. */
export function Panel({ children, rows, pad }: { children: ReactNode; rows?: boolean; pad?: boolean }) {
  return <div className={['panel', rows && 'rows', pad && 'pad'].filter(Boolean).join(' ')}>{children}</div>;
}

type Fact = { label: ReactNode; value: ReactNode };

/** Facts side by side: what it is, and the figure. */
export function Facts({ items, ruled, panel }: { items: readonly Fact[]; ruled?: boolean; panel?: boolean }) {
  const className = [panel && 'panel kvs', ruled && 'kvs-ruled'].filter(Boolean).join(' ');
  return (
    <dl className={className || undefined}>
      {items.map(({ label, value }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fact is its place
        <div className="kv" key={index}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
