import type { Digest, Envelope } from '../../kernel/envelope.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { IdNumber, PersonName } from '../../kernel/masked.ts';
import type { Database } from '../../database/database.ts';
import { openIdentity } from './person.ts';
import { isIdentityOf } from './record-identity.ts';

/** As two hands write the same name: spaces, dots between its parts and the case of letters do not count. */
const plainName = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/[\s·.'-]/g, '')
    .toLowerCase();

/**
 * Whether this is the name and ID number that the person has proven before. Asks nobody outside. The caller counts the
 * tries, since each answer tells something about a person.
 */
export async function isNamedSo(
  deps: { database: Database; digest: Digest; envelope: Envelope },
  personId: Uuid,
  entry: { name: PersonName; idNumber: IdNumber },
): Promise<boolean> {
  if (!(await isIdentityOf(deps, personId, entry.idNumber))) return false;
  const known = await openIdentity(deps.database.kysely, deps.envelope, personId);
  return known !== undefined && plainName(known.name.reveal()) === plainName(entry.name.reveal());
}
