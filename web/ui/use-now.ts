import { useEffect, useState } from 'react';
import { now } from '../client/clock.ts';

/** The present moment, drawn again every `everyMs`; `null` stops it. */
export function useNow(everyMs: number | null): Date {
  const [moment, setMoment] = useState(now);
  useEffect(() => {
    if (everyMs === null) return undefined;
    setMoment(now());
    const timer = setInterval(() => setMoment(now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return moment;
}
