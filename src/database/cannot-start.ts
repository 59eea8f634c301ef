/** Why the server cannot start, in one sentence for the person who started it, with what to do. Shown without a stack. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/** The text of anything thrown; for putting a system's own words into a sentence of ours. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of a system or database error (`ENOENT`, `28P01`), when it has one. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
