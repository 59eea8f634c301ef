import { assert } from '../../kernel/assert.ts';
import { idNumber, personName, type IdNumber, type PersonName } from '../../kernel/masked.ts';
import type { RunContext } from '../../operations/flow.ts';

/** Name and number that were typed at the beginning; sealed until here. */
export function openDraft(context: RunContext): { name: PersonName; idNumber: IdNumber } {
  const { name, idNumber: number } = context.draft ?? {};
  assert(typeof name === 'string' && typeof number === 'string', 'the draft keeps name and number');
  return { name: personName(name), idNumber: idNumber(number) };
}
