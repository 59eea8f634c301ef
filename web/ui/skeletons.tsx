import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

/** A line of the shape of what comes, as wide as so many letters. */
function Bone({ wide, tall }: { wide: number; tall?: boolean }) {
  return <span className={tall ? 'bone bone-5' : 'bone'} style={{ '--w': wide } as CSSProperties} />;
}

/** Says once, to those who do not see the shapes, that something is coming. */
function Waiting({ children }: { children: React.ReactNode }) {
  const { t } = useTranslation('ui');
  return (
    <div role="status" aria-label={t('loading')}>
      <div aria-hidden="true">{children}</div>
    </div>
  );
}

const widths = [7, 5, 8, 6, 7, 5] as const;

export function RowsSkeleton({ rows = 3 }: { rows?: number }) {
  return (
    <Waiting>
      <div className="panel rows">
        {widths.slice(0, rows).map((wide, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: shapes have no identity
          <div className="row row-two" key={index}>
            <span className="bone bone-box" />
            <span className="main">
              <Bone wide={wide} />
              <Bone wide={wide - 2} />
            </span>
            <Bone wide={4} />
          </div>
        ))}
      </div>
    </Waiting>
  );
}

export function AmountSkeleton() {
  return (
    <Waiting>
      <Bone wide={14} tall />
      <Bone wide={8} />
    </Waiting>
  );
}

export function FactsSkeleton({ rows = 4 }: { rows?: number }) {
  return (
    <Waiting>
      <div className="panel kvs">
        {widths.slice(0, rows).map((wide, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: shapes have no identity
          <div className="kv" key={index}>
            <Bone wide={4} />
            <Bone wide={wide} />
          </div>
        ))}
      </div>
    </Waiting>
  );
}
