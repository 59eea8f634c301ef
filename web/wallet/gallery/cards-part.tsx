import { BankPlate } from '../../ui/bank-plate.tsx';
import { CardPlate } from '../../ui/card-plate.tsx';
import type { GalleryWords } from './fixtures.ts';

const codes = [
  'ICBC',
  'CCB',
  'ABC',
  'BOC',
  'CMB',
  'COMM',
  'PSBC',
  'SPDB',
  'CITIC',
  'CEB',
  'CIB',
  'CMBC',
  'SPABANK',
  'GDB',
];

export function CardsPart({ words }: { words: GalleryWords }) {
  return (
    <>
      <div className="inline">
        {codes.slice(0, 7).map((code) => (
          <BankPlate key={code} bankCode={code} />
        ))}
      </div>
      <div className="inline">
        {codes.slice(7).map((code) => (
          <BankPlate key={code} bankCode={code} />
        ))}
      </div>
      <CardPlate bankCode="ICBC" bankName={words.bank} kind="debit" last4="3391" holder={words.person} />
      <CardPlate bankCode="ABC" bankName={words.bankOther} kind="credit" last4="5518" />
    </>
  );
}
