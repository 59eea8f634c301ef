import { transferRefusals, type TransferOutcome, type TransferRefusal } from '../ledger.ts';
import { LedgerBusy, LedgerTooLate, LedgerUnavailable, RidersRefused } from '../ledger-errors.ts';
import { MalformedFrame } from './frames.ts';
import { bigOf, listOf, momentOf, optional, recordOf, textOf, wholeOf } from './wire-values.ts';

/** How the writer's answer travels back. The errors that mean something to callers travel as themselves. */

export type Answer = { no: number } & ({ outcomes: TransferOutcome[][] } | { error: Error });

export const encodeOutcomes = (no: number, outcomes: readonly (readonly TransferOutcome[])[]): unknown => [
  no,
  'done',
  outcomes.map((chain) => chain.map(encodeOutcome)),
];

export function encodeError(no: number, error: unknown): unknown {
  if (error instanceof LedgerBusy) return [no, 'busy', error.waiting];
  if (error instanceof LedgerTooLate) return [no, 'late', null];
  if (error instanceof LedgerUnavailable) return [no, 'unavailable', error.message];
  if (error instanceof RidersRefused) return [no, 'riders', encodeCause(error.cause)];
  return [no, 'fault', error instanceof Error ? error.message : String(error)];
}

export function decodeAnswer(wire: unknown): Answer {
  const [wireNo, kind, content] = listOf(wire);
  const no = wholeOf(wireNo);
  switch (kind) {
    case 'done':
      return { no, outcomes: listOf(content).map((chain) => listOf(chain).map(decodeOutcome)) };
    case 'busy':
      return { no, error: new LedgerBusy(wholeOf(content)) };
    case 'late':
      return { no, error: new LedgerTooLate() };
    case 'unavailable':
      return { no, error: new LedgerUnavailable(textOf(content)) };
    case 'riders':
      return { no, error: new RidersRefused(decodeCause(content)) };
    case 'fault':
      return { no, error: new Error(textOf(content)) };
    default:
      throw new MalformedFrame('an answer of no known kind');
  }
}

function encodeOutcome(outcome: TransferOutcome): unknown {
  if (outcome.outcome === 'refused') return outcome.reason;
  const { seq, at, balances } = outcome;
  const place = [outcome.outcome === 'posted' ? 1 : 0, String(seq), at.getTime()];
  return balances === undefined ? place : [...place, String(balances.debit), String(balances.credit)];
}

const refusals: ReadonlySet<string> = new Set(transferRefusals);

function decodeOutcome(wire: unknown): TransferOutcome {
  if (typeof wire === 'string') {
    if (!refusals.has(wire)) throw new MalformedFrame('a refusal of no known kind');
    return { outcome: 'refused', reason: wire as TransferRefusal };
  }
  const [isNew, seq, at, debit, credit] = listOf(wire);
  return {
    outcome: wholeOf(isNew) === 1 ? 'posted' : 'exists',
    seq: bigOf(seq),
    at: momentOf(at),
    ...(debit === undefined ? {} : { balances: { debit: bigOf(debit), credit: bigOf(credit) } }),
  };
}

/** Of the database's own error what tells which rule was broken. */
const causeFields = ['code', 'table', 'constraint', 'column', 'detail'] as const;

function encodeCause(cause: unknown): unknown {
  const error = cause as Readonly<Record<string, unknown>>;
  const fields = causeFields.map((name) => [name, error[name]]).filter(([, value]) => typeof value === 'string');
  return { message: String(error['message']), ...Object.fromEntries(fields) };
}

function decodeCause(wire: unknown): Error {
  const record = recordOf(wire);
  const fields = causeFields.map((name) => [name, optional(record[name], textOf)]);
  return Object.assign(new Error(textOf(record['message'])), Object.fromEntries(fields));
}
