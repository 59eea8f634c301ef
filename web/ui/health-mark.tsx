export type Health = 'up' | 'slow' | 'down' | 'maintenance';

/** The state of a bank by its shape; the word always stands beside it. */
export function HealthMark({ state }: { state: Health }) {
  return (
    <svg className="mk" viewBox="0 0 16 16" fill="none" aria-hidden="true">
      {state === 'up' && <circle cx="8" cy="8" r="3.5" fill="var(--accent)" />}
      {state === 'slow' && (
        <>
          <circle cx="8" cy="8" r="5" stroke="var(--attend)" strokeWidth="1.6" />
          <path d="M8 3a5 5 0 0 1 0 10z" fill="var(--attend)" />
        </>
      )}
      {state === 'maintenance' && <path d="M5.5 3.5v9M10.5 3.5v9" stroke="var(--attend)" strokeWidth="2" />}
      {state === 'down' && <path d="m3.5 3.5 9 9M12.5 3.5l-9 9" stroke="var(--stop)" strokeWidth="2" />}
    </svg>
  );
}
