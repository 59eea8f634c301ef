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

const moment = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function span(ms: number): string {
  if (ms < hourMs) return `${Math.max(0, Math.floor(ms / minuteMs))} min`;
  return ms < dayMs ? `${Math.floor(ms / hourMs)} h` : `${Math.floor(ms / dayMs)} d`;
}

export const optionOf = (outcome: HandOutcome): string => `--${outcome.replace('_', '-')}`;

const formatMoney = (amount: Money): string => `${amount.currency} ${moneyToDecimal(amount)}`;
const whats = { top_up: 'Top-up', withdraw: 'Withdrawal' } as const;
const whatOf = ({ kind, amount, bankCode, last4 }: Case): string =>
  `${whats[kind]} of ${formatMoney(amount)} ${kind === 'top_up' ? 'from' : 'to'} ${bankNameOf(bankCode).en} ···${last4}`;

const questions: Readonly<Record<Case['about'], (found: Case) => string>> = {
  reconciling: ({ kind }) =>
    kind === 'top_up' ? 'Did the bank take the money from the card?' : 'Did the bank pay the money to the card?',
  unreturned: () => 'The bank took the money for a wallet that is closed. Has it given it back to the card?',
  break: ({ state, theirs }) =>
    `It ended here as ${state}, and the bank now says ${(theirs ?? '').replace('_', ' ')}. What is true?`,
};

const books: Readonly<Record<CaseFacts['book'], string>> = {
  nothing_booked: 'no money is booked',
  held_on_balance: 'the money is held on the balance of the wallet',
  in_suspense: 'the money stands in suspense (account 4001), owed to the card',
  in_the_wallet: 'the money is in the wallet',
  paid_to_card: 'the money is booked as paid to the card',
};

/** What a finding leads to. */
function consequence(found: Case, outcome: HandOutcome): string {
  if (found.about === 'unreturned') return 'suspense is cleared, the top-up ends as given back';
  if (found.about === 'break') {
    switch (correctionFor({ kind: found.kind, state: found.state, outcome })) {
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

/** A case in the list: four lines. */
export function printCase(found: Case, facts: CaseFacts, now: Date): string[] {
  const late = found.promisedUntil !== null && found.promisedUntil <= now;
  const promise = found.promisedUntil
    ? `; the person was promised word by ${moment(found.promisedUntil)}${late ? ', WHICH IS PAST' : ''}`
    : '';
  const waiting = facts.decisions.find((decision) => !decision.confirmed);
  return [
    `${found.reference}  ${whatOf(found)}, ${facts.person.nameMasked} ${facts.person.phoneMasked}`,
    `  waits      since ${moment(found.since)} (${span(now.getTime() - found.since.getTime())})${promise}`,
    `  our book   ${books[facts.book]}`,
    `  the bank   ${lastWordOf(facts)}`,
    ...(waiting ? [`  proposed   ${optionOf(waiting.outcome)} by ${waiting.operator}: waits for a second person`] : []),
  ];
}

const printDecision = ({ outcome, operator, because, decidedAt, confirmed }: Decision): string[] => [
  `  ${moment(decidedAt)}  ${operator} found ${optionOf(outcome)}: ${because}`,
  ...(confirmed ? [`  ${moment(confirmed.at)}  ${confirmed.operator} confirmed it: ${confirmed.because}`] : []),
];

/** All of one case, and what to do now. */
export function printCaseWhole(found: Case, facts: CaseFacts, now: Date): string[] {
  const hotline = findBank(found.bankCode)?.hotline;
  const waiting = facts.decisions.filter((decision) => !decision.confirmed);
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
    `     Ask ${bankNameOf(found.bankCode).en}${hotline ? ` (${hotline})` : ''} about our reference ${found.bankReference}.`,
    ...(waiting.length > 0
      ? [
          '  2. Somebody else than who proposed it writes the same finding with what they saw themselves:',
          ...waiting.map(
            ({ outcome }) => `     ${command} review confirm ${found.reference} ${optionOf(outcome)} --because "..."`,
          ),
        ]
      : [
          '  2. Write down what it says; a second person then confirms it:',
          ...outcomes.map(
            (outcome) =>
              `     ${command} review settle ${found.reference} ${optionOf(outcome).padEnd(15)} --because "..."   ${consequence(found, outcome)}`,
          ),
        ]),
  ];
}
