import { hash } from '@node-rs/argon2';
import { sql } from 'kysely';
import { connectDatabase, type Database } from '../src/database/database.ts';
import {
  accountId,
  balanceAccount,
  bankClearingAccount,
  houseAccounts,
  transferCodes,
} from '../src/features/books/chart.ts';
import { findMerchant, saveMerchant } from '../src/features/merchants/merchant.ts';
import { recordIdentity } from '../src/features/people/record-identity.ts';
import { pinCost, pinMaterial } from '../src/features/security/pin-rules.ts';
import { newToken, sessionLife, tokenDigest } from '../src/features/sessions/session-rules.ts';
import { addMs, systemClock } from '../src/kernel/clock.ts';
import { createDigest, createEnvelope, type Digest, type Envelope } from '../src/kernel/envelope.ts';
import { deriveId, newId } from '../src/kernel/ids.ts';
import { idNumber, personName, phone, pin, secret } from '../src/kernel/masked.ts';
import { systemRandom } from '../src/kernel/random.ts';
import type { Ledger } from '../src/ledger/ledger.ts';
import { openLedger } from '../src/ledger/open-ledger.ts';
import type { Secrets } from '../src/secrets.ts';

/** A person of the load: signed in on a device of their own, with an address of its own. */
export type LoadPerson = {
  token: string;
  pin: string;
  phone: string;
  address: string;
  /** The API key of a merchant of theirs; only some have one. */
  merchantKey?: string;
};

const BALANCE_FEN = 100_000_000n;
const CHANNELS = ['id_photo', 'bank_a', 'bank_b', 'bank_c', 'operator'];
const PIN = '394817';
const AT_ONCE = 8;
const MERCHANTS = 16;

type Ground = { database: Database; ledger: Ledger; digest: Digest; envelope: Envelope };

/**
 * Opens wallets as the flows would have left them: verified through five channels, with a payment PIN of their own
 * hash, a session with a bearer token, and a balance that came by a transfer in the ledger.
 */
export async function makePeople(
  { connectionString, secrets }: { connectionString: string; secrets: Secrets },
  count: number,
): Promise<LoadPerson[]> {
  const database = connectDatabase({ connectionString, applicationRole: true, max: AT_ONCE });
  const ledger = await openLedger({ connectionString, clock: systemClock });
  const ground: Ground = {
    database,
    ledger,
    digest: createDigest({ key: secrets.digestKey }),
    envelope: createEnvelope({ masterKeys: secrets.masterKeys, random: systemRandom }),
  };
  try {
    await ledger.createAccounts(houseAccounts);
    const people: LoadPerson[] = [];
    for (let from = 0; from < count; from += AT_ONCE) {
      const indexes = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, offset) => from + offset);
      people.push(...(await Promise.all(indexes.map((index) => makePerson(ground, index)))));
    }
    return people;
  } finally {
    await ledger.close();
    await database.close();
  }
}

async function makePerson(ground: Ground, index: number): Promise<LoadPerson> {
  const { database, ledger, digest, envelope } = ground;
  const personId = newId(systemClock, systemRandom);
  const now = systemClock.now();
  const number = phone(`+86139${String(10_000_000 + index)}`);
  const made = await sql<{ balance_account: bigint }>`
    insert into person (id, phone_sealed, phone_digest, phone_masked, language, balance_account, created_at)
    values (${personId}, ${envelope.seal(number.reveal(), `person.phone:${personId}`)},
      ${digest('person.phone', number.reveal())}, ${number.mask}, 'en', nextval('account_number'), ${now})
    returning balance_account`.execute(database.kysely);
  const account = made.rows[0]?.balance_account ?? 0n;
  await database.transaction((tx) =>
    recordIdentity(ground, tx, {
      personId,
      name: personName('测试员'),
      idNumber: idNumber(`11010119900101${String(index).padStart(4, '0')}`),
      channels: CHANNELS,
      at: now,
    }),
  );
  await ledger.createAccounts([balanceAccount(account)]);
  await ledger.post([
    [
      {
        id: deriveId(personId, 'first money'),
        kind: 'post',
        code: transferCodes.topUp,
        debitAccountId: bankClearingAccount('ICBC'),
        creditAccountId: accountId(account),
        amount: BALANCE_FEN,
      },
    ],
  ]);
  const pinHash = await hash(pinMaterial(digest, personId, pin(PIN)), pinCost);
  await sql`insert into payment_pin (person_id, pin_hash, set_at, changed_at)
    values (${personId}, ${pinHash}, ${now}, ${now})`.execute(database.kysely);
  await sql`insert into small_payment (person_id, currency, up_to_minor, set_at)
    values (${personId}, 'CNY', 20000, ${now})`.execute(database.kysely);
  const token = newToken(systemRandom);
  const expiresAt = addMs(now, sessionLife.person.wholeMs);
  await sql`
    insert into session (id, visitor_id, person_id, operation_id, token_digest, kind, device, created_at, last_seen_at,
      idle_until, expires_at)
    values (${newId(systemClock, systemRandom)}, ${newId(systemClock, systemRandom)}, ${personId},
      ${newId(systemClock, systemRandom)}, ${tokenDigest(token)}, 'bearer', 'load', ${now}, ${addMs(now, 1)},
      ${addMs(now, sessionLife.person.idleMs)}, ${expiresAt})`.execute(database.kysely);
  const person = { token, pin: PIN, phone: number.reveal(), address: `127.1.${index >> 8}.${index & 255}` };
  return index < MERCHANTS ? { ...person, merchantKey: await makeMerchant(ground, index) } : person;
}

/** A merchant with money to pay out. */
async function makeMerchant(ground: Ground, index: number): Promise<string> {
  const id = newId(systemClock, systemRandom);
  const key = `purser_sandbox_${newToken(systemRandom)}`;
  const [apiKey, webhookSecret] = [secret(key), secret('whsec_c2VjcmV0')];
  const merchant = { id, name: `Merchant ${index}`, apiKey, webhookUrl: 'http://127.0.0.1:9/', webhookSecret };
  await saveMerchant({ ...ground, clock: systemClock }, merchant);
  const found = await findMerchant(ground.database.kysely, id);
  await ground.ledger.post([
    [
      {
        id: deriveId(id, 'first money'),
        kind: 'post',
        code: transferCodes.topUp,
        debitAccountId: bankClearingAccount('ICBC'),
        creditAccountId: accountId(found?.balanceAccount ?? 0n),
        amount: BALANCE_FEN,
      },
    ],
  ]);
  return key;
}
