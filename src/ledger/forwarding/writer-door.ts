import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:tls';
import type { Advertisement } from './advertisement.ts';
import { createProvenServer } from './proven-connection.ts';
import { type Hello, Visitor, type VisitorDeps } from './visitor.ts';

export type DoorDeps = Pick<VisitorDeps, 'epoch' | 'desk' | 'check'> &
  Pick<Advertisement, 'secret' | 'host'> & {
    /** 0 for any that is free. */
    port: number;
    onProblem: (error: Error) => void;
  };

/** How long the last answers may take to be fetched. */
const LEAVE_MS = 1_000;

/** Where other processes bring their calls to the one that writes; open for one epoch. */
export class WriterDoor {
  readonly #server: Server;
  readonly #visitors = new Set<Visitor>();
  /** The newest connection of each process. */
  readonly #newest = new Map<string, { connection: number; visitor: Visitor }>();
  readonly #closed: Promise<void>;
  #leaving = false;

  private constructor(deps: DoorDeps) {
    this.#server = createProvenServer(deps, (socket) => {
      const visitor = new Visitor(socket, {
        ...deps,
        admit: (hello, who) => this.#admit(hello, who),
        onGone: (who) => this.#visitors.delete(who),
      });
      this.#visitors.add(visitor);
      if (this.#leaving) visitor.drop();
    });
    this.#closed = new Promise((resolve) => this.#server.once('close', () => resolve()));
  }

  static async open(deps: DoorDeps): Promise<WriterDoor> {
    const door = new WriterDoor(deps);
    door.#server.listen(deps.port, deps.host);
    await once(door.#server, 'listening');
    door.#server.on('error', deps.onProblem);
    return door;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * A process asks again on a new connection what was not answered on the one before. What still lies unread on that
   * one must not be carried out after it: its caller may have heard another outcome by then.
   */
  #admit(hello: Hello, visitor: Visitor): boolean {
    const before = this.#newest.get(hello.process);
    if (before !== undefined && before.connection >= hello.connection) return false;
    before?.visitor.drop();
    this.#newest.set(hello.process, { connection: hello.connection, visitor });
    return true;
  }

  /** Takes nothing new, and answers what was taken. */
  leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#server.close();
    for (const visitor of this.#visitors) visitor.leave();
  }

  /** The epoch is over: what was not answered by now will not be. */
  end(): void {
    const wasLeaving = this.#leaving;
    this.leave();
    for (const visitor of this.#visitors) if (!wasLeaving || visitor.isWaiting) visitor.drop();
  }

  /** Resolves when the last connection is gone; those that do not go by themselves are cut. */
  async closed(): Promise<void> {
    const cut = setTimeout(() => {
      for (const visitor of this.#visitors) visitor.drop();
    }, LEAVE_MS);
    await this.#closed;
    clearTimeout(cut);
  }
}
