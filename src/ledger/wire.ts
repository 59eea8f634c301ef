import type { Uuid } from '../kernel/ids.ts';
import type { ByteWriter } from './byte-writer.ts';

/**
 * Messages of PostgreSQL's extended protocol. Everything of a batch is written as one run of messages with one Sync
 * at its end: the server takes it as one transaction, which an error anywhere in it undoes whole.
 */

const code = (letter: string): number => letter.charCodeAt(0);
const PARSE = code('P');
const BIND = code('B');
const EXECUTE = code('E');
const FLUSH = code('H');
const SYNC = code('S');
const COPY_DATA = code('d');
const COPY_DONE = code('c');

/** Type oids of PostgreSQL. */
export const oid = {
  int2: 21,
  int4: 23,
  int8: 20,
  uuid: 2950,
  timestamptz: 1184,
  int2Array: 1005,
  int4Array: 1007,
  int8Array: 1016,
  uuidArray: 2951,
  timestamptzArray: 1185,
} as const;

function message(writer: ByteWriter, type: number, sizeHint: number, body: () => void): void {
  writer.reserve(sizeHint + 64);
  writer.byte(type);
  const start = writer.length;
  writer.int4(0);
  body();
  writer.setInt4(start, writer.length - start);
}

export function writeParse(writer: ByteWriter, name: string, sql: string, types: readonly number[]): void {
  message(writer, PARSE, name.length + sql.length * 2 + types.length * 4, () => {
    writer.text(name);
    writer.text(sql);
    writer.int2(types.length);
    for (const type of types) writer.int4(type);
  });
}

/** `write` writes the value without its length; where it answers `null` it has written nothing. */
export type Parameter = { size: number; write(writer: ByteWriter): unknown };

export function writeBind(writer: ByteWriter, name: string, parameters: readonly Parameter[]): void {
  const size = parameters.reduce((sum, parameter) => sum + parameter.size + 4, 0);
  message(writer, BIND, name.length + size, () => {
    writer.text('');
    writer.text(name);
    writer.int2(1);
    writer.int2(1);
    writer.int2(parameters.length);
    for (const parameter of parameters) {
      const at = writer.length;
      writer.int4(0);
      const isNull = parameter.write(writer) === null;
      writer.setInt4(at, isNull ? -1 : writer.length - at - 4);
    }
    writer.int2(1);
    writer.int2(1);
  });
}

export function writeExecute(writer: ByteWriter): void {
  message(writer, EXECUTE, 8, () => {
    writer.text('');
    writer.int4(0);
  });
}

/** What was answered until here is sent at once, and not only with the Sync. */
export function writeFlush(writer: ByteWriter): void {
  message(writer, FLUSH, 0, () => undefined);
}

export function writeSync(writer: ByteWriter): void {
  message(writer, SYNC, 0, () => undefined);
}

const COPY_SIGNATURE = [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00];

/** All rows of a binary COPY as one message, and its end. */
export function writeCopy(writer: ByteWriter, rows: number, rowSize: number, row: (index: number) => void): void {
  message(writer, COPY_DATA, rows * rowSize + 32, () => {
    for (const byte of COPY_SIGNATURE) writer.byte(byte);
    writer.int4(0);
    writer.int4(0);
    for (let i = 0; i < rows; i += 1) row(i);
    writer.int2(-1);
  });
  message(writer, COPY_DONE, 0, () => undefined);
}

const ARRAY_HEADER_SIZE = 20;

/** A one-dimensional array; `write` writes one element without its length, or answers `null` having written nothing. */
export function arrayOf<T>(
  type: number,
  elementSize: number,
  items: readonly T[],
  write: (writer: ByteWriter, item: T) => unknown,
): Parameter {
  return {
    size: ARRAY_HEADER_SIZE + items.length * (elementSize + 4),
    write(writer) {
      writer.int4(1);
      writer.int4(1);
      writer.int4(type);
      writer.int4(items.length);
      writer.int4(1);
      for (const item of items) {
        const at = writer.length;
        writer.int4(elementSize);
        if (write(writer, item) === null) writer.setInt4(at, -1);
      }
    },
  };
}

export const int8 = (value: number): Parameter => ({ size: 8, write: (writer) => writer.int8FromNumber(value) });
export const bigInt8 = (value: bigint): Parameter => ({ size: 8, write: (writer) => writer.int8(value) });
export const int4 = (value: number): Parameter => ({ size: 4, write: (writer) => writer.int4(value) });
export const int2 = (value: number): Parameter => ({ size: 2, write: (writer) => writer.int2(value) });
export const optionalUuid = (id: Uuid | undefined): Parameter => ({
  size: 16,
  write: (writer) => (id === undefined ? null : writer.uuid(id)),
});
export const timestamptz = (atMs: number): Parameter => ({ size: 8, write: (writer) => writer.timestamp(atMs) });
