/** Why the server cannot start, in one sentence for the person who started it, with what to do. Shown without a stack. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/** The code of a system or database error (`ENOENT`, `28P01`), when it has one. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** What systems say of files most often, in plain words. */
const plain: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the disk can only be read',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many files are open',
};

/** Why, in plain words where we have them, else the text of what was thrown; to be put into a sentence of ours. */
export const reasonOf = (error: unknown): string =>
  plain[codeOf(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
