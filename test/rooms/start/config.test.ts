import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';

const refusal = (env: Record<string, string>): string => {
  try {
    readConfig(env);
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

test('with nothing set it is a sandbox on port 7070 of this machine alone', () => {
  expect(readConfig({ PATH: '/bin', HOME: '/home/x' })).toEqual({
    mode: 'sandbox',
    host: '127.0.0.1',
    port: 7070,
    sandboxPort: 7071,
    shopPort: 7072,
    sandboxStart: 'own',
    ledgerListen: { host: '127.0.0.1', port: 0 },
    trustedProxies: [],
    publicUrl: 'http://localhost:7070',
    dataFolder: resolve('.purser'),
    databaseUrl: undefined,
    databaseOwnerUrl: undefined,
    secretsFile: resolve('.purser/secrets.json'),
    logLevel: 'warn',
    sealEverySeconds: 60,
    startedByNpm: false,
  });
});

test('the ports of sandbox and shop follow the port of the wallet', () => {
  const config = readConfig({ PURSER_PORT: '9000', PURSER_SHOP_PORT: '9100' });
  expect([config.port, config.sandboxPort, config.shopPort]).toEqual([9000, 9001, 9100]);
});

test('other processes are told an address of this one that leads here', () => {
  const { ledgerListen } = readConfig({ PURSER_LEDGER_HOST: '10.0.0.7', PURSER_LEDGER_PORT: '7079' });
  expect(ledgerListen).toEqual({ host: '10.0.0.7', port: 7079 });
  expect(refusal({ PURSER_LEDGER_HOST: '0.0.0.0' })).toContain('leads nowhere for another machine');
  expect(refusal({ PURSER_LEDGER_PORT: 'any' })).toContain('PURSER_LEDGER_PORT is');
});

test('only proxies that are named are believed about where requests come from', () => {
  const { trustedProxies } = readConfig({ PURSER_TRUSTED_PROXIES: '10.0.0.1, 10.1.0.0/16,fd00::1' });
  expect(trustedProxies).toEqual(['10.0.0.1', '10.1.0.0/16', 'fd00::1']);
  for (const wrong of ['proxy', '10.0.0', '10.0.0.1/33', '0.0.0.0/0', '10.0.0.1/8/8', 'true', '*']) {
    expect(refusal({ PURSER_TRUSTED_PROXIES: `127.0.0.1,${wrong}` })).toContain(
      `PURSER_TRUSTED_PROXIES has "${wrong}"`,
    );
  }
});

test('a second process that shares the sandbox names the database and the secrets of the first', () => {
  const shared = { PURSER_SANDBOX: 'shared', PURSER_DATABASE_URL: 'postgres://a:b@c/d', PURSER_SECRETS_FILE: '/s' };
  expect(readConfig(shared).sandboxStart).toBe('shared');
  expect(refusal({ ...shared, PURSER_DATABASE_URL: '' })).toContain('needs PURSER_DATABASE_URL');
  expect(refusal({ ...shared, PURSER_SECRETS_FILE: '' })).toContain('needs PURSER_SECRETS_FILE');
  expect(refusal({ PURSER_SANDBOX: 'none' })).toBe('PURSER_SANDBOX is "none", and may be own, shared.');
});

test('a variable set to nothing counts as not set', () => {
  expect(readConfig({ PURSER_PORT: '', PURSER_DATABASE_URL: ' ' })).toMatchObject({
    port: 7070,
    databaseUrl: undefined,
  });
});

test('a misspelt variable is refused with the nearest name', () => {
  expect(refusal({ PURSER_DATABSE_URL: 'x' })).toContain('The nearest name is PURSER_DATABASE_URL');
  expect(refusal({ purser_port: '1' })).toContain('There is no variable purser_port');
});

test('each wrong value is refused by name, with what it may be', () => {
  for (const port of ['0', '65536', '70.7', '1e3', '-1', '0x10', 'seven']) {
    expect(refusal({ PURSER_PORT: port })).toContain('PURSER_PORT is');
  }
  expect(refusal({ PURSER_PORT: '65535' })).toContain('PURSER_SANDBOX_PORT is');
  expect(refusal({ PURSER_MODE: 'Live' })).toBe('PURSER_MODE is "Live", and may be sandbox, live.');
  expect(refusal({ PURSER_PUBLIC_URL: 'wallet.example' })).toContain('PURSER_PUBLIC_URL');
  expect(refusal({ PURSER_PUBLIC_URL: 'https://wallet.example/app' })).toContain('PURSER_PUBLIC_URL');
  expect(refusal({ PURSER_HOST: 'a b' })).toContain('PURSER_HOST');
  expect(refusal({ PURSER_SHOP_PORT: '7070' })).toContain('need three ports');
  expect(refusal({ PURSER_DATABASE_OWNER_URL: 'postgres://a:b@c/d' })).toContain('without PURSER_DATABASE_URL');
});

test('a wrong database address is refused without repeating its password', () => {
  for (const url of ['mysql://a:topsecret@b/c', 'postgres://a:topsecret@b', 'topsecret']) {
    expect(refusal({ PURSER_DATABASE_URL: url })).toContain('must look like postgres://');
    expect(refusal({ PURSER_DATABASE_URL: url })).not.toContain('topsecret');
  }
});

test('live mode asks for what must not be made up', () => {
  const live = {
    PURSER_MODE: 'live',
    PURSER_PUBLIC_URL: 'https://wallet.example',
    PURSER_SECRETS_FILE: '/run/secrets/p',
  };
  expect(readConfig(live)).toMatchObject({ mode: 'live', publicUrl: 'https://wallet.example', logLevel: 'info' });
  expect(refusal({ ...live, PURSER_SECRETS_FILE: '' })).toContain('PURSER_SECRETS_FILE');
  expect(refusal({ ...live, PURSER_PUBLIC_URL: 'http://wallet.example' })).toContain('https://');
});
