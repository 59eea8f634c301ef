import type { MouseEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-shapes.ts';
import { Phrases } from './phrases.tsx';

type Look = {
  /** main: one a screen; line: an equal way; quiet: the other way; plain: a way out. */
  kind?: 'main' | 'line' | 'quiet' | 'plain';
  small?: boolean;
  icon?: IconName;
};

type ButtonProps = Look & {
  children: ReactNode;
  onPress?: () => void;
  submit?: boolean;
  busy?: boolean;
  /** Why it cannot be pressed now; takes the place of its words. */
  reason?: string | undefined;
};

const classOf = ({ kind = 'main', small }: Look): string =>
  `btn ${kind === 'plain' ? 'btn-quiet btn-plain' : `btn-${kind}`}${small ? ' btn-sm' : ''}`;

export function Button({ children, onPress, submit, busy = false, reason, ...look }: ButtonProps) {
  const { t } = useTranslation('ui');
  const off = busy || reason !== undefined;
  const press = (event: MouseEvent) => {
    if (off) event.preventDefault();
    else onPress?.();
  };
  // aria-disabled instead of disabled: the reason can be reached and read, and the focus is not lost while busy.
  return (
    <button
      type={submit ? 'submit' : 'button'}
      className={classOf(look)}
      aria-disabled={reason !== undefined || undefined}
      aria-busy={busy || undefined}
      onClick={press}
    >
      {busy ? <Busy label={t('busy')} /> : look.icon && <Icon name={look.icon} size={20} />}
      <span className={busy ? 'hidden' : undefined}>{reason === undefined ? children : <Phrases text={reason} />}</span>
    </button>
  );
}

function Busy({ label }: { label: string }) {
  return (
    <span className="busy" role="status" aria-label={label}>
      <i />
      <i />
      <i />
    </span>
  );
}

/** A button that goes somewhere. */
export function ButtonLink({ to, children, ...look }: Look & { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={classOf(look)}>
      {look.icon && <Icon name={look.icon} size={20} />}
      <span>{children}</span>
    </Link>
  );
}

/** A picture that is pressed, 44 wide; its words are for those who do not see it. */
export function IconButton({
  name,
  label,
  onPress,
  end,
}: {
  name: IconName;
  label: string;
  onPress: () => void;
  end?: boolean;
}) {
  return (
    <button type="button" className={end ? 'tap tap-end' : 'tap'} aria-label={label} onClick={onPress}>
      <Icon name={name} />
    </button>
  );
}
