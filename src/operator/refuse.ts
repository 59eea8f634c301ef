/** A command that cannot be carried out as it was given; its message says what to do instead. */
class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

export const refuse = (...lines: readonly string[]): CommandRefused => new CommandRefused(lines.join('\n  '));

/** Runs a command; a refusal of it is told and is the exit code 1. */
export async function tellRefusal(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    process.exitCode = 1;
    process.stderr.write(`${error.message}\n`);
  }
}
