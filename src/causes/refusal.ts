import { Failure } from '../kernel/failure.ts';
import type { Cause, FieldName, ParamName } from './cause.ts';
import { encodeParams, type KnownParams, type ParamInput } from './params.ts';
import { type CauseCode, causeOf, type Registry } from './registry.ts';

type NamedParams<C extends CauseCode> = Registry[C]['params'][number];
/** `field` is filled in from the failure's own field where the cause leaves that open. */
type RequiredParams<C extends CauseCode> = Registry[C]['field'] extends '*'
  ? Exclude<NamedParams<C>, 'field'>
  : NamedParams<C>;

/** The parameters that the words of this cause need. */
export type ParamsOf<C extends CauseCode> = { readonly [P in RequiredParams<C>]: ParamInput<P> };

type ParamsPart<C extends CauseCode> = [RequiredParams<C>] extends [never]
  ? { readonly params?: Readonly<Record<string, never>> }
  : { readonly params: ParamsOf<C> };
type FieldPart<C extends CauseCode> = Registry[C]['field'] extends '*'
  ? { readonly field: FieldName }
  : { readonly field?: FieldName };

/** What a refusal says beyond its cause: the parameters of its words, the input where the cause names none, the moment. */
export type RefusalDetail<C extends CauseCode> = ParamsPart<C> &
  FieldPart<C> & { readonly retryAt?: Date; readonly cause?: unknown };

type RefusalArguments<C extends CauseCode> =
  Record<never, never> extends RefusalDetail<C> ? [detail?: RefusalDetail<C>] : [detail: RefusalDetail<C>];

/**
 * The refusal for a cause, to be thrown. The type asks for exactly the parameters that the words of this cause
 * need. Where the cause waits for a moment, `until` is also `retryAt`.
 */
export function refusal<C extends CauseCode>(code: C, ...[detail]: RefusalArguments<C>): Failure {
  return refusalFrom(code, (detail?.params ?? {}) as KnownParams, detail ?? {});
}

/**
 * The refusal for a cause that is only known at run time, such as the cause of a bank's raw answer. It takes
 * what the words need out of all that is known; a clause whose placeholder nobody could fill is left out.
 */
export function refusalFrom(
  code: CauseCode,
  known: KnownParams,
  detail: { readonly field?: FieldName; readonly retryAt?: Date; readonly cause?: unknown } = {},
): Failure {
  const cause = causeOf(code);
  const field = detail.field ?? (cause.field === '*' ? undefined : (cause.field ?? undefined));
  const retryAt = detail.retryAt ?? momentOf(cause, known);
  return new Failure(code, {
    params: encodeParams(cause.params, withField(cause, field, known)),
    ...(field === undefined ? {} : { field }),
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(detail.cause === undefined ? {} : { cause: detail.cause }),
  });
}

const takes = (cause: Cause, name: ParamName): boolean => cause.params.includes(name);

function withField(cause: Cause, field: FieldName | undefined, known: KnownParams): KnownParams {
  return takes(cause, 'field') && known.field === undefined && field !== undefined ? { ...known, field } : known;
}

/** The moment that the words name is also the one from which trying again makes sense, if the cause waits for one. */
function momentOf(cause: Cause, known: KnownParams): Date | undefined {
  const waits = cause.retry === 'later' || cause.remedies.some(({ action }) => action === 'wait_until');
  return waits && takes(cause, 'until') && known.until instanceof Date ? known.until : undefined;
}
