import type { CauseFlow, RawCode } from './cause.ts';
import { type CauseCode, causeCodes, causeOf } from './registry.ts';

export type RawAnswer = {
  readonly rail: string;
  readonly institution: string;
  readonly flow: CauseFlow;
  readonly rawCode: string;
};

const keyOf = (rail: string, institution: string, flow: string, code: string): string =>
  [rail, institution, flow, code].join('\u0000');

const ANY = '*';

function indexRawCodes(): ReadonlyMap<string, CauseCode> {
  const index = new Map<string, CauseCode>();
  for (const code of causeCodes) {
    for (const raw of causeOf(code).raw as readonly RawCode[]) {
      index.set(keyOf(raw.rail, raw.institution?.toLowerCase() ?? ANY, raw.flow ?? ANY, raw.code), code);
    }
  }
  return index;
}

const byRawCode = indexRawCodes();

/** The cause that a raw code is mapped to, the most exact entry first; `undefined` when nobody mapped it. */
export function findMappedCause({ rail, institution, flow, rawCode }: RawAnswer): CauseCode | undefined {
  const bank = institution.toLowerCase();
  return (
    byRawCode.get(keyOf(rail, bank, flow, rawCode)) ??
    byRawCode.get(keyOf(rail, bank, ANY, rawCode)) ??
    byRawCode.get(keyOf(rail, ANY, flow, rawCode)) ??
    byRawCode.get(keyOf(rail, ANY, ANY, rawCode))
  );
}

/**
 * The cause of an outside party's raw answer. The same code means different things at different institutions,
 * so it is looked up by rail, institution, flow and code. A code that nobody mapped on a step that may have
 * moved money leaves the outcome unknown (`bank.answer_unclear`); elsewhere it is a no without a reason.
 */
export function causeOfRawCode(answer: RawAnswer, mayHaveMovedMoney: boolean): CauseCode {
  return findMappedCause(answer) ?? (mayHaveMovedMoney ? 'bank.answer_unclear' : 'bank.declined_unspecified');
}
