import { Type } from 'typebox';
import { refusal } from '../causes/refusal.ts';
import { fromPublicId, type Uuid } from '../kernel/ids.ts';
import { strict } from '../contract/common.ts';

/** An answer without a body. */
export const Nothing = Type.Null();

/** A page of a list. Query values are texts; what they mean is read by `readLimit`. */
export const pageQuery = {
  cursor: Type.Optional(Type.String({ maxLength: 300, pattern: '^[A-Za-z0-9_-]+$' })),
  limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|100)$', description: 'At most 100; 20 when left out' })),
};

export const readLimit = (text: string | undefined): number => (text === undefined ? 20 : Number(text));

/** The id in a path. Any text is taken: what is no id of ours is not there, which says no more than for a true one. */
export const idParams = strict({ id: Type.String({ maxLength: 100 }) });

/** The id that a path names. Cause: `operation.not_found`. */
export function readId(prefix: string, text: string): Uuid {
  const id = fromPublicId(prefix, text);
  if (!id) throw refusal('operation.not_found');
  return id;
}

/** The id of something that the caller makes; its form was checked, its size in bits was not. */
export function readNewId(prefix: string, text: string): Uuid {
  const id = fromPublicId(prefix, text);
  if (!id) throw refusal('app.request_invalid');
  return id;
}
