import { Bar } from './code-field.tsx';
import { formatFigure, formatMoney, partOf, type WireMoney } from './format-money.ts';
import type { Content } from './content.ts';

type LimitBarProps = {
  label: string;
  available: WireMoney;
  allowance: WireMoney;
  /** Too little is left for what is asked. */
  attend?: boolean;
  note?: Content;
};

/** What is left of a limit, as figures and as a bar of what is used. */
export function LimitBar({ label, available, allowance, attend, note }: LimitBarProps) {
  return (
    <div className="limit">
      <div className="between">
        <span className="soft">{label}</span>
        <span>
          <span className="num strong">{formatMoney(available)}</span>{' '}
          <span className="num soft">/ {formatFigure(allowance).replace(/\.0+$/, '')}</span>
        </span>
      </div>
      <Bar part={1 - partOf(available, allowance)} attend={attend === true} />
      {note && <p className="note">{note}</p>}
    </div>
  );
}
