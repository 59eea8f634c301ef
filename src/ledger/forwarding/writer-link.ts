import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import type { Call } from '../waiting-calls.ts';
import type { Advertisement } from './advertisement.ts';
import { type Answer, decodeAnswer } from './answers-on-the-wire.ts';
import { encodeCall } from './calls-on-the-wire.ts';
import { encodeFrame, type Frame, FrameReader, frameKind, MalformedFrame, MAX_FRAME } from './frames.ts';
import { connectProven } from './proven-connection.ts';
import { type Hello, PROTOCOL } from './visitor.ts';
import { listOf } from './wire-values.ts';

/** Transfers under way on one connection; the rest waits here, where its number is bounded. */
const MAX_UNDER_WAY = 16_384;
/** Looks without a word from the writer after which the connection is taken for dead. */
const MAX_SILENT_LOOKS = 12;

export type LinkEvents = {
  onAnswer: (call: Call, answer: Answer) => void;
  /** After the answers that arrived together. */
  onRoom: () => void;
  /** Once, with the calls of which nobody knows what became of them, in the order in which they were asked. */
  onLost: (calls: Call[], reason: Error) => void;
};

/** This process's connection to the one that writes. */
export class WriterLink {
  readonly epoch: number;
  readonly #socket: TLSSocket;
  readonly #events: LinkEvents;
  readonly #reader = new FrameReader(MAX_FRAME);
  readonly #underWay = new Map<number, Call>();
  #transfers = 0;
  #silentLooks = 0;
  #welcomed: (() => void) | undefined;
  #lost = false;

  private constructor(epoch: number, socket: TLSSocket, events: LinkEvents) {
    this.epoch = epoch;
    this.#socket = socket;
    this.#events = events;
    let problem: Error | undefined;
    socket.on('data', (piece: Buffer) => this.#take(piece));
    socket.on('drain', () => events.onRoom());
    socket.on('error', (error) => {
      problem = error;
    });
    socket.on('close', () => this.#lose(problem ?? new Error('the writer has ended the connection')));
  }

  /** Resolves when the writer takes calls; rejects when it does not within the time. */
  static async open(to: Advertisement, hello: Hello, timeoutMs: number, events: LinkEvents): Promise<WriterLink> {
    const socket = connectProven(to);
    const timer = setTimeout(() => socket.destroy(new Error('the writer does not answer')), timeoutMs);
    try {
      await once(socket, 'secureConnect');
      const link = new WriterLink(to.epoch, socket, events);
      socket.write(encodeFrame(frameKind.hello, { protocol: PROTOCOL, ...hello }));
      await new Promise<void>((resolve, reject) => {
        link.#welcomed = resolve;
        socket.once('close', () => reject(new Error('the writer does not welcome this process')));
      });
      return link;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get hasRoom(): boolean {
    return !this.#lost && this.#transfers < MAX_UNDER_WAY && !this.#socket.writableNeedDrain;
  }
  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  send(calls: readonly Call[]): void {
    for (const call of calls) {
      this.#underWay.set(call.no, call);
      this.#transfers += call.size;
    }
    const frame = encodeFrame(frameKind.calls, calls.map(encodeCall));
    this.#socket.write(frame);
  }

  underWay(): Iterable<Call> {
    return this.#underWay.values();
  }

  /**
   * Called at intervals. Counts looks and not time: who was frozen itself finds what arrived meanwhile before it takes
   * the writer for dead.
   */
  look(): void {
    this.#silentLooks += 1;
    if (this.#silentLooks > MAX_SILENT_LOOKS) this.#socket.destroy(new Error('the writer is silent'));
    else this.#socket.write(encodeFrame(frameKind.ping));
  }

  /** Ends it; before this returns `onLost` has what was not answered. */
  cut(reason: string): void {
    this.#lose(new Error(reason));
    this.#socket.destroy();
  }

  #lose(reason: Error): void {
    if (this.#lost) return;
    this.#lost = true;
    const calls = [...this.#underWay.values()];
    this.#underWay.clear();
    this.#events.onLost(calls, reason);
  }

  #take(piece: Buffer): void {
    if (this.#lost) return;
    this.#silentLooks = 0;
    this.#reader.push(piece);
    try {
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        this.#hear(frame);
        if (this.#lost) return;
      }
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      this.#socket.destroy(error);
    }
  }

  #hear({ kind, body }: Frame): void {
    if (kind === frameKind.welcome) this.#welcomed?.();
    else if (kind === frameKind.answers) this.#hearAnswers(listOf(body).map(decodeAnswer));
    else if (kind !== frameKind.pong) throw new MalformedFrame(`a frame of kind ${kind} is not for a follower`);
  }

  #hearAnswers(answers: readonly Answer[]): void {
    for (const answer of answers) {
      const call = this.#underWay.get(answer.no);
      if (call === undefined) throw new MalformedFrame('an answer to nothing');
      this.#underWay.delete(answer.no);
      this.#transfers -= call.size;
      this.#events.onAnswer(call, answer);
    }
    this.#events.onRoom();
  }
}
