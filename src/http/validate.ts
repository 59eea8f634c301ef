import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import type { FastifySerializerCompiler } from 'fastify/types/schema.js';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';

type Check = { Check(value: unknown): boolean; Errors(value: unknown): FastifySchemaValidationError[] };

/**
 * Checks what comes in: nothing is turned into another type and nothing is left out in silence. A union over `kind`
 * is checked against the one member that is meant, so that the errors are about that one.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const byKind = membersByKind(schema);
  const whole = Compile(schema) as Check;
  return (value) => {
    const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined;
    const check = byKind?.get(kind) ?? whole;
    return check.Check(value) ? { value } : { error: check.Errors(value) };
  };
};

function membersByKind(schema: TSchema): Map<unknown, Check> | undefined {
  const members = (schema as { anyOf?: TSchema[] }).anyOf;
  if (!members) return undefined;
  const byKind = new Map<unknown, Check>();
  for (const member of members) {
    const kind = (member as { properties?: { kind?: { const?: unknown } } }).properties?.kind?.const;
    if (typeof kind !== 'string') return undefined;
    byKind.set(kind, Compile(member) as Check);
  }
  return byKind;
}

/**
 * Lets out what the schema allows and nothing else. A member too many is a fault of ours: it stays inside and
 * `onMismatch` is told where; an answer that is wrong otherwise is not sent.
 */
export const serializerCompiler =
  (onMismatch: (where: string) => void): FastifySerializerCompiler<TSchema> =>
  ({ schema, method, url }) => {
    const check = Compile(schema) as Check;
    return (answer: unknown) => {
      if (check.Check(answer)) return JSON.stringify(answer);
      const places = check.Errors(answer).map((error) => `${error.instancePath || '/'} ${error.keyword}`);
      onMismatch(`${method} ${url}: ${places.slice(0, 5).join(', ')}`);
      const cleaned: unknown = Value.Clean(schema, structuredClone(answer));
      if (!check.Check(cleaned)) throw new Error(`assertion: answer of ${method} ${url} does not fit its schema`);
      return JSON.stringify(cleaned);
    };
  };
