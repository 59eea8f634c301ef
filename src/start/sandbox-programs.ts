import { join } from 'node:path';
import type { Config } from '../config.ts';
import { assert } from '../kernel/assert.ts';
import type { Secrets, SigningKey } from '../secrets.ts';
import type { Program } from './run-program.ts';

const publicKey = (key: SigningKey) => key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const privateKey = (key: SigningKey) => key.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');

/** The world outside: banks, identity registry, operators. It learns our public key and has a key of its own. */
export function sandboxProgram(config: Config, secrets: Secrets): Program {
  assert(secrets.sandbox, 'the sandbox runs in sandbox mode only');
  return {
    name: 'The sandbox',
    file: 'sandbox/main.ts',
    env: {
      SANDBOX_PORT: String(config.sandboxPort),
      SANDBOX_HOST: config.host,
      SANDBOX_DATA: join(config.dataFolder, 'sandbox'),
      SANDBOX_PARTNER_PUBLIC_KEY: publicKey(secrets.partner),
      SANDBOX_PRIVATE_KEY: privateKey(secrets.sandbox.bank),
      SANDBOX_CALLBACK_URL: localUrl(config.host, config.port),
    },
    readyUrl: `${localUrl(config.host, config.sandboxPort)}/desk/samples`,
    logFile: join(config.dataFolder, 'sandbox.log'),
  };
}

/** The shop knows the public merchant API and its own key, nothing else. */
export function shopProgram(config: Config, secrets: Secrets): Program {
  assert(secrets.sandbox, 'the shop runs in sandbox mode only');
  return {
    name: 'The shop',
    file: 'sandbox/shop/main.ts',
    env: {
      SHOP_PORT: String(config.shopPort),
      SHOP_HOST: config.host,
      SHOP_DATA: join(config.dataFolder, 'shop'),
      SHOP_API_URL: localUrl(config.host, config.port),
      SHOP_API_KEY: secrets.sandbox.shopApiKey.reveal(),
      SHOP_WEBHOOK_SECRET: secrets.sandbox.shopWebhookSecret.reveal(),
    },
    readyUrl: `${localUrl(config.host, config.shopPort)}/`,
    logFile: join(config.dataFolder, 'shop.log'),
  };
}

/** Where a program on this machine reaches one that listens on `host`. */
export function localUrl(host: string, port: number): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
