import type { Config } from '../config.ts';
import { findCase, listCases, outcomesOf, type Case } from '../features/review/cases.ts';
import {
  confirm,
  propose,
  readDecisions,
  whatBecameOf,
  type Decision,
  type Lapsed,
} from '../features/review/decisions.ts';
import { readCaseFacts, type CaseFacts } from '../features/review/describe-case.ts';
import { countWaitingAccounts } from '../features/review/accounts.ts';
import { isOurReference, reversalOf } from '../features/banks/by-hand.ts';
import { secondMs } from '../kernel/clock.ts';
import { money } from '../kernel/money.ts';
import { operatorOf, readBecause, wordAfter } from './decide.ts';
import { atDesk, type Desk } from './open-desk.ts';
import { command, formatMoney, optionOf, printCase, printCaseWhole } from './print-case.ts';
import { refuse } from './refuse.ts';

type Print = (line: string) => void;
type Finding = Pick<Decision, 'outcome' | 'because' | 'bankReference' | 'cardId'>;

const CARRIED_OUT_WITHIN_MS = 20 * secondMs;

const reviewUse = [
  'review list                                     what only people can end, the most urgent first',
  'review show <case>                              all of one case, and what to do now',
  'review settle <case> --<finding> --because "…"  writes down what the bank says; does nothing yet',
  'review confirm <case> --<finding> --because "…" the same finding by a second person: carries it out',
];

/** `purser review …`: the operator's hand where a bank leaves an outcome open. */
export async function review(config: Config, words: readonly string[], print: Print): Promise<void> {
  const [what = 'list', name, ...options] = words;
  const act = { list, show, settle, confirm: confirmFinding }[what];
  if (!act) throw refuse(`There is no "review ${what}". There is:`, ...reviewUse);
  if (what !== 'list' && name === undefined) throw refuse(`Which case? See: ${command} review list`);
  await atDesk(config, (desk) => act({ desk, config, print }, name ?? '', options));
}

type Context = { desk: Desk; config: Config; print: Print };

async function list({ desk, print }: Context): Promise<void> {
  const cases = await listCases(desk.database);
  const now = desk.clock.now();
  const late = cases.filter(({ promisedUntil }) => promisedUntil !== null && promisedUntil <= now).length;
  print(cases.length === 0 ? 'Nothing waits for people.' : `${cases.length} waiting, ${late} past the word given.`);
  for (const found of cases) {
    print('');
    for (const line of printCase(found, await readCaseFacts(desk.database, found), now)) print(line);
  }
  if (cases[0]) print(`\nNext: ${command} review show ${cases[0].reference}`);
  const accounts = await countWaitingAccounts(desk);
  if (accounts.waiting > 0) print(`\nAccounts that wait as well: ${accounts.waiting}. See: ${command} account list`);
}

async function caseOf(desk: Desk, name: string): Promise<Case> {
  const found = findCase(await listCases(desk.database), name);
  if (!found) throw refuse(`No open case ${name}: it may have ended by itself. See: ${command} review list`);
  return found;
}

async function show({ desk, print }: Context, name: string): Promise<void> {
  const found = await caseOf(desk, name);
  for (const line of printCaseWhole(found, await readCaseFacts(desk.database, found), desk.clock.now())) print(line);
}

function readFinding(found: Case, { cards }: Pick<CaseFacts, 'cards'>, options: readonly string[]): Finding {
  const possible = outcomesOf(found);
  const chosen = possible.filter((outcome) => options.includes(optionOf(outcome)));
  const withValue = ['--because', '--reference', '--card'].filter((name) => options.includes(name));
  const known = [...possible.map(optionOf), ...withValue, ...withValue.map((name) => wordAfter(options, name))];
  const stranger = options.find((option) => !known.includes(option.trim()));
  const [outcome] = chosen;
  if (stranger !== undefined || chosen.length !== 1 || outcome === undefined) {
    throw refuse(`Say what is true of this case, one of ${possible.map(optionOf).join(', ')}.`);
  }
  const because = readBecause(options, 'statement of 22 Nov, line 14, no such debit');
  const bankReference = readReference(found, outcome, options);
  const card = cards.filter(({ last4 }) => last4 === wordAfter(options, '--card'));
  if ((outcome === 'paid_out') !== (card.length === 1)) {
    throw refuse('Name one card that is bound to this wallet by its last digits: --paid-out --card 4566');
  }
  return { outcome, because, bankReference, cardId: card[0]?.id ?? null };
}

/** By which the bank knows what gave the money back, where it was not our own request. */
function readReference(found: Case, outcome: Decision['outcome'], options: readonly string[]): string | null {
  const reference = wordAfter(options, '--reference') || null;
  if (reference === null) return null;
  if (outcome !== 'returned') throw refuse('Only what was returned has a --reference.');
  if (reference.length > 100) throw refuse('A --reference has 100 letters at most, as the bank names it.');
  const own = reversalOf(found.bankReference);
  if (isOurReference(reference) && reference !== own) {
    throw refuse(`${reference} is a reference of ours, and of something else: ours for this return is ${own}.`);
  }
  return reference;
}

const isSame = (a: Omit<Finding, 'because'>, b: Omit<Finding, 'because'>): boolean =>
  a.outcome === b.outcome && a.bankReference === b.bankReference && a.cardId === b.cardId;

async function settle(context: Context, name: string, options: readonly string[]): Promise<void> {
  const { desk, print } = context;
  const operator = await operatorOf(context);
  const found = await caseOf(desk, name);
  const finding = readFinding(found, await readCaseFacts(desk.database, found), options);
  const mine = (await pendingOf(desk, found)).find(
    (decision) => !decision.lapsed && decision.operator === operator && isSame(decision, finding),
  );
  if (!mine) await propose(desk, { operationKey: found.operationKey, about: found.about, operator, ...finding });
  print(
    `Written down: ${operator} found ${optionOf(finding.outcome)} of ${formatMoney(found.amount)}. Nothing has moved yet.`,
  );
  print(
    `A second person confirms it: ${command} review confirm ${found.reference} ${optionOf(finding.outcome)} --because "…"`,
  );
}

/** What waits for a second person, also what has lapsed; what belongs to an earlier round of the case is nothing here. */
const pendingOf = async (desk: Desk, found: Case): Promise<Decision[]> =>
  (await readDecisions(desk.database, found.operationKey)).filter(
    ({ about, confirmed, lapsed }) => about === found.about && !confirmed && lapsed !== 'round',
  );

async function confirmFinding(context: Context, name: string, options: readonly string[]): Promise<void> {
  const { desk, print } = context;
  const operator = await operatorOf(context);
  const found = await caseOf(desk, name);
  const finding = readFinding(found, await readCaseFacts(desk.database, found), options);
  const { outcome, because } = finding;
  const same = (await pendingOf(desk, found)).filter((decision) => isSame(decision, finding));
  const standing = same.filter(({ lapsed }) => !lapsed);
  const decision = standing.find((one) => one.operator !== operator);
  if (!decision) {
    const lapsed = same.findLast((one) => one.lapsed && one.operator !== operator);
    if (standing.length > 0) throw refuse(`You proposed it yourself: somebody else than ${operator} must confirm it.`);
    if (lapsed) throw refuse(whyLapsed(found, lapsed, lapsed.lapsed));
    throw refuse(
      `Nobody has proposed ${optionOf(outcome)} for ${found.reference}. See: ${command} review show ${found.reference}`,
    );
  }
  const bank = found.about === 'left' ? undefined : { bankCode: found.bankCode, reference: found.bankReference };
  const whyNot = await confirm(desk, decision, { operator, because, bank });
  if (whyNot === 'confirmed') throw refuse(`Another decision about ${found.reference} was confirmed before.`);
  if (whyNot) throw refuse(whyLapsed(found, decision, whyNot));
  print(`Decided: ${optionOf(outcome)}, found by ${decision.operator}, confirmed by ${operator}.`);
  print(await awaitOutcome(desk, found, decision));
}

function whyLapsed(found: Case, { operator, amountMinor }: Decision, lapsed: Lapsed | undefined): string {
  const anew = `Write it down anew: ${command} review settle ${found.reference} ...`;
  switch (lapsed) {
    case 'amount': {
      const then = amountMinor === null ? 'another amount' : formatMoney(money(amountMinor, found.amount.currency));
      return `${operator} found it of ${then}, and it is ${formatMoney(found.amount)} now. ${anew}`;
    }
    case 'operator':
      return `${operator} decides nothing any more, so that this counts for nothing. ${anew}`;
    case 'reference':
      return 'That reference has proven another return already: ask the bank which one gave back this money.';
    default:
      return `What ${operator} found belongs to what was decided before. ${anew}`;
  }
}

/** The wallet carries it out; it is worth waiting a moment for that. */
async function awaitOutcome({ database, clock }: Desk, found: Case, decision: Decision): Promise<string> {
  const until = clock.now().getTime() + CARRIED_OUT_WITHIN_MS;
  while (clock.now().getTime() < until) {
    const became = await whatBecameOf(database, decision);
    if (became && 'denied' in became) return `Not carried out, ${became.denied}: ${found.reference} is open again.`;
    if (became) return `Carried out: ${found.reference} is ${became.state}.`;
    await clock.sleep(secondMs / 4);
  }
  return `It will be carried out as soon as the wallet runs. Look again with: ${command} review list`;
}
