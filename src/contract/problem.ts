import { Type, type Static } from 'typebox';
import { nullable, oneOf, strict } from './common.ts';

export const MoneyMoved = oneOf(['no', 'held', 'yes', 'unknown'], {
  description: 'What became of the money in this attempt',
});
export type MoneyMoved = Static<typeof MoneyMoved>;

export const Side = oneOf(
  ['you', 'card_issuer', 'bank', 'network', 'wallet', 'policy', 'security', 'account', 'app', 'device', 'third_party'],
  { description: 'In whose hands the cure is' },
);

export const Retry = oneOf(['after_fix', 'later', 'query_first', 'other_method', 'no']);

export const RemedyShape = strict({
  action: Type.String({ description: 'One of the closed list of actions; the app has a button for each' }),
  target: nullable(Type.String()),
  label: Type.String({ description: 'The words on the button, in the language asked for' }),
});
export type RemedyShape = Static<typeof RemedyShape>;

/** Where a request does not fit the description of the API; for whoever programs against it. */
export const InputError = strict({
  in: oneOf(['body', 'query', 'path', 'header']),
  pointer: Type.String({ description: 'JSON Pointer to the member, as a fragment: `#/amount/minor`' }),
  detail: Type.String({ description: 'What is expected there; in English' }),
});
export type InputError = Static<typeof InputError>;

/** A failure on the wire: an RFC 9457 problem document. */
export const Problem = strict({
  type: Type.String({ description: 'The page that documents this cause' }),
  title: Type.String({ description: 'What happened, one plain sentence' }),
  status: Type.Integer(),
  detail: Type.String({ description: 'What to do, two sentences at most' }),
  code: Type.String({ description: 'The cause; stable, never reused' }),
  flow: nullable(Type.String()),
  step: nullable(Type.String()),
  side: Side,
  sideLabel: Type.String(),
  sideNote: Type.String(),
  retry: Retry,
  retryAt: nullable(Type.String({ format: 'date-time' })),
  moneyMoved: MoneyMoved,
  remedies: Type.Array(RemedyShape),
  operation: nullable(Type.String({ description: 'The operation concerned' })),
  field: nullable(Type.String({ description: 'The input concerned, by its name in the registry' })),
  params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  reference: nullable(Type.String({ description: 'What a person reads to support' })),
  errors: Type.Optional(
    Type.Array(InputError, { description: 'Only of a request that does not fit this description, at most ten' }),
  ),
});
export type Problem = Static<typeof Problem>;
