import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type Config } from '../../src/config.ts';
import { account } from '../../src/operator/account-command.ts';
import { operator } from '../../src/operator/operator-command.ts';
import { review } from '../../src/operator/review-command.ts';
import type { TestWallet } from './wallet.ts';

/** Where an operator types commands: the wallet's database and secrets, in an environment of their own. */
export type OperatorRoom = {
  config: (env?: Readonly<Record<string, string>>) => Config;
  secretsFile: string;
  folder: string;
  close: () => Promise<void>;
};

const der = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'der' }).toString('base64');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export async function openOperatorRoom(wallet: TestWallet): Promise<OperatorRoom> {
  const folder = await mkdtemp(join(tmpdir(), 'purser-operator-'));
  const secretsFile = join(folder, 'secrets.json');
  const { masterKeys, digestKey, partner, ledgerHead, sandbox } = wallet.secrets;
  const content = {
    masterKeys: masterKeys.map(({ id, key }) => ({ id, key: base64(key) })),
    digestKey: base64(digestKey),
    partnerPrivateKey: der(partner.privateKey),
    ledgerHeadPrivateKey: der(ledgerHead.privateKey),
    sandboxBankPrivateKey: sandbox && der(sandbox.bank.privateKey),
    shopApiKey: sandbox?.shopApiKey.reveal(),
    shopWebhookSecret: sandbox?.shopWebhookSecret.reveal(),
  };
  await writeFile(secretsFile, JSON.stringify(content), { mode: 0o600 });
  return {
    config: (env = {}) =>
      readConfig({
        PURSER_DATABASE_URL: wallet.database.connectionString,
        PURSER_DATABASE_OWNER_URL: wallet.database.ownerConnectionString,
        PURSER_DATA: folder,
        ...env,
      }),
    secretsFile,
    folder,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export type Operators = {
  /** Makes an operator, whose token is kept. */
  add: (name: string) => Promise<void>;
  remove: (name: string) => Promise<void>;
  /** `purser review` as one of them, or as nobody; what it prints. */
  review: (who: string | undefined, ...words: string[]) => Promise<string>;
  /** `purser account` in the same way. */
  account: (who: string | undefined, ...words: string[]) => Promise<string>;
};

/** People who decide, each with a token of their own. */
export async function openOperators(room: OperatorRoom, names: readonly string[]): Promise<Operators> {
  const tokens = new Map<string, string>();
  const said = async (command: typeof review, who: string | undefined, words: string[]) => {
    const lines: string[] = [];
    const env = who === undefined ? {} : { PURSER_OPERATOR_TOKEN: tokens.get(who) ?? '' };
    await command(room.config(env), words, (line) => lines.push(line));
    return lines.join('\n');
  };
  const operators: Operators = {
    add: async (name) => {
      const lines: string[] = [];
      await operator(room.config(), ['add', name], (line) => lines.push(line));
      tokens.set(name, lines.at(-1) ?? '');
    },
    remove: (name) => operator(room.config(), ['remove', name], () => undefined),
    review: (who, ...words) => said(review, who, words),
    account: (who, ...words) => said(account, who, words),
  };
  for (const name of names) await operators.add(name);
  return operators;
}
