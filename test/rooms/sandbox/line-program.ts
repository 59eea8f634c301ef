import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fileURLToPath } from 'node:url';

export type SandboxKeys = { partner: KeyObject; bank: KeyObject; partnerPublic: KeyObject; bankPublic: KeyObject };

export function makeKeys(): SandboxKeys {
  const partner = generateKeyPairSync('ed25519');
  const bank = generateKeyPairSync('ed25519');
  return {
    partner: partner.privateKey,
    bank: bank.privateKey,
    partnerPublic: partner.publicKey,
    bankPublic: bank.publicKey,
  };
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const der = (key: KeyObject, type: 'spki' | 'pkcs8') =>
  key.export({ type: type as 'spki', format: 'der' }).toString('base64');

export type SandboxProgram = {
  url: string;
  child: ChildProcess;
  /** Resolves with the exit code and signal. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

/** The sandbox as the wallet starts it: a program of its own that reads its settings from its environment. */
export async function runSandboxProgram(keys: SandboxKeys, folder: string): Promise<SandboxProgram> {
  const child = spawn(process.execPath, ['sandbox/main.ts'], {
    cwd: root,
    env: {
      SANDBOX_PORT: '0',
      SANDBOX_DATA: folder,
      SANDBOX_PARTNER_PUBLIC_KEY: der(keys.partnerPublic, 'spki'),
      SANDBOX_PRIVATE_KEY: der(keys.bank, 'pkcs8'),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString('utf8');
      const found = /http:\/\/\S+/.exec(text);
      if (found) resolve(found[0]);
    });
    child.once('exit', () => reject(new Error(`the sandbox did not start: ${text}`)));
  });
  return { url, child, ended };
}
