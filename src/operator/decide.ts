import type { Config } from '../config.ts';
import { findOperator } from '../features/review/operators.ts';
import type { Desk } from './open-desk.ts';
import { refuse } from './refuse.ts';

/** What every command that decides something reads: who, and why. */

/** Who decides, by the token in the environment. */
export async function operatorOf({ desk, config }: { desk: Desk; config: Config }): Promise<string> {
  const { operatorToken } = config;
  if (!operatorToken) {
    throw refuse('Who are you? Set PURSER_OPERATOR_TOKEN to your token; "operator add <name>" gives one.');
  }
  const operator = await findOperator(desk, operatorToken);
  if (operator === undefined) throw refuse('PURSER_OPERATOR_TOKEN is nobody’s: it was mistyped, or taken back.');
  return operator;
}

/** What follows an option. */
export function wordAfter(options: readonly string[], name: string): string {
  const at = options.indexOf(name);
  return at < 0 ? '' : (options[at + 1] ?? '').trim();
}

export function readBecause(options: readonly string[], example: string): string {
  const because = wordAfter(options, '--because');
  if (because.length >= 10 && because.length <= 500) return because;
  throw refuse(`Say how you know, in 10 to 500 letters: --because "${example}"`);
}
