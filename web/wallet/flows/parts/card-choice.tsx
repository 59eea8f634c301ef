import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Card } from '../../../../src/contract/wallet.ts';
import { BankPlate } from '../../../ui/bank-plate.tsx';
import { ListRow } from '../../../ui/list-row.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { paths, withQuery } from '../paths.ts';

const BANK_WORDS = { up: 'stateUp', slow: 'stateSlow', down: 'stateDown', maintenance: 'stateMaintenance' } as const;

/** A card in a line: its bank, its last digits, and how it and its bank are. */
function useCardNote(): (card: Card) => string {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  return (card) => {
    const kind = ui(`cardKind.${card.kind}`);
    if (card.state !== 'ok') return t('cards.stateTrouble', { kind });
    return t(`cards.${BANK_WORDS[card.bankState as keyof typeof BANK_WORDS]}`, { kind });
  };
}

export function ChosenCard({ card, onChange }: { card: Card; onChange: () => void }) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const noteOf = useCardNote();
  return (
    <div className="panel flow-card">
      <ListRow
        leading={<BankPlate bankCode={card.bankCode} />}
        title={<span className="strong">{ui('bankCard', { bank: card.bankName, last4: card.last4 })}</span>}
        note={noteOf(card)}
        end={<span className="note">{t('cards.change')}</span>}
        onPress={onChange}
      />
    </div>
  );
}

type ChooserProps = {
  open: boolean;
  cards: readonly Card[];
  onPick: (card: Card) => void;
  onClose: () => void;
  here: string;
};

/** All cards, and the way to a new one that comes back here. */
export function CardChooser({ open, cards, onPick, onClose, here }: ChooserProps) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const navigate = useNavigate();
  const noteOf = useCardNote();
  return (
    <Sheet open={open} onClose={onClose} title={t('cards.choose')}>
      <Panel rows>
        {cards.map((card) => (
          <ListRow
            key={card.id}
            leading={<BankPlate bankCode={card.bankCode} />}
            title={ui('bankCard', { bank: card.bankName, last4: card.last4 })}
            note={noteOf(card)}
            onPress={() => onPick(card)}
          />
        ))}
        <ListRow
          icon="card"
          title={t('cards.add')}
          onPress={() => void navigate(withQuery(paths.bind, { return: here }))}
        />
      </Panel>
    </Sheet>
  );
}
