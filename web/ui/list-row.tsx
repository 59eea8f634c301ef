import { Link } from 'react-router';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-shapes.ts';
import type { Content } from './content.ts';

type ListRowProps = {
  /** A glyph of the family; `leading` takes anything else, a bank's plate for example. */
  icon?: IconName;
  leading?: Content;
  title: Content;
  note?: Content;
  end?: Content;
  /** Goes somewhere (a mark at the end says so) or does something; else it only shows. */
  to?: string;
  onPress?: () => void;
  /** open: not known yet; attend: a cure is needed. */
  tone?: 'open' | 'attend';
  /** Without the mark at the end, where the amount says enough. */
  noMark?: boolean;
  /** A bare icon instead of the framed glyph. */
  bareIcon?: boolean;
  off?: boolean;
};

/** A line of the book. */
export function ListRow({ icon, leading, title, note, end, to, onPress, tone, noMark, bareIcon, off }: ListRowProps) {
  const inside = (
    <>
      {leading ?? (icon && (bareIcon ? <Icon name={icon} /> : <Glyph icon={icon} {...(tone ? { tone } : {})} />))}
      <span className="main">
        <span>{title}</span>
        {note && (
          <span className={tone === 'open' ? 'note asking' : tone === 'attend' ? 'note attend' : 'note'}>{note}</span>
        )}
      </span>
      {(end || ((to || onPress) && !noMark)) && (
        <span className="end">
          {end}
          {(to || onPress) && !noMark && <Icon name="next" size={20} />}
        </span>
      )}
    </>
  );
  const className = `row${note ? ' row-two' : ''}${off ? ' off' : ''}`;
  if (to !== undefined)
    return (
      <Link to={to} className={className}>
        {inside}
      </Link>
    );
  if (onPress)
    return (
      <button type="button" className={className} onClick={onPress}>
        {inside}
      </button>
    );
  return <div className={className}>{inside}</div>;
}

export function Glyph({ icon, tone }: { icon: IconName; tone?: 'open' | 'attend' }) {
  return (
    <span className={tone ? `glyph glyph-${tone}` : 'glyph'}>
      <Icon name={icon} size={20} />
    </span>
  );
}
