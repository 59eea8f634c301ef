import { useState } from 'react';
import { AmountField, QuickAmounts } from '../../ui/amount-field.tsx';
import { Button } from '../../ui/button.tsx';
import { CardNumberField } from '../../ui/card-number-field.tsx';
import { Choice } from '../../ui/choice.tsx';
import { CodeFacts, CodeField } from '../../ui/code-field.tsx';
import { Field, LockedField } from '../../ui/field.tsx';
import { soon, type GalleryWords } from './fixtures.ts';

const nothing = () => undefined;
const bank = (words: GalleryWords) =>
  ({ bankCode: 'ICBC', bankName: words.bank, kind: 'debit', supported: true }) as const;

export function ControlsPart({ words }: { words: GalleryWords }) {
  const [resendAt] = useState(soon);
  return (
    <>
      <Button>{words.main}</Button>
      <Button busy>{words.main}</Button>
      <Button reason={words.reason}>{words.main}</Button>
      <Button kind="line" icon="bell">
        {words.line}
      </Button>
      <Button kind="quiet">{words.quiet}</Button>
      <Button kind="plain">{words.plain}</Button>
      <div>
        <Button kind="line" small>
          {words.small}
        </Button>
      </div>
      <Field label={words.name} value="" onChange={nothing} placeholder={words.person} />
      <Field label={words.name} value={words.person} onChange={nothing} state="good" />
      <Field
        label={words.idNumber}
        value="110101 19900307 0010"
        onChange={nothing}
        state="attend"
        message={words.idBad}
        count="18 / 18"
      />
      <Field label={words.phone} value="138 0013 6021" onChange={nothing} message={words.phoneNote} />
      <LockedField label={words.name} why={words.verified}>
        {words.person}
      </LockedField>
      <CardNumberField value="6222020000001234560" onChange={nothing} bank={bank(words)} />
      <CardNumberField value="62" onChange={nothing} bank={undefined} looking />
      <CardNumberField value="999900001111" onChange={nothing} bank={null} />
      <CodeField value="407" onChange={nothing} onComplete={nothing} />
      <CodeField value="407812" onChange={nothing} onComplete={nothing} state="attend" message={words.codeWrong} />
      <CodeFacts resendAt={resendAt} triesLeft={4} triesInAll={5} waitMinutes={30} onResend={nothing} />
      <AmountField label={words.amountLabel} typed="500" shown="500" onText={nothing} />
      <QuickAmounts
        now="500"
        onPick={nothing}
        amounts={['100', '200', '500', '1000', '2000'].map((typed) => ({
          typed,
          shown: typed.replace(/^(\d)(\d{3})$/, '$1,$2'),
        }))}
      />
      <AmountField label={words.amountLabel} typed="" shown="" onText={nothing} />
      <AmountField
        label={words.amountLabel}
        typed="6000"
        shown="6,000"
        onText={nothing}
        state="attend"
        message={words.amountBad}
      />
      <Choice
        label={words.title}
        value="a"
        onChange={nothing}
        options={[
          { value: 'a', label: words.settled },
          { value: 'b', label: words.held },
          { value: 'c', label: words.open },
        ]}
      />
    </>
  );
}
