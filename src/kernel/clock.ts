/** The only source of time. Everything else asks the clock it was given. */
export type Clock = {
  /** The present moment. */
  now(): Date;
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done);
    }),
};

/** `instant` plus `ms` milliseconds. */
export const addMs = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);

/** Reads an ISO 8601 instant; for wire shapes and stored JSON. */
export const parseInstant = (text: string): Date => new Date(text);

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
