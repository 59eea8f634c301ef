import type { OperationKind, OperationShape } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import { now } from '../../../client/clock.ts';
import type { Content } from '../../../ui/content.ts';
import { FailureCard, QuietLine } from '../../../ui/failure-card.tsx';
import type { Station } from '../../../ui/path-line.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { hasLimitBar, LimitOfProblem } from './limit-of-problem.tsx';
import type { RemedySetting } from './remedy-plan.ts';
import { stationsBefore } from './stations-before.ts';
import { useRemedies, type RemedyHandlers } from './use-remedies.tsx';
import { useCards } from './wallet-door.ts';

export type FailureScreenProps = {
  title: string;
  problem: Problem;
  kind: OperationKind | null;
  /** The inputs that `handlers.edit` can open. */
  fields?: readonly string[];
  operation?: OperationShape | undefined;
  /** The id under which it is being asked for, before there is an operation. */
  intendedId?: string | null;
  /** What was asked for, where no operation knows it yet. */
  asked?: { cardId?: string | null; amountMinor?: bigint | null; orderId?: string | null };
  /** Where a detour comes back to. */
  here: string;
  context?: Content;
  book?: readonly { label: Content; value: Content }[];
  stations?: readonly Station[];
  more?: Content;
  handlers: RemedyHandlers;
  onClose: () => void;
  busy?: boolean;
};

const cardIdOf = (operation: OperationShape | undefined): string | null =>
  operation && (operation.kind === 'top_up' || operation.kind === 'withdraw') ? operation.details.card.cardId : null;

/** A card that is being bound is not among the bound ones yet; its bank can be called all the same. */
const bankOf = (operation: OperationShape | undefined): RemedySetting['bank'] =>
  operation?.kind === 'bind_card' && operation.details.bankHotline !== null
    ? { bankName: operation.details.bankName, number: operation.details.bankHotline }
    : undefined;

/** A failure that takes the screen: the card with buttons that work, its reference, why, and help. */
export function FailureScreen(props: FailureScreenProps) {
  const {
    title,
    problem,
    kind,
    fields = [],
    operation,
    asked = {},
    here,
    handlers,
    onClose,
    context,
    book,
    more,
    busy,
    intendedId = null,
  } = props;
  const setting: RemedySetting = {
    problem,
    kind,
    fields,
    // Nobody need be signed in there.
    cards: useCards(kind !== 'open_wallet' && kind !== 'reset_pin').cards ?? [],
    cardId: asked.cardId ?? cardIdOf(operation),
    bank: bankOf(operation),
    amountMinor: asked.amountMinor ?? (operation?.amount ? BigInt(operation.amount.minor) : null),
    orderId: asked.orderId ?? null,
    operationId: operation?.id ?? intendedId,
    isFinal:
      operation === undefined ||
      operation.state === 'failed' ||
      operation.state === 'refused' ||
      operation.state === 'expired',
    isCancellable: operation?.cancellable ?? false,
    canResend: handlers.resend !== undefined,
    here,
    now: now(),
  };
  const remedies = useRemedies(setting, handlers);
  const limit = hasLimitBar(problem) ? <LimitOfProblem problem={problem} kind={kind} /> : undefined;
  const shownMore = more ?? limit;
  // A request that never got an answer has no known place on the way.
  const asks = problem.retry === 'query_first' || problem.side === 'network' || kind === null;
  const stations = props.stations ?? operation?.path ?? (asks ? undefined : stationsBefore(kind, problem.side));
  return (
    <Screen
      title={title}
      onBack={onClose}
      leaves
      dock={<QuietLine reference={problem.reference} onWhy={remedies.openWhy} onSupport={remedies.openSupport} />}
    >
      {context}
      <FailureCard
        problem={remedies.problem}
        onRemedy={remedies.onRemedy}
        labelOf={remedies.labelOf}
        {...(stations ? { stations } : {})}
        {...(book ? { book } : {})}
        {...(shownMore ? { more: shownMore } : {})}
        {...(busy === undefined ? {} : { busy })}
      />
      {remedies.sheet}
    </Screen>
  );
}
