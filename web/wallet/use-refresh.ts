import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

/** How far a page is pulled, in half the way of the finger, before letting go reads it anew; and how far it gives. */
export const ENOUGH = 56;
const MOST = 80;

/** Reads everything on the screen anew: by a button, or by pulling the page down at its top. */
export function useRefresh() {
  const queries = useQueryClient();
  const [busy, setBusy] = useState<'pulled' | 'pressed' | null>(null);
  const refresh = useCallback(
    (how: 'pulled' | 'pressed') => {
      setBusy(how);
      void queries.refetchQueries({ type: 'active' }).finally(() => setBusy(null));
    },
    [queries],
  );
  const pull = useCallback(() => refresh('pulled'), [refresh]);
  return { busy, press: () => refresh('pressed'), pulled: usePull(pull) };
}

/** How far the page is pulled now. */
function usePull(onEnough: () => void): number {
  const [pulled, setPulled] = useState(0);
  const far = useRef(0);
  useEffect(() => {
    let from: Touch | undefined;
    const pull = (to: number) => {
      far.current = to;
      setPulled(to);
    };
    const start = ({ touches }: TouchEvent) => {
      from = scrollY <= 0 && touches.length === 1 ? touches[0] : undefined;
    };
    const move = ({ touches: [now] }: TouchEvent) => {
      if (!from || !now) return;
      const down = now.clientY - from.clientY;
      const isAcross = Math.abs(now.clientX - from.clientX) > down;
      pull(isAcross || scrollY > 0 ? 0 : Math.min(down / 2, MOST));
    };
    const end = ({ type }: TouchEvent) => {
      if (type === 'touchend' && far.current >= ENOUGH) onEnough();
      pull(0);
    };
    const listeners = { touchstart: start, touchmove: move, touchend: end, touchcancel: end };
    for (const [type, listen] of Object.entries(listeners)) addEventListener(type, listen as EventListener);
    // The browser's own pulling would load the whole app anew.
    document.documentElement.classList.add('pulls');
    return () => {
      for (const [type, listen] of Object.entries(listeners)) removeEventListener(type, listen as EventListener);
      document.documentElement.classList.remove('pulls');
    };
  }, [onEnough]);
  return pulled;
}
