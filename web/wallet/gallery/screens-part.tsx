import { useState } from 'react';
import { Amount } from '../../ui/amount.tsx';
import { AskingCard } from '../../ui/asking-card.tsx';
import { BankPlate } from '../../ui/bank-plate.tsx';
import { Button } from '../../ui/button.tsx';
import { ContextLine, FailureCard, QuietLine } from '../../ui/failure-card.tsx';
import { LimitBar } from '../../ui/limit-bar.tsx';
import { Glyph } from '../../ui/list-row.tsx';
import { OperationLog } from '../../ui/operation-log.tsx';
import { PinKeypad } from '../../ui/pin-keypad.tsx';
import { Receipt } from '../../ui/receipt.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import {
  askingOperation,
  digest,
  expiredCard,
  justNow,
  overLimit,
  stoppedAtBank,
  yuan,
  type GalleryWords,
} from './fixtures.ts';

const nothing = () => undefined;
type Part = { words: GalleryWords };

export function ExpiredPart({ words }: Part) {
  return (
    <Screen
      title={words.pending}
      onBack={nothing}
      leaves
      dock={<QuietLine reference="P3C8-7T1D" onWhy={nothing} onSupport={nothing} />}
    >
      <ContextLine
        leading={<BankPlate bankCode="ABC" />}
        title={`${words.bankOther} 5518`}
        note={words.today}
        end={<Amount money={yuan('50000')} soft />}
      />
      <FailureCard
        problem={expiredCard(words)}
        stations={stoppedAtBank}
        book={[{ label: `${words.bankOther} 5518`, value: '0.00' }]}
        onRemedy={nothing}
        labelOf={({ action }) => (action === 'choose_other_card' ? words.use : undefined)}
      />
    </Screen>
  );
}

export function LimitPart({ words }: Part) {
  return (
    <Screen
      title={words.pending}
      onBack={nothing}
      leaves
      dock={<QuietLine reference="P5L1-8R3N" onWhy={nothing} onSupport={nothing} />}
    >
      <ContextLine
        leading={<Glyph icon="you" />}
        title={words.row}
        note={words.today}
        end={<Amount money={yuan('80000')} soft />}
      />
      <FailureCard
        problem={overLimit(words)}
        more={<LimitBar label={words.limitLabel} available={yuan('30000')} allowance={yuan('500000')} attend />}
        onRemedy={nothing}
      />
    </Screen>
  );
}

export function AskingPart({ words }: Part) {
  const [operation] = useState(askingOperation);
  return (
    <Screen
      title={words.pending}
      onBack={nothing}
      leaves
      dock={
        <>
          <Button>{words.line}</Button>
          <QuietLine reference="P7K4-2M9X" onSupport={nothing} />
        </>
      }
    >
      <div className="stack">
        <AskingCard operation={operation} who={words.bank} between={words.between} />
        <OperationLog operation={operation} />
      </div>
    </Screen>
  );
}

export function ReceiptPart({ words }: Part) {
  const [at] = useState(justNow);
  return (
    <Screen title={words.pending} onBack={nothing} leaves dock={<Button>{words.good}</Button>}>
      <Receipt
        kind="top_up"
        amount={yuan('50000')}
        fee={yuan('0')}
        summary={words.summary}
        balanceBefore={yuan('1234650')}
        balanceAfter={yuan('1284650')}
        at={at}
        reference="P6T2-9H4B"
        proof={{ seq: '48217', digest }}
      />
    </Screen>
  );
}

export function PinSheetPart({ words }: Part) {
  const [pin, setPin] = useState('12');
  return (
    <Screen title={words.pending} onBack={nothing}>
      <Sheet open onClose={nothing} title={words.sheet}>
        <PinKeypad
          value={pin}
          onChange={setPin}
          onComplete={nothing}
          state="attend"
          message={words.pinWrong}
          autoFocus
        />
      </Sheet>
    </Screen>
  );
}
