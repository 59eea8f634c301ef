import type { Config } from '../config.ts';
import { findOperator } from '../features/review/operators.ts';
import { findCase, listCases, outcomesOf, type Case } from '../features/review/cases.ts';
import { confirm, propose, readDecisions, stateAfter, type Decision } from '../features/review/decisions.ts';
import { readCaseFacts } from '../features/review/describe-case.ts';
import type { HandOutcome } from '../features/banks/by-hand.ts';
import { secondMs } from '../kernel/clock.ts';
import { atDesk, type Desk } from './open-desk.ts';
import { command, optionOf, printCase, printCaseWhole } from './print-case.ts';
import { refuse } from './refuse.ts';

type Print = (line: string) => void;
type Finding = { outcome: HandOutcome; because: string };

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
  await atDesk(config, print, (desk) => act({ desk, config, print }, name ?? '', options));
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

/** Who decides, by the token in the environment. */
async function operatorOf({ desk, config }: Context): Promise<string> {
  const { operatorToken } = config;
  if (!operatorToken) {
    throw refuse('Who are you? Set PURSER_OPERATOR_TOKEN to your token; "operator add <name>" gives one.');
  }
  const operator = await findOperator(desk, operatorToken);
  if (operator === undefined) throw refuse('PURSER_OPERATOR_TOKEN is nobody’s: it was mistyped, or taken back.');
  return operator;
}

function readFinding(found: Case, options: readonly string[]): Finding {
  const possible = outcomesOf(found);
  const chosen = possible.filter((outcome) => options.includes(optionOf(outcome)));
  const at = options.indexOf('--because');
  const because = at < 0 ? '' : (options[at + 1] ?? '').trim();
  const known = [...possible.map(optionOf), '--because', options[at + 1]];
  const stranger = options.find((option) => !known.includes(option));
  const [outcome] = chosen;
  if (stranger !== undefined || chosen.length !== 1 || outcome === undefined) {
    throw refuse(`Say what is true of this case, one of ${possible.map(optionOf).join(', ')}.`);
  }
  if (because.length < 10 || because.length > 500) {
    throw refuse('Say how you know, in 10 to 500 letters: --because "statement of 22 Nov, line 14, no such debit"');
  }
  return { outcome, because };
}

async function settle(context: Context, name: string, options: readonly string[]): Promise<void> {
  const { desk, print } = context;
  const operator = await operatorOf(context);
  const found = await caseOf(desk, name);
  const finding = readFinding(found, options);
  const mine = (await pendingOf(desk, found)).find(
    (decision) => decision.operator === operator && decision.outcome === finding.outcome,
  );
  if (!mine) await propose(desk, { operationKey: found.operationKey, about: found.about, operator, ...finding });
  print(`Written down: ${operator} found ${optionOf(finding.outcome)}. Nothing has moved yet.`);
  print(
    `A second person confirms it: ${command} review confirm ${found.reference} ${optionOf(finding.outcome)} --because "…"`,
  );
}

const pendingOf = async (desk: Desk, found: Case): Promise<Decision[]> =>
  (await readDecisions(desk.database, found.operationKey)).filter(
    ({ about, confirmed }) => about === found.about && !confirmed,
  );

async function confirmFinding(context: Context, name: string, options: readonly string[]): Promise<void> {
  const { desk, print } = context;
  const operator = await operatorOf(context);
  const found = await caseOf(desk, name);
  const { outcome, because } = readFinding(found, options);
  const same = (await pendingOf(desk, found)).filter((decision) => decision.outcome === outcome);
  const decision = same.find((one) => one.operator !== operator);
  if (!decision) {
    throw refuse(
      same.length > 0
        ? `You proposed it yourself: somebody else than ${operator} must confirm it.`
        : `Nobody has proposed ${optionOf(outcome)} for ${found.reference}. See: ${command} review show ${found.reference}`,
    );
  }
  const bank = { bankCode: found.bankCode, reference: found.bankReference };
  if (!(await confirm(desk, decision, { operator, because, bank }))) {
    throw refuse(`Another decision about ${found.reference} was confirmed before.`);
  }
  print(`Decided: ${optionOf(outcome)}, found by ${decision.operator}, confirmed by ${operator}.`);
  print(await awaitOutcome(desk, found, decision));
}

/** The wallet carries it out; it is worth waiting a moment for that. */
async function awaitOutcome({ database, clock }: Desk, found: Case, decision: Decision): Promise<string> {
  const until = clock.now().getTime() + CARRIED_OUT_WITHIN_MS;
  while (clock.now().getTime() < until) {
    const state = await stateAfter(database, decision);
    if (state !== undefined) return `Carried out: ${found.reference} is ${state}.`;
    await clock.sleep(secondMs / 4);
  }
  return `It will be carried out as soon as the wallet runs. Look again with: ${command} review list`;
}
