import { isProblemError } from '../client/problem-error.ts';

/** Whether what was refused needs somebody to be signed in. */
export const needsSignIn = (error: unknown): boolean => isProblemError(error) && error.problem.status === 401;
