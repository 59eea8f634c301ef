import { useEffect, type RefObject } from 'react';

/** Puts the focus into the one input of a screen when the screen is first drawn. */
export function useFocusAtFirst(target: RefObject<HTMLElement | null>, wanted: boolean): void {
  useEffect(() => {
    if (wanted) target.current?.focus({ preventScroll: true });
  }, [target, wanted]);
}
