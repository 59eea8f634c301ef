import { readSandboxConfig } from './config.ts';
import { createSandbox } from './create-sandbox.ts';
import { endWithInput } from './end-with-input.ts';

const sandbox = await createSandbox(readSandboxConfig());
endWithInput(sandbox.close);
console.log(`The sandbox answers at ${await sandbox.listen()}`);
