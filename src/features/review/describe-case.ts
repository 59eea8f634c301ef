import { sql } from 'kysely';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database } from '../../database/database.ts';
import { transfersOf } from '../../ledger/read-ledger.ts';
import type { Transfer } from '../../ledger/ledger.ts';
import { transferCodes } from '../books/chart.ts';
import { loadPerson } from '../people/person.ts';
import type { Case } from './cases.ts';
import { readDecisions, type Decision } from './decisions.ts';

/** All that somebody who has to decide about a case wants to know. */
export type CaseFacts = {
  /** Whose, as little of it as is needed. */
  person: { nameMasked: string; phoneMasked: string; accountState: string };
  /** Where its money stands by our book. */
  book: 'nothing_booked' | 'held_on_balance' | 'in_suspense' | 'in_the_wallet' | 'left_in_wallet' | 'paid_to_card';
  transfers: readonly Transfer[];
  /** The bank's last words to us; `undefined` when it never said anything. */
  lastWord: { at: Date; event: string; cause: string | null; rawCode: string | null } | undefined;
  /** How often it was asked without an outcome. */
  timesAsked: number;
  decisions: readonly Decision[];
  /** Of money that is left: where it can go. */
  cards: readonly { id: Uuid; bankCode: string; last4: string }[];
};

export async function readCaseFacts(database: Database, found: Case): Promise<CaseFacts> {
  const [person, transfers, words, decisions, cards] = await Promise.all([
    loadPerson(database.kysely, found.personId),
    transfersOf(database.pool, found.operationKey),
    readWords(database, found),
    readDecisions(database, found.operationKey),
    found.about === 'left' ? readCards(database, found.personId) : [],
  ]);
  return {
    person: {
      nameMasked: person.nameMasked ?? 'not verified',
      phoneMasked: person.phoneMasked,
      accountState: person.accountState,
    },
    book: whereMoneyStands(found, transfers),
    transfers,
    ...words,
    decisions: decisions.filter(({ about }) => about === found.about),
    cards,
  };
}

async function readCards(database: Database, personId: Uuid): Promise<CaseFacts['cards']> {
  const found = await sql<{ id: string; bank_code: string; last4: string }>`
    select id, bank_code, last4 from card where person_id = ${personId} and kind = 'debit' and removed_at is null
    order by bound_at desc`.execute(database.kysely);
  return found.rows.map((row) => ({ id: uuid(row.id), bankCode: row.bank_code, last4: row.last4 }));
}

function whereMoneyStands(found: Case, transfers: readonly Transfer[]): CaseFacts['book'] {
  if (found.kind === 'wallet') return 'left_in_wallet';
  const has = (code: number, kind: Transfer['kind']) =>
    transfers.some((transfer) => transfer.code === code && transfer.kind === kind);
  if (has(transferCodes.toReturn, 'post') && !has(transferCodes.returned, 'post')) return 'in_suspense';
  if (has(transferCodes.topUp, 'post')) return 'in_the_wallet';
  if (has(transferCodes.withdrawal, 'post_pending')) return 'paid_to_card';
  if (has(transferCodes.withdrawal, 'pending') && !has(transferCodes.withdrawal, 'void_pending'))
    return 'held_on_balance';
  return found.theirs === null || found.state !== 'succeeded' ? 'nothing_booked' : 'in_the_wallet';
}

type Word = { at: Date; event: string; cause: string | null; raw_code: string | null };

async function readWords(database: Database, found: Case): Promise<Pick<CaseFacts, 'lastWord' | 'timesAsked'>> {
  const said = await sql<Word & { times: bigint }>`
    select at, event, cause, detail ->> 'rawCode' as raw_code, count(*) over () as times
    from operation_event
    where operation_key = ${found.operationKey}
      and event in ('asked_bank', 'bank_silent', 'bank_refused', 'bank_agreed', 'returned_to_card')
    order by detail ->> 'rawCode' is null and cause is null, seq desc limit 1`.execute(database.kysely);
  const word = said.rows[0];
  return {
    lastWord: word && { at: word.at, event: word.event, cause: word.cause, rawCode: word.raw_code },
    timesAsked: Number(word?.times ?? 0n),
  };
}
