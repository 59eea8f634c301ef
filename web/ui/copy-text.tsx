import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon.tsx';

/** A text that is read to support or pasted elsewhere. */
export function CopyText({ text }: { text: string }) {
  const { t } = useTranslation('ui');
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button
      type="button"
      className="inline num"
      onClick={copy}
      aria-label={`${text}, ${copied ? t('copied') : t('copy')}`}
    >
      {text}
      <Icon name={copied ? 'check' : 'copy'} size={16} />
    </button>
  );
}
