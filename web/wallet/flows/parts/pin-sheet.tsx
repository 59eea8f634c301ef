import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { PinKeypad } from '../../../ui/pin-keypad.tsx';
import { Sheet } from '../../../ui/sheet.tsx';

type PinSheetProps = {
  open: boolean;
  /** Why the last entry was not taken. */
  complaint: string | null;
  busy: boolean;
  onPin: (pin: string) => void;
  onClose: () => void;
  /** Why it is asked for where small sums go without it. */
  because?: string | undefined;
  /** Where a forgotten PIN is reset, and from where one comes back. */
  forgotTo?: string;
};

/** The payment PIN over the screen that it confirms. */
export function PinSheet({ open, complaint, busy, onPin, onClose, because, forgotTo }: PinSheetProps) {
  const { t } = useTranslation('flows');
  return (
    <Sheet open={open} onClose={onClose} title={t('confirm.pinTitle')}>
      {open && because !== undefined && <p className="soft centre flow-because">{because}</p>}
      {open && forgotTo !== undefined && <ForgotPin to={forgotTo} />}
      {open && <PinEntry complaint={complaint} busy={busy} onPin={onPin} />}
    </Sheet>
  );
}

/** Six digits and gone: what was typed is forgotten as soon as it is handed on. */
export function PinEntry({ complaint, busy, onPin }: Pick<PinSheetProps, 'complaint' | 'busy' | 'onPin'>) {
  const { t } = useTranslation('flows');
  const [typed, setTyped] = useState('');
  const type = (digits: string) => setTyped(digits);
  const complete = (digits: string) => {
    onPin(digits);
    setTyped('');
  };
  const message = !busy && typed === '' ? complaint : null;
  return (
    <PinKeypad
      value={busy ? '••••••' : typed}
      onChange={type}
      onComplete={complete}
      state={busy ? 'locked' : complaint !== null && typed === '' ? 'attend' : 'idle'}
      {...(message === null ? {} : { message })}
      label={busy ? t('confirm.checking') : t('confirm.pinTitle')}
      autoFocus
    />
  );
}

/** The way out for who does not know the PIN any more. */
export function ForgotPin({ to }: { to: string }) {
  const { t } = useTranslation('flows');
  return (
    <p className="note centre flow-forgot">
      <Link className="link link-s" to={to}>
        {t('pin.forgot')}
      </Link>
    </p>
  );
}
