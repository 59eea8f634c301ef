import { useState } from 'react';

const KEY = 'purser.hideAmounts';

/** Whether sums are covered on this device, for a screen that others may see. */
export function useHiddenAmounts(): [boolean, () => void] {
  const [hidden, setHidden] = useState(() => localStorage.getItem(KEY) === 'yes');
  const toggle = () => {
    localStorage.setItem(KEY, hidden ? 'no' : 'yes');
    setHidden(!hidden);
  };
  return [hidden, toggle];
}
