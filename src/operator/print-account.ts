import { possibleOf, type AccountOutcome } from '../features/review/account-decisions.ts';
import type { AccountFacts } from '../features/review/accounts.ts';
import { BY_ONESELF, LAW, SECURITY, type Stop } from '../features/people/account-stops.ts';
import type { Difference } from '../features/people/compare-books.ts';
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
function whoDid({ by, decisionId }: Pick<Act, 'by' | 'decisionId'>, { decisions }: AccountFacts): string {
  if (by === 'owner') return 'by its owner, in the app';
  if (by === 'wallet') return 'by the wallet itself';
  const decision = decisions.find(({ id }) => id === decisionId);
  if (!decision) return 'by two people, for the money in it';
  const second = decision.confirmed && ` and ${decision.confirmed.operator} ("${decision.confirmed.because}")`;
  return `by ${decision.operator} ("${decision.because}")${second ?? ''}`;
}

const stateOf = (state: string, cause: string | null, authority: string | null = null): string =>
  state === 'normal' ? 'open' : `${state} (${cause ?? 'no cause'}${authority === null ? '' : `, ${authority}`})`;

/** How a stop is named in a command; nothing where there is no other. */
export function optionOfStop(stop: Stop, stops: readonly Stop[]): string {
  if (stops.length < 2) return '';
  const alike = stops.filter(({ cause }) => cause === stop.cause).length > 1;
  if (stop.cause === SECURITY) return ' --security';
  if (stop.cause === BY_ONESELF) return ' --own';
  if (stop.cause !== LAW) return ` --cause ${stop.cause}`;
  return alike ? ` --by-law --authority "${stop.authority ?? ''}"` : ' --by-law';
}

/** Each stop by itself; the first is what its owner is told. */
function standingLines(facts: AccountFacts, now: Date): string[] {
  const { stops, acts } = facts;
  const ago = (at: Date) => `since ${moment(at)} (${span(now.getTime() - at.getTime())})`;
  const last = acts.at(-1);
  if (stops.length === 0) return [`  state      open${last ? ` ${ago(last.at)}, ${whoDid(last, facts)}` : ''}`];
  return stops.flatMap((stop, at) => [
    `  ${at === 0 ? 'state' : 'and  '}      ${stateOf(stop.state, stop.cause, stop.authority)} ${ago(stop.since)}, ${whoDid(stop, facts)}`,
    ...promiseLine(stop, now),
  ]);
}

function promiseLine({ reviewAt: until }: Stop, now: Date): string[] {
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

/** What one of two wants, with the stop that it is about where there are several. */
function wantedOf({ outcome, stopId }: Decision, { stops }: AccountFacts): string {
  const stop = stops.length > 1 ? stops.find(({ id }) => id === stopId) : undefined;
  if (outcome !== 'lifted') return outcome === 'closed' ? 'to close it' : 'to open it again';
  return stop ? `to lift ${stateOf(stop.state, stop.cause, stop.authority)}` : 'to lift it';
}

/** An account in the list: a few lines. */
export function printAccount(facts: AccountFacts, now: Date): string[] {
  return [
    nameOf(facts),
    ...standingLines(facts, now),
    ...facts.decisions
      .filter(isWaiting)
      .map(
        (decision) => `  proposed   ${wantedOf(decision, facts)} by ${decision.operator}: waits for a second person`,
      ),
  ];
}

const actLine = (act: Act, facts: AccountFacts): string =>
  `  ${moment(act.at)}  ${whatWasDone(act)}, ${whoDid(act, facts)}`;

function whatWasDone({ done, state, cause, authority }: Act): string {
  if (!done || state === 'normal') return stateOf(state, cause, authority);
  const beside = done.cause === cause ? '' : `, beside ${cause}`;
  if (done.act !== 'ended') return `${stateOf(done.state, done.cause, done.authority)}${beside}`;
  const named = done.authority === null ? done.cause : `${done.cause}, ${done.authority}`;
  return `${named} lifted; still ${stateOf(state, cause, authority)}`;
}

const verbOf = (outcome: string): string => verbs[outcome as AccountOutcome] ?? outcome;

const writtenLine = ({ outcome, operator, because, decidedAt, denied, lapsed }: Decision): string => {
  const end = denied ? `; could not be carried out: ${denied.because}` : lapsed ? ' (counts no more)' : '';
  return `  ${moment(decidedAt)}  ${operator} asked to ${verbOf(outcome)} it: ${because}${end}`;
};

/** What lifts each stop; what its owner can do alone comes first. */
function whatLifts({ stops, left }: AccountFacts): string[] {
  return stops.map((stop) => {
    const which = stops.length > 1 ? `${stop.cause}: ` : '';
    return which + whatLiftsOne(stop, left.length > 0);
  });
}

function whatLiftsOne({ cause, authority }: Stop, hasLeft: boolean): string {
  switch (cause) {
    case BY_ONESELF:
      return 'its owner, in the app: name, ID number and payment PIN. If they deny having frozen it, freeze it for security';
    case LAW:
      return `two of you, with the release of ${authority ?? 'the authority'} in hand`;
    case 'account.closed':
      return hasLeft ? 'two of you, with the money that waits: see below' : 'two of you, when its owner asks for it';
    default:
      return 'two of you, once each has seen that it is its owner who asks';
  }
}

function toDo(facts: AccountFacts): string[] {
  const { person, decisions, left, stops } = facts;
  const id = toPublicId('acc', person.id);
  const waiting = decisions.filter(isWaiting);
  if (waiting.length > 0) {
    return [
      '  Somebody else than who proposed it sees for themselves, and writes:',
      ...waiting.map(
        (one) => `  ${command} account confirm ${id} --${verbOf(one.outcome)}${whichOf(one, stops)} --because "…"`,
      ),
    ];
  }
  const money = left.map(
    ({ reference, amount }) => `  ${command} review show ${reference}   ${formatMoney(amount)} waits for people`,
  );
  const possible = left.length > 0 ? [] : possibleOf({ state: person.accountState, stops });
  const isOver = person.accountState === 'closed' || stops.some(({ cause }) => cause === SECURITY);
  return [
    ...money,
    ...(isOver ? [] : [`  ${command} account freeze ${id} --security --because "…"   at once, by one of you`]),
    ...possible.flatMap((outcome) =>
      (outcome === 'lifted' ? stops.map((stop) => optionOfStop(stop, stops)) : ['']).map(
        (which) => `  ${command} account ${verbs[outcome]} ${id}${which} --because "…"   takes two`,
      ),
    ),
  ];
}

const whichOf = ({ stopId }: Decision, stops: readonly Stop[]): string => {
  const stop = stops.find(({ id }) => id === stopId);
  return stop ? optionOfStop(stop, stops) : '';
};

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

export const saysRow = (state: string): string => (state === 'normal' || state === 'limited' ? 'open' : state);

/** Accounts that are in the ledger not what they are here. */
export function printDifferences(found: readonly Difference[]): string[] {
  const wrong = found.filter(({ isWaiting }) => !isWaiting);
  const waiting = found.length - wrong.length;
  return [
    wrong.length === 0
      ? 'The ledger stops what is stopped here, and nothing else.'
      : `In the ledger otherwise than here: ${wrong.length}. A wallet that runs brings it there within a minute.`,
    ...wrong.map(
      ({ personId, inRow, inLedger, inBooks }) =>
        `  ${toPublicId('acc', personId)}  ${saysRow(inRow)} here, ${inLedger} in the ledger${inBooks ? '' : '; on its way there'}`,
    ),
    ...(waiting === 0
      ? []
      : [`Closed here, and frozen in the ledger until a bank has ended what is on its way: ${waiting}.`]),
  ];
}
