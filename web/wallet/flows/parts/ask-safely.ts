import type { OperationKind, OperationOf, OperationShape, StartInput } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import type { Client } from '../../../client/client.ts';
import { isProblemError, type ProblemError } from '../../../client/problem-error.ts';
import { pause } from './pause.ts';

/** Answers that never came: what was asked for may have happened, so it is asked about before anything else. */
const LOST = new Set(['network.interrupted', 'network.slow', 'network.weak', 'wallet.unreachable']);
const AGAIN_AFTER_MS = [700, 2000];

export const isLost = (error: unknown): error is ProblemError => isProblemError(error) && LOST.has(error.problem.code);

/** The problem document of whatever was thrown; a bug of the app stays a bug and is thrown on. */
export function problemOf(error: unknown): Problem {
  if (isProblemError(error)) return error.problem;
  throw error;
}

/** Begins an operation. When the answer is lost, the same id is asked again: it can never be begun twice. */
export async function startSafely<K extends OperationKind>(
  client: Client,
  id: string,
  kind: K,
  input: StartInput<K>,
): Promise<OperationOf<K>> {
  for (const waitMs of AGAIN_AFTER_MS) {
    try {
      return await client.start(id, kind, input);
    } catch (error) {
      if (!isLost(error)) throw error;
      await pause(waitMs);
    }
  }
  return client.start(id, kind, input);
}

/**
 * Gives a step what it asks for. When the answer is lost, the operation is looked at instead of entering it again: a
 * code or a PIN that was wrong would count twice. Still at the same step, the trouble is told and the person enters it.
 */
export async function submitSafely(
  client: Client,
  operation: OperationShape,
  entry: { code: string } | { pin: string },
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
