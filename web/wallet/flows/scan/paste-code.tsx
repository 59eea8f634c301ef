import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../ui/button.tsx';
import { Field } from '../../../ui/field.tsx';
import { Sheet } from '../../../ui/sheet.tsx';

type PasteCodeProps = { open: boolean; onClose: () => void; onText: (text: string) => void };

/** For who has no camera, or the code on the same screen: its number or link. */
export function PasteCode({ open, onClose, onText }: PasteCodeProps) {
  const { t } = useTranslation('flows');
  const [text, setText] = useState('');
  return (
    <Sheet open={open} onClose={onClose} title={t('scan.pasteTitle')}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() === '') return;
          onClose();
          onText(text);
          setText('');
        }}
      >
        <Field
          label={t('scan.pasteLabel')}
          value={text}
          onChange={setText}
          message={t('scan.pasteNote')}
          autoComplete="off"
          maxLength={300}
        />
        <Button submit reason={text.trim() === '' ? t('scan.pasteLabel') : undefined}>
          {t('scan.open')}
        </Button>
      </form>
    </Sheet>
  );
}
