import type { TLSSocket } from 'node:tls';
import type { WriterDesk } from '../neighbours.ts';
import type { Asked } from '../waiting-calls.ts';
import { encodeError, encodeOutcomes } from './answers-on-the-wire.ts';
import { decodeCall, type BroughtCall } from './calls-on-the-wire.ts';
import { encodeFrame, type Frame, FrameReader, frameKind, MalformedFrame, MAX_FRAME } from './frames.ts';
import { listOf, recordOf, textOf, wholeOf } from './wire-values.ts';

/**
 * Two processes of which one does not know a message of the other, or would name the same transfer otherwise, do not work
 * together. 2: a correction has one id, whether it is set aside or not. 3: a
 * movement says in which counters it is counted.
 */
export const PROTOCOL = 3;
const MAX_HELLO = 1_024;
const HELLO_MS = 5_000;

/** Which process comes, and its how manieth connection this is. */
export type Hello = { process: string; connection: number };

export type VisitorDeps = {
  epoch: number;
  desk: Pick<WriterDesk, 'ask' | 'writesIn'>;
  /** Throws for what would be a bug of a caller here. */
  check: (asked: Asked) => void;
  /** Whether this connection may bring calls; ends the earlier ones of its process. */
  admit: (hello: Hello, visitor: Visitor) => boolean;
  onGone: (visitor: Visitor) => void;
};

/** Another process's connection to the one that writes: brings calls, is told their outcomes. */
export class Visitor {
  readonly #socket: TLSSocket;
  readonly #deps: VisitorDeps;
  readonly #reader = new FrameReader(MAX_HELLO);
  readonly #helloTimer: NodeJS.Timeout;
  #admitted = false;
  #leaving = false;
  #unanswered = 0;
  #answers: unknown[] = [];
  #flushing = false;

  constructor(socket: TLSSocket, deps: VisitorDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#helloTimer = setTimeout(() => this.drop(), HELLO_MS);
    socket.on('data', (piece: Buffer) => this.#take(piece));
    socket.on('drain', () => socket.resume());
    socket.on('error', () => this.drop());
    socket.on('end', () => this.drop());
    socket.on('close', () => {
      clearTimeout(this.#helloTimer);
      deps.onGone(this);
    });
  }

  /** Something it asked is not answered. */
  get isWaiting(): boolean {
    return this.#unanswered > 0;
  }

  /** From here on nothing that it sent counts, not even what has arrived and was not read. */
  drop(): void {
    this.#socket.destroy();
  }

  /** Takes nothing new; the connection ends when all is answered. */
  leave(): void {
    this.#leaving = true;
    if (!this.#flushing) this.#flush();
  }

  #take(piece: Buffer): void {
    if (this.#socket.destroyed) return;
    this.#reader.push(piece);
    try {
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        this.#hear(frame);
        if (this.#socket.destroyed) return;
      }
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      this.drop();
    }
  }

  #hear({ kind, body }: Frame): void {
    if (!this.#admitted) {
      if (kind !== frameKind.hello) throw new MalformedFrame('it does not say who it is');
      this.#welcome(body);
    } else if (kind === frameKind.calls) {
      // All are read before one is asked: a malformed frame changes nothing.
      const calls = listOf(body).map(decodeCall);
      if (this.#leaving) return;
      if (!this.#deps.desk.writesIn(this.#deps.epoch)) this.drop();
      else for (const call of calls) this.#ask(call);
    } else if (kind === frameKind.ping) {
      this.#socket.write(encodeFrame(frameKind.pong));
    } else {
      throw new MalformedFrame(`a frame of kind ${kind} is not for the writer`);
    }
  }

  #welcome(body: unknown): void {
    const hello = recordOf(body);
    const { process, connection } = { process: textOf(hello['process']), connection: wholeOf(hello['connection']) };
    if (wholeOf(hello['protocol']) !== PROTOCOL || !this.#deps.admit({ process, connection }, this)) {
      this.drop();
      return;
    }
    clearTimeout(this.#helloTimer);
    this.#admitted = true;
    this.#reader.maxFrame = MAX_FRAME;
    this.#socket.write(encodeFrame(frameKind.welcome));
  }

  #ask({ no, size, asked }: BroughtCall): void {
    this.#unanswered += 1;
    try {
      this.#deps.check(asked);
    } catch (error) {
      this.#answer(encodeError(no, error));
      return;
    }
    this.#deps.desk.ask(asked, size).then(
      (outcomes) => this.#answer(encodeOutcomes(no, outcomes)),
      (error: unknown) => this.#answer(encodeError(no, error)),
    );
  }

  /** A commit answers many at once: their answers travel together. */
  #answer(answer: unknown): void {
    this.#unanswered -= 1;
    this.#answers.push(answer);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const answers = this.#answers;
    this.#answers = [];
    if (this.#socket.destroyed) return;
    const goesOn = answers.length === 0 || this.#socket.write(encodeFrame(frameKind.answers, answers));
    // Who does not fetch its answers brings nothing new until it does.
    if (!goesOn) this.#socket.pause();
    if (this.#leaving && this.#unanswered === 0) this.#socket.end();
  }
}
