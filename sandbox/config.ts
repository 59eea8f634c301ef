import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export type SandboxConfig = {
  port: number;
  host: string;
  dataFolder: string;
  partnerPublicKey: KeyObject;
  privateKey: KeyObject;
  /** Where the partner hears callbacks; none are sent without it. */
  callbackUrl: string | undefined;
};

export type ShopConfig = {
  port: number;
  host: string;
  dataFolder: string;
  apiUrl: string;
  apiKey: string;
  webhookSecret: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

function needed(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

function readPort(env: Environment, name: string): number {
  const port = Number(needed(env, name));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${name} is not a port.`);
  return port;
}

const der = (env: Environment, name: string) => Buffer.from(needed(env, name), 'base64');

/** Keys have no defaults: a sandbox that made its own would be believed by nobody. */
export function readSandboxConfig(env: Environment = process.env): SandboxConfig {
  return {
    port: readPort(env, 'SANDBOX_PORT'),
    host: env['SANDBOX_HOST'] ?? '127.0.0.1',
    dataFolder: needed(env, 'SANDBOX_DATA'),
    partnerPublicKey: createPublicKey({ key: der(env, 'SANDBOX_PARTNER_PUBLIC_KEY'), type: 'spki', format: 'der' }),
    privateKey: createPrivateKey({ key: der(env, 'SANDBOX_PRIVATE_KEY'), type: 'pkcs8', format: 'der' }),
    callbackUrl: env['SANDBOX_CALLBACK_URL'] || undefined,
  };
}

export function readShopConfig(env: Environment = process.env): ShopConfig {
  return {
    port: readPort(env, 'SHOP_PORT'),
    host: env['SHOP_HOST'] ?? '127.0.0.1',
    dataFolder: needed(env, 'SHOP_DATA'),
    apiUrl: needed(env, 'SHOP_API_URL').replace(/\/$/, ''),
    apiKey: needed(env, 'SHOP_API_KEY'),
    webhookSecret: needed(env, 'SHOP_WEBHOOK_SECRET'),
  };
}
