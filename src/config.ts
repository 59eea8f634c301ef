import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { CannotStart } from './database/cannot-start.ts';
import { secret, type Secret } from './kernel/masked.ts';

/** How it runs: with the sandbox as the world outside, or against real banks. */
export type Mode = 'sandbox' | 'live';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export type Config = {
  mode: Mode;
  /** Where the wallet listens. */
  host: string;
  port: number;
  sandboxPort: number;
  shopPort: number;
  /** Whether this process runs the sandbox and its shop, or uses those of another one on the same database. */
  sandboxStart: 'own' | 'shared';
  /** Where this process, while it writes the ledger, takes the transfers of others on the same database; port 0: any. */
  ledgerListen: { host: string; port: number };
  /** Addresses of the proxies in front of it; only what these say of where a request came from is believed. */
  trustedProxies: readonly string[];
  /** How the wallet's address begins for the people who use it, without a slash at the end. */
  publicUrl: string;
  /** The folder of the embedded database, the generated secrets, the logs; absolute. */
  dataFolder: string;
  /** A PostgreSQL of one's own; without it the embedded one is started. */
  databaseUrl: string | undefined;
  /** The login that owns the tables, where the one of `databaseUrl` is a lesser one. */
  databaseOwnerUrl: string | undefined;
  /** Where the secrets are read; in sandbox mode they are made there when missing. */
  secretsFile: string;
  logLevel: LogLevel;
  /** How often the book is signed when there is something new in it. */
  sealEverySeconds: number;
  /** Who decides in `purser review`. */
  operatorToken: Secret | undefined;
  /** Started by `npm start`, so it ends when npm is killed. */
  startedByNpm: boolean;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable there is, with what it means; the help and the check for misspelt names read it. */
export const variables: Readonly<Record<string, string>> = {
  PURSER_PORT: 'port of the wallet (7070)',
  PURSER_HOST: 'address it listens on (127.0.0.1)',
  PURSER_DATA: 'folder of its data (.purser)',
  PURSER_DATABASE_URL: 'a PostgreSQL 15 or later to use instead of the one inside',
  PURSER_DATABASE_OWNER_URL: 'the same database as its owner, when PURSER_DATABASE_URL is a login that owns nothing',
  PURSER_MODE: 'sandbox, or live with real banks (sandbox)',
  PURSER_SANDBOX_PORT: "port of the sandbox desk (the wallet's + 1)",
  PURSER_SHOP_PORT: "port of the sandbox shop (the wallet's + 2)",
  PURSER_SANDBOX: 'own, or shared to use the sandbox and shop that another wallet process runs on these ports (own)',
  PURSER_LEDGER_HOST: 'address at which other wallet processes on this database reach this one (127.0.0.1)',
  PURSER_LEDGER_PORT: 'port for them (0, which is any that is free)',
  PURSER_TRUSTED_PROXIES: 'addresses of the proxies in front of it, with commas: 10.0.0.1, 10.1.0.0/16 (none)',
  PURSER_PUBLIC_URL: 'the address people open the wallet at (http://localhost:<port>)',
  PURSER_SECRETS_FILE: 'file of the secrets; must be given in live mode (<data>/secrets.json)',
  PURSER_SEAL_SECONDS: 'how often the book is signed when there is something new in it (60)',
  PURSER_OPERATOR_TOKEN: 'who decides in "review": the token that "operator add" gave',
  PURSER_LOG_LEVEL: 'debug, info, warn, error or silent (warn in sandbox mode, info in live mode)',
};

/** Reads the environment once. Throws `CannotStart` that names the variable and what it may be. */
export function readConfig(env: Environment = process.env): Config {
  refuseUnknown(env);
  const mode = readChoice(env, 'PURSER_MODE', ['sandbox', 'live'], 'sandbox');
  const port = readPort(env, 'PURSER_PORT', 7070);
  const dataFolder = resolve(given(env, 'PURSER_DATA') ?? '.purser');
  const config: Config = {
    mode,
    host: readHost(env, 'PURSER_HOST'),
    port,
    sandboxPort: readPort(env, 'PURSER_SANDBOX_PORT', port + 1),
    shopPort: readPort(env, 'PURSER_SHOP_PORT', port + 2),
    sandboxStart: readChoice(env, 'PURSER_SANDBOX', ['own', 'shared'], 'own'),
    ledgerListen: readLedgerListen(env),
    trustedProxies: readProxies(env),
    publicUrl: readPublicUrl(env, port, mode),
    dataFolder,
    databaseUrl: readDatabaseUrl(env, 'PURSER_DATABASE_URL'),
    databaseOwnerUrl: readDatabaseUrl(env, 'PURSER_DATABASE_OWNER_URL'),
    secretsFile: resolve(given(env, 'PURSER_SECRETS_FILE') ?? `${dataFolder}/secrets.json`),
    logLevel: readChoice(
      env,
      'PURSER_LOG_LEVEL',
      ['debug', 'info', 'warn', 'error', 'silent'],
      mode === 'live' ? 'info' : 'warn',
    ),
    sealEverySeconds: readSeconds(env, 'PURSER_SEAL_SECONDS', 60),
    operatorToken: readSecret(env, 'PURSER_OPERATOR_TOKEN'),
    startedByNpm: env['npm_lifecycle_event'] !== undefined,
  };
  refuseContradictions(env, config);
  return config;
}

/** A variable that is set to nothing counts as not set. */
const given = (env: Environment, name: string): string | undefined => {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
};

const readSecret = (env: Environment, name: string): Secret | undefined => {
  const text = given(env, name);
  return text === undefined ? undefined : secret(text);
};

function refuseUnknown(env: Environment): void {
  const known = Object.keys(variables);
  for (const name of Object.keys(env)) {
    if (!name.toUpperCase().startsWith('PURSER_') || known.includes(name)) continue;
    const nearest = known.toSorted((a, b) => distance(name, a) - distance(name, b))[0];
    throw new CannotStart(
      `There is no variable ${name}. The nearest name is ${nearest}; all of them: npm start -- --help.`,
    );
  }
}

/** How many letters must be changed, added or taken away to make one word of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function readPort(env: Environment, name: string, fallback: number): number {
  const text = given(env, name);
  const port = text === undefined ? fallback : Number(text);
  if ((text === undefined || /^\d{1,5}$/.test(text)) && port >= 1 && port <= 65_535) return port;
  throw new CannotStart(`${name} is "${text ?? fallback}", and a port is a number from 1 to 65535: choose one.`);
}

function readSeconds(env: Environment, name: string, fallback: number): number {
  const text = given(env, name);
  if (text === undefined) return fallback;
  const seconds = Number(text);
  if (/^\d{1,5}$/.test(text) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new CannotStart(`${name} is "${text}", and must be a number of seconds from 1 to 86400.`);
}

function readHost(env: Environment, name: string): string {
  const host = given(env, name) ?? '127.0.0.1';
  if (/^[A-Za-z0-9.:_-]+$/.test(host)) return host;
  throw new CannotStart(`${name} is "${host}", which is no address: give one such as 127.0.0.1 or 0.0.0.0.`);
}

/** The others are told this address, so it must be one that leads here. */
function readLedgerListen(env: Environment): Config['ledgerListen'] {
  const host = readHost(env, 'PURSER_LEDGER_HOST');
  if (host === '0.0.0.0' || host === '::') {
    throw new CannotStart(
      `PURSER_LEDGER_HOST is "${host}", which leads nowhere for another machine: give the address of this one.`,
    );
  }
  const any = (given(env, 'PURSER_LEDGER_PORT') ?? '0') === '0';
  return { host, port: any ? 0 : readPort(env, 'PURSER_LEDGER_PORT', 0) };
}

/** Without them everybody behind a proxy is one address, and is counted as one. */
function readProxies(env: Environment): string[] {
  const proxies = (given(env, 'PURSER_TRUSTED_PROXIES') ?? '').split(',').flatMap((each) => each.trim() || []);
  for (const proxy of proxies) {
    const [address = '', bits, ...rest] = proxy.split('/');
    const most = { 4: 32, 6: 128 }[isIP(address)] ?? 0;
    const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
    if (most > 0 && fits && rest.length === 0) continue;
    throw new CannotStart(`PURSER_TRUSTED_PROXIES has "${proxy}", which is no address: give 10.0.0.1 or 10.1.0.0/16.`);
  }
  return proxies;
}

function readChoice<const T extends string>(env: Environment, name: string, choices: readonly T[], fallback: T): T {
  const text = given(env, name);
  if (text === undefined) return fallback;
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new CannotStart(`${name} is "${text}", and may be ${choices.join(', ')}.`);
}

function readPublicUrl(env: Environment, port: number, mode: Mode): string {
  const text = given(env, 'PURSER_PUBLIC_URL') ?? `http://localhost:${port}`;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new CannotStart(
      `PURSER_PUBLIC_URL is "${text}", and must be where a browser finds the wallet, such as https://wallet.example.`,
    );
  }
  if (mode === 'live' && url.protocol !== 'https:') {
    throw new CannotStart('In live mode PURSER_PUBLIC_URL must be given and begin with https://.');
  }
  return url.origin;
}

/** The address holds a password: no message repeats it. */
function readDatabaseUrl(env: Environment, name: string): string | undefined {
  const text = given(env, name);
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1) return text;
  throw new CannotStart(`${name} must look like postgres://user:password@host:5432/database.`);
}

function refuseContradictions(env: Environment, config: Config): void {
  const ports = [config.port, config.sandboxPort, config.shopPort];
  if (config.mode === 'sandbox' && new Set(ports).size < ports.length) {
    throw new CannotStart(
      `The wallet, the sandbox desk and the shop need three ports, and were given ${ports.join(', ')}.`,
    );
  }
  if (config.sandboxStart === 'shared') {
    const missing = ['PURSER_DATABASE_URL', 'PURSER_SECRETS_FILE'].find((name) => given(env, name) === undefined);
    if (missing !== undefined) {
      throw new CannotStart(
        `PURSER_SANDBOX=shared is for a second process of one wallet, and needs ${missing}: the same as the first has.`,
      );
    }
  }
  if (config.databaseOwnerUrl !== undefined && config.databaseUrl === undefined) {
    throw new CannotStart('PURSER_DATABASE_OWNER_URL is given without PURSER_DATABASE_URL: give both, or neither.');
  }
  if (config.mode === 'live' && given(env, 'PURSER_SECRETS_FILE') === undefined) {
    throw new CannotStart('In live mode the secrets are never made up: name their file with PURSER_SECRETS_FILE.');
  }
}

/** The address by which programs on this machine reach one of ours, whatever it listens on. */
export const shownHost = (config: Pick<Config, 'host'>): string =>
  config.host === '127.0.0.1' || config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host;
