import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { startSandbox, type TestSandbox } from './sandbox.ts';
import { freePort } from './free-port.ts';

const script = fileURLToPath(new URL('./crash-server.ts', import.meta.url));
const der = (key: KeyObject, type: 'pkcs8' | 'spki') =>
  Buffer.from(key.export({ format: 'der', type: type as 'spki' })).toString('base64');

/** A wallet in a process of its own that can be told when to die, and started again on the same books. */
export class CrashWallet {
  readonly sandbox: TestSandbox;
  readonly database: TestDatabase;
  readonly url: string;
  readonly shopKey: string;
  readonly #orders: string;
  #child: ChildProcess | undefined;

  private constructor(sandbox: TestSandbox, database: TestDatabase, port: number, shopPort: number) {
    this.sandbox = sandbox;
    this.database = database;
    this.url = `http://127.0.0.1:${port}`;
    this.shopKey = `purser_sandbox_${randomBytes(24).toString('base64url')}`;
    this.#orders = JSON.stringify({
      port,
      sandboxPort: Number(new URL(sandbox.url).port),
      shopPort,
      connectionString: database.connectionString,
      ownerConnectionString: database.ownerConnectionString,
      masterKey: randomBytes(32).toString('base64'),
      digestKey: randomBytes(32).toString('base64'),
      partnerPrivateKey: der(sandbox.partnerPrivateKey, 'pkcs8'),
      bankPublicKey: der(sandbox.bankPublicKey, 'spki'),
      shopKey: this.shopKey,
      webhookSecret: `whsec_${randomBytes(24).toString('base64')}`,
    });
  }

  static async open(): Promise<CrashWallet> {
    const port = await freePort();
    const [sandbox, database, shopPort] = await Promise.all([
      startSandbox({ callbackUrl: `http://127.0.0.1:${port}` }),
      createTestDatabase(),
      freePort(),
    ]);
    const wallet = new CrashWallet(sandbox, database, port, shopPort);
    await wallet.start();
    return wallet;
  }

  /** Starts it, as an operator would after a crash. The leases of the dead process are over: time has passed. */
  async start(): Promise<void> {
    await this.asOwner((client) =>
      client.query('update operation set lease_until = null where lease_until is not null'),
    );
    const child = fork(script, [this.#orders], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    await this.#hear('ready');
  }

  /** It dies just before its n-th effect from now on. */
  async arm(at: number): Promise<void> {
    await this.#order({ kind: 'arm', at }, 'armed');
  }
  /** It lives on; how many effects there were. */
  async disarm(): Promise<number> {
    return ((await this.#order({ kind: 'disarm' }, 'counted')) as { counted: number }).counted;
  }

  get alive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.database.ownerConnectionString });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    if (this.alive && this.#child) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await this.sandbox.close();
    await this.database.drop();
  }

  /** One that is about to die may have closed its channel already: then its end is what is heard. */
  #order(order: object, answer: string): Promise<unknown> {
    const heard = this.#hear(answer);
    this.#child?.send(order, () => undefined);
    return heard;
  }

  #hear(kind: string): Promise<unknown> {
    const child = this.#child;
    if (!child || !this.alive) return Promise.reject(new Error('the wallet is not there'));
    return new Promise((resolve, reject) => {
      const done = () => {
        child.off('message', listen);
        child.off('exit', gone);
      };
      const listen = (message: unknown) => {
        if ((message as { kind: string }).kind !== kind) return;
        done();
        resolve(message);
      };
      const gone = () => {
        done();
        reject(new Error(`the wallet ended before it was ${kind}`));
      };
      child.on('message', listen);
      child.on('exit', gone);
    });
  }
}
