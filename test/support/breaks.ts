import { openCardToken } from '../../src/features/cards/card.ts';
import { addOperator } from '../../src/features/review/operators.ts';
import { confirm, propose, type CaseAbout, type Finding } from '../../src/features/review/decisions.ts';
import type { HandOutcome } from '../../src/features/banks/by-hand.ts';
import { receiveNotice } from '../../src/features/banks/receive-notice.ts';
import { addMs, minuteMs } from '../../src/kernel/clock.ts';
import { CNY } from '../../src/kernel/currencies.ts';
import { fromPublicId, toPublicId, uuid, type Uuid } from '../../src/kernel/ids.ts';
import { money } from '../../src/kernel/money.ts';
import { operationKey } from '../../src/operations/operation-key.ts';
import { type Api, newPublicId } from './api.ts';
import { until } from './until.ts';
import { goodPin, type TestWallet } from './wallet.ts';

/** What a bank says against an operation that has ended, and two operators who decide about it. */

/** Begins a movement while the bank is gone, so that it fails; then the bank carries out the request all the same. */
export async function breakOf(
  wallet: TestWallet,
  api: Api,
  { personId, cardId, bankCode, kind, minor }: Movement,
): Promise<{ id: string; key: Uuid }> {
  const id = newPublicId('op');
  const amount = money(minor, CNY);
  await api.start(kind, { cardId, amount: { minor: String(minor), currency: 'CNY' } }, id);
  await wallet.sandbox.setBehaviour(bankCode, { mode: 'down' });
  await api.step(id, 'confirm', { pin: goodPin });
  const ended = await api.settled(id);
  if (ended.state !== 'failed') throw new Error(`it did not fail: ${JSON.stringify(ended)}`);
  await wallet.sandbox.setBehaviour(bankCode, { mode: 'normal' });
  const { database, envelope, rail, clock } = wallet.app.ground;
  const cardToken = await openCardToken(database.kysely, envelope, uuid(fromPublicId('card', cardId) ?? ''));
  const key = operationKey(personId, uuid(fromPublicId('op', id) ?? ''));
  const reference = toPublicId(kind === 'top_up' ? 'tu' : 'wd', key);
  const validUntil = addMs(clock.now(), minuteMs);
  const request = { reference, bankCode, cardToken: cardToken ?? '', amount, validUntil };
  const answer = await (kind === 'top_up' ? rail.debit(request) : rail.credit(request));
  if (answer.outcome !== 'approved') throw new Error(`the bank did not: ${JSON.stringify(answer)}`);
  await receiveNotice(wallet.app.ground, { bankCode, reference, eventId: `late ${id}` });
  await until(async () => {
    const { rows } = await database.pool.query('select 1 from reconciliation_break where operation_key = $1', [key]);
    return rows.length > 0;
  }, 'a break');
  return { id, key };
}
type Movement = { personId: Uuid; cardId: string; bankCode: string; kind: 'top_up' | 'withdraw'; minor: bigint };

/** Two operators find the same. */
export async function decide(
  wallet: TestWallet,
  operationKey: Uuid,
  about: CaseAbout,
  outcome: HandOutcome,
  more: Partial<Pick<Finding, 'bankReference' | 'cardId'>> = {},
) {
  const { ground } = wallet.app;
  for (const name of ['zhang', 'li']) await addOperator(ground, name);
  const finding = { operationKey, about, outcome, because: 'statement, line 14', operator: 'zhang', ...more };
  const id = await propose(ground, finding);
  const whyNot = await confirm(ground, { ...finding, id }, { operator: 'li', because: 'told by telephone' });
  if (whyNot) throw new Error(whyNot === 'confirmed' ? 'another decision was confirmed before' : `lapsed: ${whyNot}`);
}

/** What was decided about money that is left is carried out, and written down as that: another decision may follow. */
export const untilCarriedOut = (wallet: TestWallet): Promise<void> =>
  until(async () => {
    const { rows } = await wallet.app.ground.database.pool.query(
      `select 1 from review_confirmation c join review_decision d on d.id = c.decision_id
       where d.about = 'left'
         and not exists (select 1 from review_booking b where b.decision_id = d.id)
         and not exists (select 1 from review_denial n where n.decision_id = d.id)`,
    );
    return rows.length === 0;
  }, 'the end of what was decided');
