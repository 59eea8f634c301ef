/**
 * How messages follow each other on a connection: four bytes of length, one byte that says what it is, and JSON. What
 * does not have this form ends the connection.
 */

export const frameKind = { hello: 1, welcome: 2, calls: 3, answers: 4, ping: 5, pong: 6 } as const;
export type FrameKind = (typeof frameKind)[keyof typeof frameKind];
export type Frame = { kind: FrameKind; body: unknown };

const kinds: ReadonlySet<number> = new Set(Object.values(frameKind));
const HEAD = 5;
/** Of a call to the writer and of its answers: some hundred thousand transfers. */
export const MAX_FRAME = 32 * 1024 * 1024;

export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

export function encodeFrame(kind: FrameKind, body: unknown = null): Buffer {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(HEAD + length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt8(kind, 4);
  frame.write(text, HEAD, 'utf8');
  return frame;
}

/** Puts frames together from the pieces in which they arrive; never holds more than one frame of the largest size. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #size = 0;
  /** How long a frame may be at present. */
  maxFrame: number;

  constructor(maxFrame: number) {
    this.maxFrame = maxFrame;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
  }

  /** The next whole frame. Throws `MalformedFrame` for what is none. */
  next(): Frame | undefined {
    if (this.#size < HEAD) return undefined;
    const first = this.#pieces[0]!.length >= HEAD ? this.#pieces[0]! : this.#join();
    const length = first.readUInt32BE(0);
    const kind = first.readUInt8(4);
    if (length > this.maxFrame) throw new MalformedFrame(`a frame of ${length} bytes`);
    if (!kinds.has(kind)) throw new MalformedFrame(`a frame of kind ${kind}`);
    if (this.#size < HEAD + length) return undefined;
    const all = this.#join();
    const text = all.toString('utf8', HEAD, HEAD + length);
    const rest = all.subarray(HEAD + length);
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    return { kind: kind as FrameKind, body: parse(text) };
  }

  #join(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces, this.#size)];
    return this.#pieces[0]!;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MalformedFrame('a frame that is no JSON', { cause: error });
  }
}
