import type { Uuid } from '../../kernel/ids.ts';
import type { Transaction } from '../../database/database.ts';
import { refusalFrom } from '../../causes/refusal.ts';
import type { JsonObject } from '../../operations/flow.ts';
import { bankNameOf } from '../../policy/banks.ts';

/** What people may find out at a bank: whether it took money from a card, paid money to one, or gave it back. */
export type HandOutcome =
  | ('debited' | 'not_debited' | 'credited' | 'not_credited' | 'returned')
  /** And what they may do with money that is left where its owner cannot use it: pay it to their card, give it back to a
   * wallet that is open, or open the wallet again. */
  | ('paid_out' | 'given_back' | 'reopened')
  /** And what they may do with an account. */
  | ('frozen_security' | 'frozen_by_law' | 'lifted' | 'closed');

/** A reference of this form is one that this wallet made, of whatever it asked a bank for. */
export const isOurReference = (reference: string): boolean => /^[a-z]{2,8}_[0-9a-z]{26}(_r)?$/i.test(reference.trim());

/** Our own reference of the request that undoes a movement. */
export const reversalOf = (reference: string): string => `${reference}_r`;

/** What two people of the operator decided about a movement whose bank left it open. */
export type HandVerdict = {
  decisionId: Uuid;
  outcome: HandOutcome;
  /** By which the bank knows what gave the money back, where it was not our own request. */
  bankReference: string | null;
  operator: string;
  second: string;
};

/** The verdict for a step of an operation, once there is one. */
export type ReadVerdict = (operationKey: Uuid, step: 'reconciling' | 'unreturned') => Promise<HandVerdict | undefined>;

/** Writes down that the bank denies what people found: the case is theirs again. */
export type DenyVerdict = (tx: Transaction, decisionId: Uuid, because: string) => Promise<void>;

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
