import { useState } from 'react';
import {
  groupThousands,
  minorOf,
  pressKey,
  typedFromMinor,
  typeText,
  type AmountComplaint,
  type AmountKey,
  type TypedAmount,
} from './typed-amount.ts';

export type AmountEntry = {
  typed: TypedAmount;
  shown: string;
  /** Fen; undefined while nothing is typed. */
  minor: bigint | undefined;
  complaint: AmountComplaint | null;
  press: (key: AmountKey) => void;
  type: (text: string) => void;
  set: (minor: bigint) => void;
};

const fromQuery = (minor: string | null): TypedAmount =>
  minor !== null && /^[1-9][0-9]{0,9}$/.test(minor) ? typedFromMinor(BigInt(minor)) : '';

/** An amount being typed: by keypad, keyboard or paste, always exact. */
export function useAmount(initialMinor: string | null): AmountEntry {
  const [state, setState] = useState<{ typed: TypedAmount; complaint: AmountComplaint | null }>(() => ({
    typed: fromQuery(initialMinor),
    complaint: null,
  }));
  return {
    ...state,
    shown: groupThousands(state.typed),
    minor: minorOf(state.typed),
    press: (key) => setState(({ typed }) => pressKey(typed, key)),
    type: (text) => setState(typeText(text)),
    set: (minor) => setState({ typed: typedFromMinor(minor), complaint: null }),
  };
}
