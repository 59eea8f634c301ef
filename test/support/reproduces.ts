import type { CauseCode } from '../../src/causes/registry.ts';

/**
 * Marks the assertion that sees a cause happen, so that `npm run causes` can name the test that reproduces it:
 * `expect(problem.code).toBe(reproduces('card.expired'))`. Found by reading the sources, so the code must be a literal.
 * Only for a cause that the running program gave; a unit test that builds a refusal by itself reproduces nothing.
 */
export const reproduces = <C extends CauseCode>(code: C): C => code;
