import { isPlaced, type PlacedAction } from '../../../../src/causes/actions.ts';
import { moneyFromParam } from '../../../../src/causes/params.ts';
import { instant } from '../../../client/clock.ts';
import type { OperationKind } from '../../../../src/contract/operations.ts';
import type { Problem, RemedyShape } from '../../../../src/contract/problem.ts';
import type { Card } from '../../../../src/contract/wallet.ts';
import { paths, withQuery } from '../paths.ts';

/** What the button of a remedy does. */
export type RemedyPlan =
  | { does: 'edit'; field: string }
  | { does: 'use_card'; card: Card }
  | { does: 'choose_card' }
  | { does: 'lower'; minor: bigint }
  | { does: 'go'; to: string }
  | { does: 'call'; bankName: string; number: string }
  | { does: 'wait'; until: Date }
  | { does: 'sheet'; sheet: 'support' | 'network' | 'camera' | 'clock' }
  | {
      does:
        | 'ask'
        | 'resend'
        | 'restart'
        | 'again'
        | 'cancel'
        | 'choose_payee'
        | 'tell_payee'
        | 'scan'
        | 'picture'
        | 'reload';
    };

/** What is known where the failure stands; a remedy whose need is not met here is not offered. */
export type RemedySetting = {
  problem: Problem;
  /** Null outside a flow, such as at the camera. */
  kind: OperationKind | null;
  /** The inputs that this screen can open, by their names in the registry. */
  fields: readonly string[];
  cards: readonly Card[];
  cardId: string | null;
  /** The bank that it is about and its hotline, where no bound card tells it. */
  bank?: { bankName: string; number: string } | undefined;
  amountMinor: bigint | null;
  orderId: string | null;
  /** The operation on this screen, begun or about to be. */
  operationId: string | null;
  /** Whether the operation has come to its end, so that a new one may be begun. */
  isFinal: boolean;
  isCancellable: boolean;
  canResend: boolean;
  /** Where the person comes back to after a detour. */
  here: string;
  now: Date;
};

type Planner = (setting: RemedySetting, remedy: RemedyShape) => RemedyPlan | null;

const MOVES_FROM_CARD: readonly (OperationKind | null)[] = ['top_up', 'withdraw'];
const detour = (to: string, { here }: RemedySetting): RemedyPlan => ({
  does: 'go',
  to: withQuery(to, { return: here }),
});

/** The cards that would do instead: another one, of a bank that is up, without a trouble of its own. */
const otherCards = ({ cards, cardId }: Pick<RemedySetting, 'cards' | 'cardId'>): Card[] =>
  cards.filter(
    (card) => card.id !== cardId && card.state === 'ok' && (card.bankState === 'up' || card.bankState === 'slow'),
  );

function amountParam(problem: Problem, name: string): bigint | undefined {
  const value = problem.params[name];
  return typeof value === 'string' ? moneyFromParam(value)?.minor : undefined;
}

/** The largest sum that would pass, if the cause tells it. */
export function passingMinor(problem: Problem): bigint | undefined {
  const found = [amountParam(problem, 'available'), amountParam(problem, 'limit')].filter(
    (minor) => minor !== undefined,
  );
  const least = found.reduce<bigint | undefined>(
    (least, minor) => (least === undefined || minor < least ? minor : least),
    undefined,
  );
  return least !== undefined && least > 0n ? least : undefined;
}

/** The cause names a sum, and none of it is left. */
const tellsSum = ({ params }: Problem): boolean => params['available'] !== undefined || params['limit'] !== undefined;

const untilOf = ({ retryAt, params }: Problem): Date | undefined => {
  const text = retryAt ?? params['until'];
  const at = typeof text === 'string' ? instant(text) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : undefined;
};

const chooseOtherCard: Planner = (setting) => {
  if (setting.kind === 'bind_card') return { does: 'edit', field: 'card_number' };
  if (!MOVES_FROM_CARD.includes(setting.kind)) return null;
  const others = otherCards(setting);
  const [only] = others;
  if (only && others.length === 1) return { does: 'use_card', card: only };
  return only ? { does: 'choose_card' } : detour(paths.bind, setting);
};

const lowerAmount: Planner = ({ problem, fields, amountMinor }) => {
  if (!fields.includes('amount')) return null;
  const minor = passingMinor(problem);
  // A bank does not say how much would pass: the person chooses.
  if (minor === undefined) return tellsSum(problem) ? null : { does: 'edit', field: 'amount' };
  return amountMinor !== null && minor >= amountMinor ? null : { does: 'lower', minor };
};

const callBank: Planner = ({ cards, cardId, problem, bank }) => {
  if (bank) return { does: 'call', ...bank };
  const card = cards.find((one) => one.id === cardId) ?? cards.find((one) => one.bankName === problem.params['bank']);
  return card?.bankHotline ? { does: 'call', bankName: card.bankName, number: card.bankHotline } : null;
};

const topUp: Planner = (setting) => {
  const has = amountParam(setting.problem, 'available');
  const needs = setting.amountMinor;
  // Nobody tops up in order to withdraw more.
  if (setting.kind === 'withdraw' && has !== undefined && has > 0n) return null;
  const missing = has !== undefined && needs !== null && needs > has ? (needs - has).toString() : undefined;
  return { does: 'go', to: withQuery(paths.topUp, { minor: missing, return: setting.here }) };
};

const completeVerification: Planner = (setting, { target }) => {
  if (target === 'identity') return detour(paths.verify, setting);
  if (target === 'identity_level') return detour(paths.bind, setting);
  return target === 'payment_pin' && setting.fields.includes('payment_pin')
    ? { does: 'edit', field: 'payment_pin' }
    : null;
};

/** The operation on this screen is asked for its result; another one is gone to. */
const askAbout = (concerned: string, onScreen: string | null): RemedyPlan =>
  concerned === onScreen ? { does: 'ask' } : { does: 'go', to: paths.operation(concerned) };

const seeStatus: Planner = ({ problem, operationId }, { target }) => {
  if (target === 'operation')
    return problem.operation ? askAbout(problem.operation, operationId) : { does: 'go', to: paths.history };
  return target === 'bank' || target === 'wallet' || target === 'service' ? { does: 'go', to: paths.status } : null;
};

const openSettings: Planner = (setting, { target }) => {
  switch (target) {
    case 'payment_pin':
      return detour(paths.pin, setting);
    case 'cards':
      return { does: 'go', to: paths.cards };
    case 'limits':
      return { does: 'go', to: paths.limits };
    case 'system_camera':
      return { does: 'sheet', sheet: 'camera' };
    case 'system_clock':
      return { does: 'sheet', sheet: 'clock' };
    default:
      return null;
  }
};

const waitUntil: Planner = ({ problem, now }) => {
  const until = untilOf(problem);
  return until && until > now ? { does: 'wait', until } : null;
};

/** How the app carries out each action that has a place in it. */
const planners: { readonly [A in PlacedAction]: Planner } = {
  edit_field: ({ fields }, { target }) =>
    target !== null && fields.includes(target) ? { does: 'edit', field: target } : null,
  scan_code: () => ({ does: 'scan' }),
  upload_again: ({ problem }) => (problem.code === 'device.camera_denied' ? { does: 'picture' } : null),
  choose_other_card: chooseOtherCard,
  choose_other_payee: ({ kind }) => (kind === 'transfer' ? { does: 'choose_payee' } : null),
  add_card: (setting) =>
    setting.kind === 'bind_card' ? { does: 'edit', field: 'card_number' } : detour(paths.bind, setting),
  bind_again: (setting) => detour(paths.bind, setting),
  top_up: topUp,
  lower_amount: lowerAmount,
  raise_limit: () => ({ does: 'go', to: paths.limits }),
  start_over: ({ isFinal, kind }) => (isFinal && kind !== null ? { does: 'restart' } : null),
  continue_step: () => ({ does: 'again' }),
  cancel_operation: ({ isCancellable }) => (isCancellable ? { does: 'cancel' } : null),
  complete_verification: completeVerification,
  resend_code: ({ canResend, isFinal, kind }) =>
    canResend
      ? { does: 'resend' }
      : isFinal && (kind === 'bind_card' || kind === 'open_wallet' || kind === 'reset_pin')
        ? { does: 'restart' }
        : null,
  wait_until: waitUntil,
  ask_result: ({ problem, operationId }) =>
    problem.operation ? askAbout(problem.operation, operationId) : { does: 'again' },
  see_status: seeStatus,
  open_history: () => ({ does: 'go', to: paths.history }),
  call_bank: callBank,
  contact_support: () => ({ does: 'sheet', sheet: 'support' }),
  tell_payee: ({ kind }) => (kind === 'transfer' ? { does: 'tell_payee' } : null),
  change_password: (setting, { target }) => (target === 'payment_pin' ? detour(paths.resetPin, setting) : null),
  // Without a session there is no account to freeze yet.
  freeze_account: (setting) => (setting.kind === 'open_wallet' ? null : detour(paths.freeze, setting)),
  unfreeze_account: (setting) => detour(paths.freeze, setting),
  sign_in_again: (setting) => detour(paths.open, setting),
  update_app: () => ({ does: 'reload' }),
  repair_app: () => ({ does: 'reload' }),
  check_network: () => ({ does: 'sheet', sheet: 'network' }),
  open_settings: openSettings,
};

export type PlannedRemedy = { remedy: RemedyShape; plan: RemedyPlan };

/** The remedies that work here and now, in their order, each with what its button does; the same deed is offered once. */
export function planRemedies(setting: RemedySetting): PlannedRemedy[] {
  const planned: PlannedRemedy[] = [];
  const seen = new Set<string>();
  for (const remedy of setting.problem.remedies) {
    const plan = isPlaced(remedy.action) ? planners[remedy.action](setting, remedy) : null;
    if (plan === null) continue;
    const key =
      plan.does === 'use_card'
        ? `use_card ${plan.card.id}`
        : JSON.stringify(plan, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
    if (seen.has(key)) continue;
    seen.add(key);
    planned.push({ remedy, plan });
  }
  return planned;
}
