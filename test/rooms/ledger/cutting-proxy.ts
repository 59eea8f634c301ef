import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP proxy that can swallow the server's answers: what was asked is carried out, and nobody hears of it. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #swallows = false;
  #swallowed: (() => void) | undefined;
  #mutedBy: string | undefined;
  #target: URL | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(target: string): Promise<{ proxy: CuttingProxy; connectionString: string }> {
    const url = new URL(target);
    const server = createServer();
    const proxy = new CuttingProxy(server);
    proxy.aim(target);
    server.on('connection', (near) => proxy.#join(near));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as { port: number }).port);
    return { proxy, connectionString: url.href };
  }

  /** Where new connections lead from now on. */
  aim(target: string): void {
    this.#target = new URL(target);
  }

  #join(near: Socket): void {
    const far = connect(Number(this.#target?.port), this.#target?.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    near.on('data', (data) => {
      if (this.#mutedBy !== undefined && data.includes(this.#mutedBy)) this.#swallows = true;
      far.write(data);
    });
    far.on('data', (data) => {
      if (this.#swallows) this.#swallowed?.();
      else near.write(data);
    });
  }

  /** Lets requests through and loses every answer for a while, then cuts all connections. */
  loseAnswers(ms: number): Promise<void> {
    return this.loseAnswersUntil(new Promise((resolve) => setTimeout(resolve, ms)));
  }

  /** The same until something has happened. */
  async loseAnswersUntil(happened: Promise<void>): Promise<void> {
    this.#swallows = true;
    await happened;
    this.cut();
    this.#swallows = false;
  }

  /** The same for as long as it takes until an answer is lost. */
  async loseAnAnswer(): Promise<void> {
    const lost = new Promise<void>((resolve) => {
      this.#swallowed = resolve;
    });
    this.#swallows = true;
    await lost;
    this.cut();
    this.#swallows = false;
  }

  /** Loses every answer from the moment on in which somebody says this. */
  muteOn(word: string): void {
    this.#mutedBy = word;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
