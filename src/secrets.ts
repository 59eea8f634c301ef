import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chown, link, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inspect } from 'node:util';
import type { Config } from './config.ts';
import { CannotStart, codeOf, reasonOf } from './database/cannot-start.ts';
import { makeFolder } from './database/make-folder.ts';
import type { MasterKey } from './kernel/envelope.ts';
import { type Secret, secret } from './kernel/masked.ts';
import { systemRandom } from './kernel/random.ts';
import type { Endorsement } from './proof/endorsement.ts';

export type SigningKey = { privateKey: KeyObject; publicKey: KeyObject };

export type Secrets = {
  /** For envelopes of personal data; the first seals, all open. */
  masterKeys: readonly MasterKey[];
  /** For digests by which equal values are found; 32 bytes. */
  digestKey: Uint8Array;
  /** Ed25519: signs what we ask of banks. */
  partner: SigningKey;
  /** Ed25519: signs the heads of the ledger's log. */
  ledgerHead: SigningKey;
  /** What the keys before it said of the key after each, the oldest first. Public. */
  ledgerHeadEndorsements: readonly Endorsement[];
  /** What the world outside needs in sandbox mode; absent in live mode. */
  sandbox: SandboxSecrets | undefined;
};

export type SandboxSecrets = {
  /** Ed25519: signs what the sandbox's banks answer. */
  bank: SigningKey;
  shopApiKey: Secret;
  shopWebhookSecret: Secret;
};

/** The file as it is written. */
export type SecretsFile = {
  masterKeys: { id: string; key: string }[];
  digestKey: string;
  partnerPrivateKey: string;
  ledgerHeadPrivateKey: string;
  ledgerHeadEndorsements?: Endorsement[];
  sandboxBankPrivateKey?: string;
  shopApiKey?: string;
  shopWebhookSecret?: string;
};

/**
 * Reads the secrets from their file. In sandbox mode a missing file is made, once, for its owner's eyes only, and
 * `say` is told; in live mode, and without `say`, it must be there. Throws `CannotStart` when it is missing, open to
 * others or not whole.
 */
export async function readSecrets(config: Config, say: ((sentence: string) => void) | undefined): Promise<Secrets> {
  const text = await readFile(config.secretsFile, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new CannotStart(`The secrets in ${config.secretsFile} cannot be read (${reasonOf(error)}).`);
  });
  if (text !== undefined) {
    await refuseOpenFile(config.secretsFile);
    return parseSecrets(config, text);
  }
  if (config.mode === 'live' || say === undefined) {
    throw new CannotStart(
      `There is no file of secrets at ${config.secretsFile}: put it there, or correct PURSER_SECRETS_FILE.`,
    );
  }
  await writeOnce(config.secretsFile, `${JSON.stringify(makeSecrets(), undefined, 2)}\n`);
  say(`Made new secrets for the sandbox in ${config.secretsFile} (keep them as long as the data)`);
  return parseSecrets(config, await readFile(config.secretsFile, 'utf8'));
}

const random = (length: number): Buffer => Buffer.from(systemRandom.bytes(length));

function makeSecrets(): SecretsFile {
  const bytes = () => random(32).toString('base64');
  const signingKey = () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  return {
    masterKeys: [{ id: 'first', key: bytes() }],
    digestKey: bytes(),
    partnerPrivateKey: signingKey(),
    ledgerHeadPrivateKey: signingKey(),
    sandboxBankPrivateKey: signingKey(),
    shopApiKey: `purser_sandbox_${random(24).toString('base64url')}`,
    shopWebhookSecret: `whsec_${bytes()}`,
  };
}

/** Whole or not at all, whatever ends us, and never over one that is there: of two starters the first decides. */
async function writeOnce(path: string, text: string): Promise<void> {
  const made = `${path}.${random(6).toString('hex')}`;
  try {
    await makeFolder(dirname(path));
    await writeFile(made, text, { mode: 0o600, flush: true });
    await link(made, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw new CannotStart(`The secrets cannot be kept in ${path} (${reasonOf(error)}): make that folder writable.`);
  } finally {
    await rm(made, { force: true });
  }
}

/**
 * Changes the file of secrets: whole or not at all, whatever ends us. Throws `CannotStart` when there is none, when it is
 * not whole, or when somebody else changes it at this moment.
 */
export async function changeSecrets(config: Config, change: (file: SecretsFile) => SecretsFile): Promise<void> {
  const path = config.secretsFile;
  const next = `${path}.next`;
  const { mode, uid, gid } = await stat(path).catch((error: unknown) => {
    throw new CannotStart(`The secrets in ${path} cannot be read (${reasonOf(error)}).`);
  });
  await refuseOpenFile(path);
  // Taken before the file is read: of two changes at once one is refused, and none is lost.
  const taken = await open(next, 'wx', mode & 0o770).catch((error: unknown) => {
    throw new CannotStart(
      codeOf(error) === 'EEXIST'
        ? `There is ${next}: another change is under way, or one was cut off. Remove it if nothing runs, and try again.`
        : `${next} cannot be written (${reasonOf(error)}): change the secrets where their file is kept.`,
    );
  });
  try {
    try {
      await taken.writeFile(await readChanged(config, change));
      await taken.sync();
    } finally {
      await taken.close();
    }
    // Root keeps whose file it is.
    if (process.getuid?.() === 0) await chown(next, uid, gid);
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    if (error instanceof CannotStart) throw error;
    throw new CannotStart(`The secrets in ${path} cannot be replaced (${reasonOf(error)}); they are as they were.`);
  }
  await syncFolder(dirname(path));
}

async function readChanged(config: Config, change: (file: SecretsFile) => SecretsFile): Promise<string> {
  const path = config.secretsFile;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CannotStart(`The secrets in ${path} cannot be read (${reasonOf(error)}).`);
  });
  parseSecrets(config, text);
  const changed = `${JSON.stringify(change(JSON.parse(text) as SecretsFile), undefined, 2)}\n`;
  parseSecrets(config, changed);
  return changed;
}

/** A file that was renamed is durable when its folder is. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function refuseOpenFile(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  // Group may read: that is how files of secrets are mounted into containers.
  if ((mode & 0o007) !== 0)
    throw new CannotStart(`Everybody on this machine can read the secrets: run chmod 600 ${path}`);
}

function parseSecrets(config: Config, text: string): Secrets {
  const file = parseObject(config.secretsFile, text);
  const wrong = (name: string, form: string) =>
    new CannotStart(`In the secrets file ${config.secretsFile}, "${name}" is missing or not ${form}.`);
  const bytes = (name: string, value: unknown): Uint8Array => {
    const decoded = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
    if (decoded.length !== 32) throw wrong(name, '32 bytes in base64');
    return decoded;
  };
  const signingKey = (name: keyof SecretsFile): SigningKey => {
    try {
      const der = Buffer.from(String(file[name] ?? ''), 'base64');
      const privateKey = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });
      if (privateKey.asymmetricKeyType !== 'ed25519') throw wrong(name, 'an Ed25519 key');
      return { privateKey, publicKey: createPublicKey(privateKey) };
    } catch {
      throw wrong(name, 'an Ed25519 private key (PKCS 8 in base64)');
    }
  };
  const words = (name: keyof SecretsFile): Secret => {
    const value = file[name];
    if (typeof value !== 'string' || value.length < 24) throw wrong(name, 'a text of at least 24 characters');
    return secret(value);
  };
  const endorsements = (): Endorsement[] => {
    const list: unknown = file.ledgerHeadEndorsements ?? [];
    const isText = (value: unknown) => typeof value === 'string';
    const isWhole = (each: unknown) =>
      typeof each === 'object' &&
      each !== null &&
      ['publicKey', 'by', 'at', 'signature'].every((name) => isText((each as Record<string, unknown>)[name]));
    if (!Array.isArray(list) || !list.every(isWhole))
      throw wrong('ledgerHeadEndorsements', 'a list as rotate-key writes');
    return list as Endorsement[];
  };
  const keys = Array.isArray(file.masterKeys) ? file.masterKeys : [];
  if (keys.length === 0) throw wrong('masterKeys', 'a list of {"id", "key"}');
  return unprintable({
    masterKeys: keys.map(({ id, key }, index) => {
      if (!/^[a-z0-9-]{1,32}$/.test(id)) throw wrong(`masterKeys[${index}].id`, '1 to 32 of a-z, 0-9 and -');
      return { id, key: bytes(`masterKeys[${index}].key`, key) };
    }),
    digestKey: bytes('digestKey', file.digestKey),
    partner: signingKey('partnerPrivateKey'),
    ledgerHead: signingKey('ledgerHeadPrivateKey'),
    ledgerHeadEndorsements: endorsements(),
    sandbox:
      config.mode === 'sandbox'
        ? {
            bank: signingKey('sandboxBankPrivateKey'),
            shopApiKey: words('shopApiKey'),
            shopWebhookSecret: words('shopWebhookSecret'),
          }
        : undefined,
  });
}

function parseObject(path: string, text: string): Partial<SecretsFile> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The parser's message would repeat a part of the secrets.
  }
  throw new CannotStart(`The secrets file ${path} is not a JSON object: restore it.`);
}

/** Keys never reach a log, however carelessly the object is handed to one. */
function unprintable(secrets: Secrets): Secrets {
  for (const method of ['toJSON', inspect.custom]) Object.defineProperty(secrets, method, { value: () => '[secrets]' });
  return secrets;
}
