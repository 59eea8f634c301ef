import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Envelope } from '../../kernel/envelope.ts';
import { toPublicId, type Uuid } from '../../kernel/ids.ts';
import { refusal, refusalFrom } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import { recogniseCard } from '../../policy/card-bins.ts';
import type { BankRail } from '../../ports/bank-rail.ts';
import { bankNameOf } from '../../policy/banks.ts';
import { readAnswer } from '../banks/read-answer.ts';
import { findCard, openCardToken } from './card.ts';

export type RecognisedCard = { bankCode: string; kind: 'debit' | 'credit'; length: number; supported: boolean };

/** What the first digits of a card number say, for showing its bank while it is typed; null when nobody knows. */
export function lookUpCard(prefix: string, supportedBanks: readonly string[]): RecognisedCard | null {
  const bin = recogniseCard(prefix);
  if (!bin) return null;
  const kind = bin.kind === 'debit' ? 'debit' : 'credit';
  return {
    bankCode: bin.bankCode,
    kind,
    length: bin.length,
    supported: kind === 'debit' && supportedBanks.includes(bin.bankCode),
  };
}

/**
 * Removes a card: the bank forgets the token first. Causes: `operation.not_found`, `operation.previous_unsettled` while
 * money over it is on its way, `bank.unreachable`.
 */
export async function removeCard(
  deps: { database: Database; clock: Clock; envelope: Envelope; rail: BankRail },
  personId: Uuid,
  cardId: Uuid,
): Promise<void> {
  const db = deps.database.kysely;
  const card = await findCard(db, personId, cardId);
  if (!card) throw refusal('operation.not_found');
  const busy = await sql<{ deadline_at: Date }>`
    select deadline_at from operation
    where owner_id = ${personId} and ended_at is null and state <> 'needs_you' and data ->> 'cardId' = ${cardId}`.execute(
    db,
  );
  const until = busy.rows[0]?.deadline_at;
  if (until) throw refusal('operation.previous_unsettled', { params: { until }, retryAt: until });
  const token = await openCardToken(db, deps.envelope, cardId);
  assert(token !== undefined, 'a bound card has its token');
  const answer = await deps.rail.removeBinding({
    reference: toPublicId('rc', cardId),
    bankCode: card.bankCode,
    cardToken: token,
  });
  const verdict = readAnswer(answer, {
    rail: deps.rail.name,
    bankCode: card.bankCode,
    flow: 'manage_card',
    movesMoney: false,
    known: { last4: card.last4 },
  });
  // A bank that knows no such binding has forgotten it already; any other no leaves the token alive there, so the card stays.
  const isForgotten = verdict.verdict === 'declined' && verdict.failure.code === 'card.binding_broken';
  if (verdict.verdict === 'declined' && !isForgotten) throw verdict.failure;
  if (verdict.verdict !== 'approved' && !isForgotten) {
    throw refusalFrom('bank.unreachable', { bank: bankNameOf(card.bankCode) });
  }
  await sql`update card set removed_at = ${deps.clock.now()} where id = ${cardId} and removed_at is null`.execute(db);
}
