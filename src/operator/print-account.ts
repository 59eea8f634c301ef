import { possibleOf, type AccountOutcome } from '../features/review/account-decisions.ts';
import type { AccountFacts } from '../features/review/accounts.ts';
import type { Decision } from '../features/review/decisions.ts';
import { toPublicId } from '../kernel/ids.ts';
import { isPositive } from '../kernel/money.ts';
import { command, formatMoney, moment, span } from './print-case.ts';

/** Plain lines about an account for whoever has its owner on the telephone. Names and numbers are masked. */

export const verbs = { lifted: 'lift', closed: 'close', reopened: 'reopen' } as const;
export const optionOfAct = (outcome: AccountOutcome): string => `--${verbs[outcome]}`;

/** What one of two wrote down, and the other can still confirm. */
export const isWaiting = ({ about, outcome, confirmed, lapsed }: Decision): boolean =>
  about === 'account' && Object.hasOwn(verbs, outcome) && !confirmed && !lapsed;

type Act = AccountFacts['acts'][number];

function nameOf({ person }: AccountFacts): string {
  const { nameMasked, idNumberMasked, phoneMasked, balanceAccount } = person;
  const who = nameMasked ? `${nameMasked}, ID ${idNumberMasked}` : 'nobody verified';
  return `${toPublicId('acc', person.id)}  wallet ${balanceAccount}, ${who}, ${phoneMasked}`;
}

/** Who did it and why, of operators both of the two. */
function whoDid({ by, decisionId }: Act, { decisions }: AccountFacts): string {
  if (by === 'owner') return 'by its owner, in the app';
  if (by === 'wallet') return 'by the wallet itself';
  const decision = decisions.find(({ id }) => id === decisionId);
  if (!decision) return 'by two people, for the money in it';
  const second = decision.confirmed && ` and ${decision.confirmed.operator} ("${decision.confirmed.because}")`;
  return `by ${decision.operator} ("${decision.because}")${second ?? ''}`;
}

const stateOf = (state: string, cause: string | null): string =>
  state === 'normal' ? 'open' : `${state} (${cause ?? 'no cause'})`;

function standingLine(facts: AccountFacts, now: Date): string {
  const { accountState: state, accountCause: cause } = facts.person;
  const last = facts.acts.at(-1);
  if (!last) return `${stateOf(state, cause)}${state === 'normal' ? '' : '; since when was not written down'}`;
  const since = `${moment(last.at)} (${span(now.getTime() - last.at.getTime())})`;
  return `${stateOf(state, cause)} since ${since}, ${whoDid(last, facts)}`;
}

function promiseLine({ person }: AccountFacts, now: Date): string[] {
  const { accountReviewAt: until } = person;
  if (!until) return [];
  return [`  answer     promised by ${moment(until)}${until <= now ? ', WHICH IS PAST' : ''}`];
}

function ledgerLine({ person, inBooks, available, held }: AccountFacts): string {
  const onItsWay = isPositive(held) ? `, ${formatMoney(held)} on its way to a bank` : '';
  const stops = person.accountState === 'frozen' || person.accountState === 'closed';
  const word = inBooks
    ? stops
      ? 'refuses what leaves it'
      : 'stops nothing'
    : person.accountState === 'closed'
      ? 'closes it once nothing is on its way'
      : 'NOT YET AS IT SAYS ABOVE: does the wallet run?';
  return `  ledger     ${word}; ${formatMoney(available)} in it${onItsWay}`;
}

/** An account in the list: a few lines. */
export function printAccount(facts: AccountFacts, now: Date): string[] {
  return [
    nameOf(facts),
    `  state      ${standingLine(facts, now)}`,
    ...promiseLine(facts, now),
    ...facts.decisions
      .filter(isWaiting)
      .map(
        ({ outcome, operator }) =>
          `  proposed   ${outcome === 'lifted' ? 'to lift it' : outcome === 'closed' ? 'to close it' : 'to open it again'} by ${operator}: waits for a second person`,
      ),
  ];
}

const actLine = (act: Act, facts: AccountFacts): string =>
  `  ${moment(act.at)}  ${stateOf(act.state, act.cause)}${act.authority ? `, ${act.authority}` : ''}, ${whoDid(act, facts)}`;

const verbOf = (outcome: string): string => verbs[outcome as AccountOutcome] ?? outcome;

const writtenLine = ({ outcome, operator, because, decidedAt, denied, lapsed }: Decision): string => {
  const end = denied ? `; could not be carried out: ${denied.because}` : lapsed ? ' (counts no more)' : '';
  return `  ${moment(decidedAt)}  ${operator} asked to ${verbOf(outcome)} it: ${because}${end}`;
};

/** What lifts each stop; what its owner can do alone comes first. */
function whatLifts({ person, left }: AccountFacts): string[] {
  switch (person.accountCause) {
    case null:
      return [];
    case 'account.frozen_by_you':
      return [
        'its owner, in the app: name, ID number and payment PIN. If they deny having frozen it, freeze it for security',
      ];
    case 'account.frozen_by_law':
      return [`two of you, with the release of ${person.accountAuthority ?? 'the authority'} in hand`];
    case 'account.closed':
      return [
        left.length > 0 ? 'two of you, with the money that waits: see below' : 'two of you, when its owner asks for it',
      ];
    default:
      return ['two of you, once each has seen that it is its owner who asks'];
  }
}

function toDo(facts: AccountFacts): string[] {
  const { person, decisions, left } = facts;
  const id = toPublicId('acc', person.id);
  const standing = { state: person.accountState, cause: person.accountCause };
  const waiting = decisions.filter(isWaiting);
  if (waiting.length > 0) {
    return [
      '  Somebody else than who proposed it sees for themselves, and writes:',
      ...waiting.map(({ outcome }) => `  ${command} account confirm ${id} --${verbOf(outcome)} --because "…"`),
    ];
  }
  const money = left.map(
    ({ reference, amount }) => `  ${command} review show ${reference}   ${formatMoney(amount)} waits for people`,
  );
  const possible = left.length > 0 ? [] : possibleOf(standing);
  return [
    ...money,
    ...(person.accountState !== 'normal' && person.accountCause !== 'account.frozen_by_you'
      ? []
      : [`  ${command} account freeze ${id} --security --because "…"   at once, by one of you`]),
    ...possible.map((outcome) => `  ${command} account ${verbs[outcome]} ${id} --because "…"   takes two`),
  ];
}

/** All of one account, and what to do now. */
export function printAccountWhole(facts: AccountFacts, now: Date): string[] {
  const { told, acts, decisions } = facts;
  const written = decisions.filter(
    ({ id, about }) => about === 'account' && !acts.some(({ decisionId }) => decisionId === id),
  );
  return [
    ...printAccount(facts, now),
    ledgerLine(facts),
    ...(told
      ? [
          `  told       ${told.title}. ${told.text}`,
          `             ${told.chinese}`,
          `  for you    ${told.supportHint}`,
          ...whatLifts(facts).map((line) => `  lifted by  ${line}`),
        ]
      : []),
    ...(acts.length > 0 ? ['', 'What was done', ...acts.map((act) => actLine(act, facts))] : []),
    ...(written.length > 0 ? ['', 'What was asked for', ...written.map(writtenLine)] : []),
    '',
    'To do',
    ...toDo(facts),
  ];
}
