import { isProblemError } from '../client/problem-error.ts';

/** Whether what was refused needs somebody to be signed in. */
export const needsSignIn = (error: unknown): boolean => isProblemError(error) && error.problem.status === 401;

const KEY = 'purser.signedIn';

/** Whether this device was signed in when it last knew: only a guess, by which the first screen is chosen sooner. */
export const wasSignedIn = (): boolean => localStorage.getItem(KEY) === 'yes';

export function rememberSignedIn(signedIn: boolean): void {
  if (signedIn) localStorage.setItem(KEY, 'yes');
  else localStorage.removeItem(KEY);
}
