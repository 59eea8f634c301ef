import type { Uuid } from '../../kernel/ids.ts';
import { refusalFrom } from '../../causes/refusal.ts';
import type { JsonObject } from '../../operations/flow.ts';
import { bankNameOf } from '../../policy/banks.ts';

/** What people may find out at a bank: whether it took money from a card, paid money to one, or gave it back. */
export type HandOutcome = 'debited' | 'not_debited' | 'credited' | 'not_credited' | 'returned';

/** What two people of the operator decided about a movement whose bank left it open. */
export type HandVerdict = { decisionId: Uuid; outcome: HandOutcome; operator: string; second: string };

/** The verdict for a step of an operation, once there is one. */
export type ReadVerdict = (operationKey: Uuid, step: 'reconciling' | 'unreturned') => Promise<HandVerdict | undefined>;

/** What the history of the operation keeps of it; the reasons stand with the decision. */
export const verdictDetail = ({ decisionId, outcome, operator, second }: HandVerdict): JsonObject => ({
  decisionId,
  outcome,
  operator,
  second,
});

/** What a person is told of a movement that the bank never carried out, as people found out. */
export const notCarriedOut = (bankCode: string) =>
  refusalFrom('operation.checked_not_done', { bank: bankNameOf(bankCode) });
