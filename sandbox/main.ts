import { readSandboxConfig } from './config.ts';
import { createSandbox } from './create-sandbox.ts';

const sandbox = await createSandbox(readSandboxConfig());
console.log(`The sandbox answers at ${await sandbox.listen()}`);

let ended = false;
async function end(): Promise<void> {
  if (ended) return;
  ended = true;
  await sandbox.close();
  process.exit(0);
}

// Whoever started us holds the other end of our standard input: when it goes, so do we.
process.stdin.resume();
process.stdin.once('end', end).once('close', end).once('error', end);
process.once('SIGTERM', end).once('SIGINT', end);
