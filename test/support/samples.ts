import { people, type SampleCard, type SamplePerson } from '../../sandbox/samples.ts';

/** The sample person with this name; the sandbox knows them all from its start. */
export function samplePerson(name: string): SamplePerson {
  const found = people.find((person) => person.name === name);
  if (!found) throw new Error(`no sample person ${name}`);
  return found;
}

/** A card of this person in this state, at this bank where that matters. */
export function sampleCard(
  person: SamplePerson,
  wanted: { state?: string; bankCode?: string; note?: RegExp } = {},
): SampleCard {
  const found = person.cards.find(
    (card) =>
      card.state === (wanted.state ?? 'normal') &&
      card.kind === 'debit' &&
      (wanted.bankCode === undefined || card.bankCode === wanted.bankCode) &&
      (wanted.note === undefined || wanted.note.test(card.note)),
  );
  if (!found) throw new Error(`${person.name} has no such card: ${JSON.stringify(wanted)}`);
  return found;
}

export const ming = samplePerson('周明远');
export const wen = samplePerson('林晓雯');
export const mingsCard = sampleCard(ming, { bankCode: 'ICBC' });
