/** A bug, not a refusal: ends as a 500 and an alert. Never used for bad input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion: ${message}`);
}

/** Makes a switch over a union exhaustive: a new member fails the type check. */
export function unreachable(value: never): never {
  throw new Error(`assertion: unreachable value ${JSON.stringify(value)}`);
}
