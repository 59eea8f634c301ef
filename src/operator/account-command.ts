import type { Config } from '../config.ts';
import {
  freezeByOperator,
  possibleOf,
  type AccountOutcome,
  type Freeze,
} from '../features/review/account-decisions.ts';
import {
  awaitInBooks,
  findAccount,
  isLate,
  listWaitingAccounts,
  readAccountFacts,
  type AccountFacts,
} from '../features/review/accounts.ts';
import { BY_ONESELF, LAW, SECURITY, type Stop } from '../features/people/account-stops.ts';
import { readDifferences, readFoundDifferences } from '../features/people/compare-books.ts';
import { confirm, propose, whatBecameOf, type Decision } from '../features/review/decisions.ts';
import { addMs, dayMs, secondMs } from '../kernel/clock.ts';
import { toPublicId } from '../kernel/ids.ts';
import { isPositive } from '../kernel/money.ts';
import { operatorOf, readBecause, wordAfter } from './decide.ts';
import { atDesk, type Desk } from './open-desk.ts';
import {
  isWaiting,
  optionOfAct,
  optionOfStop,
  printAccount,
  printAccountWhole,
  printDifferences,
  saysRow,
  verbs,
} from './print-account.ts';
import { command, formatMoney, moment } from './print-case.ts';
import { refuse } from './refuse.ts';

type Print = (line: string) => void;
type Context = { desk: Desk; config: Config; print: Print };

const CARRIED_OUT_WITHIN_MS = 20 * secondMs;
/** By when somebody whose account was frozen to be safe has an answer. */
const ANSWER_WITHIN_DAYS = 3;
const LONGEST_DAYS = 90;

const accountUse = [
  'account show <account>                        its state, why, and what to do; by phone number, wallet number or acc_…',
  'account list                                  what waits for a second person, or for the answer that was promised',
  'account compare                               whether the ledger stops what is stopped here, and nothing else',
  'account freeze <account> --security --because "…" [--days 3]',
  'account freeze <account> --by-law --authority "…" --because "…" [--days 30]   at once, by one of you',
  'account lift <account> --because "…"          writes down that a freeze may end; does nothing yet. Of several one:',
  '     --security | --by-law [--authority "…"] | --own | --cause account.…',
  'account close <account> --because "…"         the same for closing it; what is in it then goes to its owner’s card',
  'account reopen <account> --because "…"        the same for opening an empty closed one',
  'account confirm <account> --lift|--close|--reopen --because "…"   the same by a second person: carries it out',
];

/** `purser account …`: what support does when somebody’s account is stopped, or has to be. */
export async function account(config: Config, words: readonly string[], print: Print): Promise<void> {
  const [what = '', name, ...options] = words;
  const act = {
    ...{ list, show, compare, freeze, confirm: confirmAct },
    ...{ lift: write('lifted'), close: write('closed'), reopen: write('reopened') },
  }[what];
  if (!act) throw refuse(what === '' ? 'There is:' : `There is no "account ${what}". There is:`, ...accountUse);
  if (what !== 'list' && what !== 'compare' && (name === undefined || name.startsWith('--'))) {
    throw refuse(
      `Whose? Give the phone number as they say it, the wallet number, or acc_…: account ${what} 13800136021`,
    );
  }
  await atDesk(config, (desk) => act({ desk, config, print }, name ?? '', options));
}

async function accountOf({ desk }: Context, name: string): Promise<AccountFacts> {
  const found = await findAccount(desk, name);
  if (found) return readAccountFacts(desk, found.id);
  throw refuse(
    `Nobody has "${name}". Give the phone number as they say it (13800136021, or +44…), the wallet number, or acc_….`,
  );
}

async function show(context: Context, name: string): Promise<void> {
  const facts = await accountOf(context, name);
  for (const line of printAccountWhole(facts, context.desk.clock.now())) context.print(line);
}

async function list({ desk, print }: Context): Promise<void> {
  const waiting = await listWaitingAccounts(desk.database);
  const now = desk.clock.now();
  const late = waiting.filter((one) => isLate(one, now)).length;
  print(
    waiting.length === 0 ? 'No account waits for people.' : `${waiting.length} waiting, ${late} past the word given.`,
  );
  for (const { personId } of waiting) {
    print('');
    for (const line of printAccount(await readAccountFacts(desk, personId), now)) print(line);
  }
  const [first] = waiting;
  if (first) print(`\nNext: ${command} account show ${toPublicId('acc', first.personId)}`);
  const differ = (await readDifferences(desk.database)).filter(({ isWaiting }) => !isWaiting).length;
  if (differ > 0) print(`\nIn the ledger otherwise than here: ${differ}. See: ${command} account compare`);
}

/** The ledger beside the rows of people: what differs now, and what was found before. */
async function compare({ desk, print }: Context): Promise<void> {
  for (const line of printDifferences(await readDifferences(desk.database))) print(line);
  const found = await readFoundDifferences(desk.database, 10);
  if (found.total === 0) return;
  print(`\nFound and put right before: ${found.total}. The last of them:`);
  for (const { personId, inRow, inLedger, at } of found.newest) {
    print(`  ${moment(at)}  ${toPublicId('acc', personId)}  ${saysRow(inRow)} here, ${inLedger} in the ledger`);
  }
}

/** What is given after the account, each of it known. */
function checkOptions(options: readonly string[], flags: readonly string[], withValue: readonly string[]): void {
  const values = withValue.filter((name) => options.includes(name)).map((name) => options.indexOf(name) + 1);
  const stranger = options.find(
    (word, at) => !flags.includes(word) && !withValue.includes(word) && !values.includes(at),
  );
  if (stranger !== undefined) throw refuse(`"${stranger}" is not understood here. There is:`, ...accountUse);
}

function readFreeze(options: readonly string[], now: Date): Omit<Freeze, 'personId' | 'operator'> {
  checkOptions(options, ['--security', '--by-law'], ['--because', '--authority', '--days']);
  const [isSecurity, isLaw] = [options.includes('--security'), options.includes('--by-law')];
  if (isSecurity === isLaw) {
    throw refuse(
      'Say why its owner is told that it is frozen, one of:',
      '--security   to keep their money safe, until you know that it is them',
      '--by-law     by order of an authority, which you name: --authority "Pudong Public Security"',
    );
  }
  const authority = wordAfter(options, '--authority') || null;
  if (isLaw !== (authority !== null) || [...(authority ?? '..')].length < 2 || [...(authority ?? '')].length > 60) {
    throw refuse(
      isLaw
        ? 'Name the authority, as its owner has to ask for it: --authority "Pudong Public Security" (2 to 60 letters)'
        : 'Only a freeze --by-law has an --authority.',
    );
  }
  const because = readBecause(
    options,
    isLaw ? 'order 2026-114 of 22 Nov, scanned' : 'called: three payments are not his',
  );
  const typed = options.includes('--days') ? wordAfter(options, '--days') : isLaw ? null : String(ANSWER_WITHIN_DAYS);
  const days = typed === null ? null : Number(typed);
  if (days !== null && (!/^\d+$/.test(typed ?? '') || days < 1 || days > LONGEST_DAYS)) {
    throw refuse(`Within how many days is it looked at again? 1 to ${LONGEST_DAYS}: --days ${ANSWER_WITHIN_DAYS}`);
  }
  const reviewAt = days === null ? null : addMs(now, days * dayMs);
  return { because, authority, reviewAt, why: isLaw ? 'by_law' : 'security' };
}

async function freeze(context: Context, name: string, options: readonly string[]): Promise<void> {
  const { desk, print } = context;
  const operator = await operatorOf(context);
  const asked = readFreeze(options, desk.clock.now());
  const { person } = await accountOf(context, name);
  if (!(await freezeByOperator(desk, { ...asked, personId: person.id, operator }))) {
    throw refuse('It is closed: nothing leaves it but what two of you pay to its owner.');
  }
  const { stops } = await readAccountFacts(desk, person.id);
  const told = stops[0]?.cause;
  print(
    told === undefined || told === (asked.why === 'by_law' ? LAW : SECURITY)
      ? `Frozen by ${operator}: nothing new begins on it, and its owner is told by message.`
      : `Frozen by ${operator}, beside ${told}: its owner is told that one, and of this once that is lifted.`,
  );
  const stopped = await awaitInBooks(desk, person.id, CARRIED_OUT_WITHIN_MS);
  print(
    stopped
      ? 'The ledger refuses what was on its way, too: from now on nothing leaves it.'
      : `NOT YET IN THE LEDGER: does the wallet run? What was on its way may still leave. Look: ${command} account show ${name}`,
  );
  const { held } = await readAccountFacts(desk, person.id);
  if (isPositive(held)) print(`${formatMoney(held)} was handed to a bank before; a freeze does not call that back.`);
}

const STOP_OPTIONS = ['--security', '--by-law', '--own'];
const STOP_VALUES = ['--authority', '--cause'];

/** Which of its stops is meant: the only one there is, or the one that is named. */
function readStop(
  { stops, person }: AccountFacts,
  verb: (account: string) => string,
  options: readonly string[],
): Stop {
  const causes = [
    ...(options.includes('--security') ? [SECURITY] : []),
    ...(options.includes('--by-law') ? [LAW] : []),
    ...(options.includes('--own') ? [BY_ONESELF] : []),
    ...(options.includes('--cause') ? [wordAfter(options, '--cause')] : []),
  ];
  const authority = options.includes('--authority') ? wordAfter(options, '--authority').toLowerCase() : undefined;
  const meant = stops.filter(
    (stop) =>
      (causes.length === 0 || causes.includes(stop.cause)) &&
      (authority === undefined || stop.authority?.toLowerCase() === authority),
  );
  const [stop] = meant;
  if (stop && meant.length === 1 && causes.length < 2) return stop;
  throw refuse(
    stops.length === 1
      ? `It is stopped by ${stops[0]?.cause} alone.`
      : 'Several stop it, each by itself. Say which one:',
    ...stops.map(
      (each) => `${command} account ${verb(toPublicId('acc', person.id))}${optionOfStop(each, stops)} --because "…"`,
    ),
  );
}

/** Writes down what one operator wants to do. */
function write(outcome: AccountOutcome) {
  return async (context: Context, name: string, options: readonly string[]): Promise<void> => {
    const { desk, print } = context;
    const operator = await operatorOf(context);
    if (outcome === 'lifted') checkOptions(options, STOP_OPTIONS, [...STOP_VALUES, '--because']);
    else checkOptions(options, [], ['--because']);
    const because = readBecause(options, 'came to the counter with the ID card, knows the last payments');
    const facts = await accountOf(context, name);
    checkPossible(facts, outcome);
    const stop = outcome === 'lifted' ? readStop(facts, (id) => `lift ${id}`, options) : undefined;
    const stopId = stop?.id ?? null;
    const mine = facts.decisions.find(
      (each) => isWaiting(each) && each.operator === operator && each.outcome === outcome && each.stopId === stopId,
    );
    if (!mine)
      await propose(desk, { operationKey: facts.person.id, about: 'account', outcome, because, operator, stopId });
    const which = stop && facts.stops.length > 1 ? `${verbs[outcome]} ${stop.cause}` : `${verbs[outcome]} it`;
    print(`Written down: ${operator} wants to ${which}. Nothing has changed yet.`);
    if (outcome === 'closed' && isPositive(facts.available)) {
      print(
        `There is ${formatMoney(facts.available)} in it: once closed, two of you pay that out (${command} review list).`,
      );
    }
    const id = toPublicId('acc', facts.person.id);
    const option = `${optionOfAct(outcome)}${stop ? optionOfStop(stop, facts.stops) : ''}`;
    print(`A second person confirms it: ${command} account confirm ${id} ${option} --because "…"`);
  };
}

/** Refuses what cannot be done with an account as it is, and says what can. */
function checkPossible({ person, stops, left }: AccountFacts, outcome: AccountOutcome): void {
  const { accountState: state, accountCause: cause, id } = person;
  const possible = possibleOf({ state, stops });
  if (!possible.includes(outcome)) {
    const instead = possible.map((one) => `"${command} account ${verbs[one]} ${toPublicId('acc', id)}"`).join(' or ');
    const is = state === 'normal' ? 'It is open, and nothing stops it' : `It is ${state} (${cause})`;
    throw refuse(`${is}: there is nothing to ${verbs[outcome]}. Possible is ${instead}.`);
  }
  const [first] = left;
  if (outcome === 'reopened' && first) {
    throw refuse(
      `${formatMoney(first.amount)} of its owner waits for people, and is decided with it:`,
      `${command} review show ${first.reference}   (--paid-out to their card, or --reopened)`,
    );
  }
}

async function confirmAct(context: Context, name: string, options: readonly string[]): Promise<void> {
  const { desk, print } = context;
  const operator = await operatorOf(context);
  const outcomes: readonly AccountOutcome[] = ['lifted', 'closed', 'reopened'];
  checkOptions(options, [...outcomes.map(optionOfAct), ...STOP_OPTIONS], [...STOP_VALUES, '--because']);
  const [outcome, ...more] = outcomes.filter((one) => options.includes(optionOfAct(one)));
  if (!outcome || more.length > 0) throw refuse(`Confirm what? One of ${outcomes.map(optionOfAct).join(', ')}.`);
  const because = readBecause(options, 'saw the ID card myself, the photo is them');
  const facts = await accountOf(context, name);
  const isOne = outcome === 'lifted' && facts.stops.length > 0;
  const stop = isOne ? readStop(facts, (id) => `confirm ${id} --lift`, options) : undefined;
  const same = facts.decisions.filter(
    (each) =>
      each.about === 'account' && each.outcome === outcome && !each.confirmed && (!stop || each.stopId === stop.id),
  );
  const decision = same.find((each) => isWaiting(each) && each.operator !== operator);
  if (!decision) throw refuse(whyNothingToConfirm(same, outcome, operator, toPublicId('acc', facts.person.id)));
  checkPossible(facts, outcome);
  const whyNot = await confirm(desk, decision, { operator, because });
  if (whyNot === 'confirmed')
    throw refuse('Somebody else confirmed a decision about it in this very moment. Look again.');
  if (whyNot) throw refuse(`What ${decision.operator} wrote counts no more. ${anew(outcome, facts)}`);
  const which = stop && facts.stops.length > 1 ? ` ${stop.cause}` : '';
  print(`Decided: ${verbs[outcome]}${which}, by ${decision.operator} and ${operator}.`);
  print(await awaitOutcome(desk, decision, facts));
}

const anew = (outcome: AccountOutcome, { person }: Pick<AccountFacts, 'person'>): string =>
  `If it is still right, write it down anew: ${command} account ${verbs[outcome]} ${toPublicId('acc', person.id)} --because "…"`;

function whyNothingToConfirm(
  same: readonly Decision[],
  outcome: AccountOutcome,
  operator: string,
  account: string,
): string {
  const verb = verbs[outcome];
  if (same.some(isWaiting)) return `You wrote it down yourself: somebody else than ${operator} must confirm it.`;
  const lapsed = same.findLast((each) => each.lapsed);
  const how = `First one of you writes it down: ${command} account ${verb} ${account} --because "…"`;
  if (!lapsed) return `Nobody has asked to ${verb} it. ${how}`;
  const why = lapsed.lapsed === 'operator' ? `${lapsed.operator} decides nothing any more` : 'it was changed since';
  return `What ${lapsed.operator} wrote on ${moment(lapsed.decidedAt)} counts no more: ${why}. ${how}`;
}

/** The wallet carries it out; it is worth waiting a moment for that. */
async function awaitOutcome(desk: Desk, decision: Decision, { person }: AccountFacts): Promise<string> {
  const { database, clock } = desk;
  const look = `${command} account show ${toPublicId('acc', person.id)}`;
  for (const until = clock.now().getTime() + CARRIED_OUT_WITHIN_MS; clock.now().getTime() < until; ) {
    const became = await whatBecameOf(database, decision);
    if (became && 'denied' in became) return `Not carried out, ${became.denied}. Look: ${look}`;
    if (became) {
      const { stops } = await readAccountFacts(desk, person.id);
      const [left] = decision.outcome === 'closed' ? [] : stops;
      if (left) return `Carried out. It stays ${left.state} (${left.cause}) until that is lifted, too.`;
      return `Carried out: it is ${became.state}, and its owner is told by message.`;
    }
    await clock.sleep(secondMs / 4);
  }
  return `It will be carried out as soon as the wallet runs. Look: ${look}`;
}
