import type { FastifySchemaValidationError } from 'fastify';
import type { InputError } from '../contract/problem.ts';
import type { FieldName } from '../causes/cause.ts';
import type { HttpRefusal } from './http-refusal.ts';
import { refusal } from '../causes/refusal.ts';
import type { Failure, LocalText } from '../kernel/failure.ts';

/** The inputs that a person types, by the name of the member that carries them, with what one looks like. */
const inputs: Readonly<Record<string, { field: FieldName; example: LocalText }>> = {
  phone: { field: 'phone', example: same('13800001234') },
  payeePhone: { field: 'payee', example: same('13800001234') },
  reservedPhone: { field: 'reserved_phone', example: same('13800001234') },
  name: { field: 'name', example: { 'zh-CN': '王小明', en: 'Wang Xiaoming' } },
  idNumber: { field: 'id_number', example: same('11010519491231002X') },
  cardNumber: { field: 'card_number', example: same('6222 0212 3456 7890 123') },
  prefix: { field: 'card_number', example: same('622202') },
  code: { field: 'otp', example: { 'zh-CN': '六位数字', en: 'six digits' } },
  pin: { field: 'payment_pin', example: { 'zh-CN': '六位数字', en: 'six digits' } },
  currentPin: { field: 'payment_pin', example: { 'zh-CN': '六位数字', en: 'six digits' } },
  amount: { field: 'amount', example: same('12.50') },
  minor: { field: 'amount', example: same('12.50') },
  currency: { field: 'currency', example: same('CNY') },
};

function same(text: string): LocalText {
  return { 'zh-CN': text, en: text };
}

/** Keywords that speak of what was typed; all others of what the app made of it. */
const FORM_KEYWORDS = new Set(['pattern', 'format', 'minLength', 'maxLength']);

/**
 * The refusal for a request that does not fit its schema: `input.missing` or `input.format_invalid` where it is about
 * something a person typed, otherwise `app.request_invalid`.
 */
export function refuseInput(errors: readonly FastifySchemaValidationError[]): Failure {
  // Only when every error is about something typed is the person told so.
  const found = errors.map(refusalOf);
  const first = found[0];
  return first === undefined || found.includes(undefined) ? refusal('app.request_invalid') : first;
}

function refusalOf(error: FastifySchemaValidationError): Failure | undefined {
  const name = error.instancePath.split('/').at(-1) ?? '';
  if (error.keyword === 'required') {
    const missing = error.params['requiredProperties'];
    const names = Array.isArray(missing) ? missing : [];
    const input = names.length > 0 && names.every((each) => own(String(each))) ? own(String(names[0])) : undefined;
    return input && refusal('input.missing', { field: input.field });
  }
  const input = FORM_KEYWORDS.has(error.keyword) ? own(name) : undefined;
  return input && refusal('input.format_invalid', { field: input.field, params: { example: input.example } });
}

const own = (name: string) => (Object.hasOwn(inputs, name) ? inputs[name] : undefined);

const places: Readonly<Record<string, InputError['in']>> = { querystring: 'query', params: 'path' };
const MOST_ERRORS = 10;

/** A name that a program gave a member; anything else could be what somebody typed. */
const NAME = /^[A-Za-z0-9_]{1,40}$/;
const pointerTo = (path: string): string => {
  const names = path.split('/').slice(1);
  const strange = names.findIndex((name) => !NAME.test(name));
  return ['#', ...names.slice(0, strange < 0 ? names.length : strange)].join('/');
};

/** The places that do not fit, for whoever programs against the API; nothing of what was sent is repeated but names. */
export function inputErrors(
  errors: readonly FastifySchemaValidationError[],
  context: string | undefined,
): InputError[] {
  // A member that is not known is named by an error of its own.
  const telling = errors.filter(({ keyword }) => keyword !== 'additionalProperties');
  return (telling.length > 0 ? telling : errors).slice(0, MOST_ERRORS).map(({ keyword, instancePath, message }) => ({
    in: places[context ?? ''] ?? 'body',
    pointer: pointerTo(instancePath),
    detail: keyword === 'boolean' ? 'is not known' : (message ?? 'does not fit'),
  }));
}

/** The same of a request that only HTTP can refuse. */
export const requestError = ({ status, message }: HttpRefusal): InputError => ({
  in: status === 400 ? 'body' : status === 404 || status === 405 ? 'path' : 'header',
  pointer: '#',
  detail: message,
});
