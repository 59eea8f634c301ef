import type { Rider, RiderValue } from '../../database/rider.ts';
import { transferKind, type AnyTransfer, type TransferKind } from '../books.ts';
import type { AccountId, Count, Counter } from '../ledger.ts';
import type { Asked, Call } from '../waiting-calls.ts';
import { MalformedFrame } from './frames.ts';
import { bigOf, listOf, momentOf, optional, recordOf, textOf, wholeOf } from './wire-values.ts';

/** How a call travels to the writer: as lists, because names would be most of it. */

export type BroughtCall = { no: number; size: number; asked: Asked };

/** `call.lookUp`: an earlier try may have been carried out. */
export function encodeCall(call: Call): unknown {
  const again = call.lookUp ? 1 : 0;
  if (call.kind === 'state') {
    return [call.no, again, 'state', String(call.accountId), call.state.frozen ?? null, call.state.closed ?? null];
  }
  const chains = call.chains.map((chain) => chain.map(encodeTransfer));
  const before = call.before?.getTime() ?? null;
  if (call.riders === undefined) return [call.no, again, 'post', before, chains];
  return [call.no, again, 'post', before, chains, call.riders.map((ofChain) => ofChain.map(encodeRider))];
}

/** What another process asks. The form of each value is right; what the values mean is for the ledger to check. */
export function decodeCall(wire: unknown): BroughtCall {
  const [no, again, kind, ...rest] = listOf(wire);
  const brought = { bound: true, lookUp: wholeOf(again) === 1 };
  if (kind === 'state') {
    const [accountId, frozen, closed] = rest;
    const state = { ...flag('frozen', frozen), ...flag('closed', closed) };
    return {
      no: wholeOf(no),
      size: 1,
      asked: { kind, accountId: bigOf(accountId) as AccountId, state, ...brought },
    };
  }
  if (kind !== 'post') throw new MalformedFrame('a call of no known kind');
  const [before, wireChains, wireRiders] = rest;
  const chains = listOf(wireChains).map((chain) => listOf(chain).map(decodeTransfer));
  const riders = optional(wireRiders, (all) => listOf(all).map((ofChain) => listOf(ofChain).map(decodeRider)));
  return {
    no: wholeOf(no),
    size: chains.reduce((sum, chain) => sum + chain.length, 0),
    asked: { kind, chains, before: optional(before, momentOf), riders, ...brought },
  };
}

function flag<K extends string>(name: K, value: unknown): Partial<Record<K, boolean>> {
  if (value === null) return {};
  if (typeof value !== 'boolean') throw new MalformedFrame('a flag is missing');
  return { [name]: value } as Partial<Record<K, boolean>>;
}

function encodeTransfer(transfer: AnyTransfer): unknown {
  const { kind, id, code, operationId = null } = transfer;
  if (kind === 'void_pending' || kind === 'expire') return [kind, id, code, operationId, transfer.pendingId];
  if (kind === 'post_pending') {
    const { pendingId, amount } = transfer;
    return [kind, id, code, operationId, pendingId, amount === undefined ? null : String(amount)];
  }
  const { debitAccountId, creditAccountId, amount, expiresAt, counts } = transfer;
  return [
    kind,
    id,
    code,
    operationId,
    String(debitAccountId),
    String(creditAccountId),
    String(amount),
    expiresAt?.getTime() ?? null,
    counts?.map(({ counter, upTo }) => [counter, String(upTo)]) ?? null,
  ];
}

const isKind = (kind: unknown): kind is TransferKind => typeof kind === 'string' && Object.hasOwn(transferKind, kind);

function decodeTransfer(wire: unknown): AnyTransfer {
  const [kind, id, code, operationId, first, second, third, fourth, fifth] = listOf(wire);
  if (!isKind(kind)) throw new MalformedFrame('a transfer of no known kind');
  const base = {
    id: textOf(id) as AnyTransfer['id'],
    code: wholeOf(code),
    ...(operationId === null ? {} : { operationId: textOf(operationId) as AnyTransfer['id'] }),
  };
  if (kind === 'post' || kind === 'pending') {
    return {
      kind,
      ...base,
      debitAccountId: bigOf(first) as AccountId,
      creditAccountId: bigOf(second) as AccountId,
      amount: bigOf(third),
      ...(fourth === null ? {} : { expiresAt: momentOf(fourth) }),
      ...(fifth === null ? {} : { counts: listOf(fifth).map(decodeCount) }),
    };
  }
  const pendingId = textOf(first) as AnyTransfer['id'];
  if (kind !== 'post_pending') return { kind, ...base, pendingId };
  return { kind, ...base, pendingId, ...(second === null ? {} : { amount: bigOf(second) }) };
}

function decodeCount(wire: unknown): Count {
  const [counter, upTo] = listOf(wire);
  return { counter: wholeOf(counter) as Counter, upTo: bigOf(upTo) };
}

const encodeRider = ({ table, values }: Rider): unknown => [table, values.map(encodeRiderValue)];

/** What JSON has no form for is a record of one letter; texts with gaps are lists already. */
function encodeRiderValue(value: RiderValue): unknown {
  if (typeof value === 'bigint') return { n: String(value) };
  if (value instanceof Date) return { t: value.getTime() };
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('base64') };
  return value;
}

function decodeRider(wire: unknown): Rider {
  const [table, values] = listOf(wire);
  return { table: textOf(table), values: listOf(values).map(decodeRiderValue) };
}

const gaps = ['seq', 'debitBalance', 'debitBalanceBefore', 'creditBalance', 'creditBalanceBefore'] as const;

function decodeRiderValue(wire: unknown): RiderValue {
  if (wire === null || typeof wire === 'string' || typeof wire === 'number') return wire;
  if (Array.isArray(wire)) return wire.map(decodeGap);
  const record = recordOf(wire);
  if ('n' in record) return bigOf(record['n']);
  if ('t' in record) return momentOf(record['t']);
  return Buffer.from(textOf(record['b']), 'base64');
}

function decodeGap(part: unknown): string | { of: number; is: (typeof gaps)[number] } {
  if (typeof part === 'string') return part;
  const record = recordOf(part);
  const is = gaps.find((gap) => gap === record['is']);
  if (is === undefined) throw new MalformedFrame('a gap of no known kind');
  return { of: wholeOf(record['of']), is };
}
