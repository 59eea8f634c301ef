import { dayMs, hourMs, minuteMs } from '../kernel/clock.ts';
import { moneyToDecimal, type Money } from '../kernel/money.ts';
import { bankNameOf, findBank } from '../policy/banks.ts';
import { outcomesOf, type Case } from '../features/review/cases.ts';
import type { HandOutcome } from '../features/banks/by-hand.ts';
import type { CaseFacts } from '../features/review/describe-case.ts';
import type { Decision } from '../features/review/decisions.ts';
import { correctionFor } from '../features/review/correct-books.ts';

/** Plain lines for somebody who is called at night: what it is, what is known, what to do next. */

/** How a command begins that can be copied as it stands. */
export const command = 'npm run -s purser --';

export const moment = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export function span(ms: number): string {
  if (ms < hourMs) return `${Math.max(0, Math.floor(ms / minuteMs))} min`;
  return ms < dayMs ? `${Math.floor(ms / hourMs)} h` : `${Math.floor(ms / dayMs)} d`;
}

export const optionOf = (outcome: HandOutcome): string => `--${outcome.replaceAll('_', '-')}`;

export const formatMoney = (amount: Money): string => `${amount.currency} ${moneyToDecimal(amount)}`;
const whats = { top_up: 'Top-up', withdraw: 'Withdrawal' } as const;
const whatOf = ({ kind, amount, bankCode, last4 }: Case): string =>
  kind === 'wallet'
    ? `${formatMoney(amount)} in a closed wallet`
    : `${whats[kind]} of ${formatMoney(amount)} ${kind === 'top_up' ? 'from' : 'to'} ${bankNameOf(bankCode).en} ···${last4}`;

const questions: Readonly<Record<Case['about'], (found: Case) => string>> = {
  reconciling: ({ kind }) =>
    kind === 'top_up' ? 'Did the bank take the money from the card?' : 'Did the bank pay the money to the card?',
  unreturned: () => 'The bank took the money for a wallet that is closed. Has it given it back to the card?',
  left: ({ kind }) =>
    `${kind === 'wallet' ? 'It was left when the wallet was closed.' : 'It came when the wallet was closed.'} Which card of its owner is it paid to, or is the wallet opened again?`,
  break: ({ state, theirs }) =>
    `It ended here as ${state}, and the bank now says ${(theirs ?? '').replace('_', ' ')}. What is true?`,
};

const books: Readonly<Record<CaseFacts['book'], string>> = {
  nothing_booked: 'no money is booked',
  held_on_balance: 'the money is held on the balance of the wallet',
  in_suspense: 'the money stands in suspense (account 4001), owed to the card',
  in_the_wallet: 'the money is in the wallet',
  left_in_wallet: 'the money stands on the balance of the closed wallet',
  paid_to_card: 'the money is booked as paid to the card',
};

/** What a finding leads to. */
function consequence({ about, kind, state }: Case, outcome: HandOutcome): string {
  if (about === 'unreturned') return 'if the bank says so too, suspense is cleared and the top-up ends as given back';
  if (about === 'left') {
    if (outcome === 'reopened') return 'the wallet is open for its owner again, with this money in it';
    return outcome === 'paid_out' ? 'a withdrawal to that card' : 'booked to the wallet, if it is open again';
  }
  if (about === 'break' && kind !== 'wallet') {
    switch (correctionFor({ kind, state, outcome })) {
      case 'none':
        return 'our books are right, nothing is booked';
      case 'give_to_customer':
        return 'the money is booked to the wallet';
      case 'take_from_house':
        return 'the customer keeps it; booked to differences (account 4002)';
    }
  }
  switch (outcome) {
    case 'debited':
      return 'the money is booked to the wallet';
    case 'credited':
      return 'the held money is booked as paid';
    default:
      return 'what was reserved is released, the person is told that it did not happen';
  }
}

function lastWordOf({ lastWord, timesAsked }: CaseFacts): string {
  if (!lastWord) return 'it has said nothing to us so far';
  const word = lastWord.rawCode ? `said ${lastWord.rawCode}` : (lastWord.cause ?? lastWord.event);
  return `last ${word} at ${moment(lastWord.at)}; asked ${timesAsked} times`;
}

const cardsOf = ({ cards }: CaseFacts): string =>
  cards.length === 0
    ? 'none is bound: two people can open the wallet again (--reopened), for its owner to bind one'
    : cards.map(({ bankCode, last4 }) => `${bankNameOf(bankCode).en} ···${last4}`).join(', ');

const decidedOf = ({ decisions }: CaseFacts): Decision | undefined =>
  decisions.find(({ confirmed, denied, isBooked }) => confirmed && !denied && !isBooked);

/** A case in the list: four lines. */
export function printCase(found: Case, facts: CaseFacts, now: Date): string[] {
  const late = found.promisedUntil !== null && found.promisedUntil <= now;
  const promise = found.promisedUntil
    ? `; the person was promised word by ${moment(found.promisedUntil)}${late ? ', WHICH IS PAST' : ''}`
    : '';
  const waiting = facts.decisions.find((decision) => !decision.confirmed && !decision.lapsed);
  const denied = facts.decisions.findLast((decision) => decision.denied)?.denied;
  return [
    `${found.reference}  ${whatOf(found)}, ${facts.person.nameMasked} ${facts.person.phoneMasked}`,
    `  waits      ${found.since ? `since ${moment(found.since)} (${span(now.getTime() - found.since.getTime())})` : 'since it was closed'}${promise}`,
    `  our book   ${books[facts.book]}`,
    ...(found.about === 'left' ? [`  cards      ${cardsOf(facts)}`] : [`  the bank   ${lastWordOf(facts)}`]),
    ...(denied ? [`  denied     ${moment(denied.at)}: ${denied.because}`] : []),
    ...(decidedOf(facts) ? ['  decided    by two people; it is carried out as soon as the bank says so too'] : []),
    ...(waiting ? [`  proposed   ${optionOf(waiting.outcome)} by ${waiting.operator}: waits for a second person`] : []),
  ];
}

const printDecision = ({ outcome, operator, because, decidedAt, lapsed, confirmed, denied }: Decision): string[] => [
  `  ${moment(decidedAt)}  ${operator} found ${optionOf(outcome)}: ${because}${lapsed && !confirmed ? ' (counts no more)' : ''}`,
  ...(confirmed ? [`  ${moment(confirmed.at)}  ${confirmed.operator} confirmed it: ${confirmed.because}`] : []),
  ...(denied ? [`  ${moment(denied.at)}  could not be carried out: ${denied.because}`] : []),
];

const OTHER_REFERENCE =
  '     If it gave the money back by a request that was not ours, add the reference it has at the bank: --reference ...';

const optionWith = (outcome: HandOutcome, { cards }: CaseFacts): string =>
  outcome === 'paid_out' ? `${optionOf(outcome)} --card ${cards[0]?.last4 ?? '...'}` : optionOf(outcome);

/** All of one case, and what to do now. */
export function printCaseWhole(found: Case, facts: CaseFacts, now: Date): string[] {
  const hotline = findBank(found.bankCode)?.hotline;
  const waiting = facts.decisions.filter((decision) => !decision.confirmed && !decision.lapsed);
  const outcomes = outcomesOf(found);
  return [
    ...printCase(found, facts, now),
    `  case       ${found.id}; wallet ${facts.person.accountState}; begun ${moment(found.startedAt)}`,
    `  booked     ${facts.transfers.length === 0 ? 'nothing' : ''}`,
    ...facts.transfers.map(
      (made) =>
        `             ${moment(made.at)}  ${made.kind.padEnd(12)} ${made.amount} minor units from ${made.debitAccountId} to ${made.creditAccountId} (code ${made.code}, ${made.id})`,
    ),
    ...(facts.decisions.length > 0 ? ['', 'Found so far', ...facts.decisions.flatMap(printDecision)] : []),
    '',
    'To do',
    `  1. ${questions[found.about](found)}`,
    found.about === 'left'
      ? '     Ask the owner, and see that the card is theirs.'
      : `     Ask ${bankNameOf(found.bankCode).en}${hotline ? ` (${hotline})` : ''} about our reference ${found.bankReference}.`,
    ...(found.about === 'unreturned' ? [OTHER_REFERENCE] : []),
    ...(waiting.length > 0
      ? [
          '  2. Somebody else than who proposed it writes the same finding with what they saw themselves:',
          ...waiting.map(
            ({ outcome }) =>
              `     ${command} review confirm ${found.reference} ${optionWith(outcome, facts)} --because "..."`,
          ),
        ]
      : [
          '  2. Write down what it says; a second person then confirms it:',
          ...outcomes.map(
            (outcome) =>
              `     ${command} review settle ${found.reference} ${optionWith(outcome, facts).padEnd(15)} --because "..."   ${consequence(found, outcome)}`,
          ),
        ]),
  ];
}
