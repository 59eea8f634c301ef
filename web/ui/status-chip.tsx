import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-shapes.ts';

export type ChipKind = 'good' | 'attend' | 'stop' | 'plain' | 'open';

const usual: Record<ChipKind, IconName | null> = {
  good: 'check',
  attend: 'info',
  stop: 'lock',
  plain: null,
  open: 'clock',
};

/** A state as a mark and a word; the colour is never alone. */
export function StatusChip({ kind, icon, children }: { kind: ChipKind; icon?: IconName; children: ReactNode }) {
  const name = icon ?? usual[kind];
  return (
    <span className={kind === 'plain' ? 'chip' : `chip chip-${kind}`}>
      {name && <Icon name={name} size={16} />}
      {children}
    </span>
  );
}
