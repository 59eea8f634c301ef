/** Whoever started this program holds the other end of its standard input: when that goes, so does it. */
export function endWithInput(close: () => Promise<void>): void {
  let ended = false;
  const end = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    await close();
    process.exit(0);
  };
  process.stdin.resume();
  process.stdin.once('end', end).once('close', end).once('error', end);
  process.once('SIGTERM', end).once('SIGINT', end);
}
