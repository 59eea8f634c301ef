const WIDTHS = [2, 4.1, 6.2, 8.3] as const;
const COLUMNS = 4;
const ROWS = 6;

/** The mark of one entry: a double frame with bars drawn from its digest, so that each receipt has its own. */
export function ProofMark({ digest }: { digest: string }) {
  const digits = digest.replace(/[^0-9a-f]/gi, '').padEnd(COLUMNS * ROWS, '0');
  return (
    <svg width="72" height="72" viewBox="0 0 68 68" aria-hidden="true">
      <g fill="none" stroke="var(--accent)">
        <rect x="1" y="1" width="66" height="66" rx="3" strokeWidth="1.8" />
        <rect x="5" y="5" width="58" height="58" rx="1" />
      </g>
      <g fill="var(--accent)">
        {Array.from({ length: COLUMNS * ROWS }, (_, index) => {
          const width = WIDTHS[Number.parseInt(digits[index] ?? '0', 16) & 3] ?? 2;
          const x = 12 + (index % COLUMNS) * 11;
          const y = 14 + Math.floor(index / COLUMNS) * 6.4;
          return <rect key={`${x} ${y}`} x={x} y={y} width={width} height="2.4" />;
        })}
      </g>
    </svg>
  );
}

/** The first sixteen digits in fours: `7F3A 91C2 E04B D856`. */
export const shortDigest = (digest: string): string =>
  digest
    .replace(/[^0-9a-f]/gi, '')
    .slice(0, 16)
    .toUpperCase()
    .replace(/(.{4})(?=.)/g, '$1 ');
