import type { OperationKind, OperationOf, OperationShape, StartInput } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import type { Client } from '../../../client/client.ts';
import { isProblemError, type ProblemError } from '../../../client/problem-error.ts';
import { pause } from './pause.ts';

/** Answers that never came: what was asked for may have happened, so it is asked about before anything else. */
const LOST = new Set([
  'network.interrupted',
  'network.slow',
  'network.weak',
  'wallet.unreachable',
  'wallet.not_loaded',
]);
const AGAIN_AFTER_MS = [700, 2000];

export const isLost = (error: unknown): error is ProblemError => isProblemError(error) && LOST.has(error.problem.code);

/** The problem document of whatever was thrown; a bug of the app stays a bug and is thrown on. */
export function problemOf(error: unknown): Problem {
  if (isProblemError(error)) return error.problem;
  throw error;
}

/** Asks for what has an id of its own. When the answer is lost, the same id is asked again: it is never done twice. */
async function askAgain<T>(ask: () => Promise<T>): Promise<T> {
  for (const waitMs of AGAIN_AFTER_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!isLost(error)) throw error;
      await pause(waitMs);
    }
  }
  return ask();
}

/** Begins an operation. */
export const startSafely = <K extends OperationKind>(
  client: Client,
  id: string,
  kind: K,
  input: StartInput<K>,
): Promise<OperationOf<K>> => askAgain(() => client.start(id, kind, input));

/**
 * Sends a small sum without the PIN. Where it is needed after all (today's sum is used up, it was switched off), the
 * transfer is begun step by step under the same id, and waits for the PIN.
 */
export async function sendSmallSafely(
  client: Client,
  id: string,
  input: StartInput<'transfer'>,
): Promise<OperationOf<'transfer'>> {
  try {
    return await askAgain(() => client.sendSmall(id, input));
  } catch (error) {
    if (!isProblemError(error) || error.problem.code !== 'security.pin_required') throw error;
    return startSafely(client, id, 'transfer', input);
  }
}

/**
 * Gives a step what it asks for. When the answer is lost, the operation is looked at instead of entering it again: a
 * code or a PIN that was wrong would count twice. Still at the same step, the trouble is told and the person enters it.
 */
export async function submitSafely(
  client: Client,
  operation: OperationShape,
  entry: { code: string } | { pin?: string },
): Promise<OperationShape> {
  try {
    return await client.submit(operation, entry);
  } catch (error) {
    if (!isLost(error)) throw error;
    const found = await lookAgain(client, operation.id);
    if (found === undefined || found.step === operation.step) throw error;
    return found;
  }
}

async function lookAgain(client: Client, id: string): Promise<OperationShape | undefined> {
  for (const waitMs of AGAIN_AFTER_MS) {
    await pause(waitMs);
    try {
      return await client.operation(id);
    } catch (error) {
      if (!isLost(error)) return undefined;
    }
  }
  return undefined;
}
