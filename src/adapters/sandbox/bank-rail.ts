import { parseInstant } from '../../kernel/clock.ts';
import type { BankRail, BankStatus, CardToken, MoneyRequest, RailAnswer } from '../../ports/bank-rail.ts';
import { exchange, type LineDependencies } from './signed-line.ts';

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isMoment = (value: unknown): value is string => isText(value) && !Number.isNaN(parseInstant(value).getTime());

function readCard(value: unknown): CardToken | undefined {
  if (!isFields(value)) return undefined;
  const { cardToken, last4, kind } = value;
  if (!isText(cardToken) || !isText(last4) || (kind !== 'debit' && kind !== 'credit')) return undefined;
  return { cardToken, last4, kind };
}

/** Reads an answer; whatever is not exactly of an agreed form says nothing about what happened. */
function read<T>(body: unknown, extra: (fields: Fields) => T | undefined): RailAnswer<T> {
  const broken = { outcome: 'unknown', reason: 'answer of an unknown form' } as const;
  if (!isFields(body)) return broken;
  switch (body['outcome']) {
    case 'approved': {
      const rest = extra(body);
      const { bankReference, at } = body;
      if (rest === undefined || !isText(bankReference) || !isMoment(at)) return broken;
      return { outcome: 'approved', bankReference, at: parseInstant(at), ...rest };
    }
    case 'declined': {
      const { code, text, triesLeft, until } = body;
      if (!isText(code)) return broken;
      return {
        outcome: 'declined',
        rawCode: code,
        rawText: isText(text) ? text : '',
        ...(typeof triesLeft === 'number' && Number.isInteger(triesLeft) ? { triesLeft } : {}),
        ...(isMoment(until) ? { until: parseInstant(until) } : {}),
      };
    }
    case 'in_progress':
      return { outcome: 'in_progress', rawCode: isText(body['code']) ? body['code'] : 'IN_PROGRESS' };
    case 'not_found':
      return { outcome: 'not_found' };
    default:
      return broken;
  }
}

/** What a reversal undid, where the bank tells. */
function readUndid({ originalReference, amount }: Fields): { reference: string; minor: bigint } | undefined {
  if (!isText(originalReference) || !isText(amount) || !/^\d{1,18}$/.test(amount)) return undefined;
  return { reference: originalReference, minor: BigInt(amount) };
}

const nothing = () => ({});
const codeTime = ({ codeExpiresAt }: Fields) =>
  isMoment(codeExpiresAt) ? { codeExpiresAt: parseInstant(codeExpiresAt) } : undefined;

const moneyBody = (request: MoneyRequest) => ({
  reference: request.reference,
  cardToken: request.cardToken,
  amount: request.amount.minor.toString(),
  currency: request.amount.currency,
  validUntil: request.validUntil.toISOString(),
});

/** The line to the sandbox's banks: docs/protocols/bank-line.md. One HTTP exchange a call, none repeated. */
export function createSandboxBankRail(deps: LineDependencies): BankRail {
  async function ask<T>(
    bankCode: string,
    action: string,
    body: Fields,
    extra: (fields: Fields) => T | undefined,
  ): Promise<RailAnswer<T>> {
    const answer = await exchange(deps, 'POST', `/banks/${encodeURIComponent(bankCode)}/${action}`, body);
    return answer.outcome === 'answered' ? read(answer.body, extra) : answer;
  }
  return {
    name: 'sandbox',
    requestBinding: (request) =>
      ask(
        request.bankCode,
        'bindings',
        {
          reference: request.reference,
          pan: request.pan.reveal(),
          holder: request.holder.reveal(),
          idNumber: request.idNumber.reveal(),
          reservedPhone: request.reservedPhone.reveal(),
        },
        codeTime,
      ),
    resendBindingCode: ({ bankCode, reference }) => ask(bankCode, 'bindings/resend', { reference }, codeTime),
    confirmBinding: ({ bankCode, reference, code }) =>
      ask(bankCode, 'bindings/confirm', { reference, code: code.reveal() }, readCard),
    removeBinding: ({ bankCode, ...body }) => ask(bankCode, 'bindings/remove', body, nothing),
    debit: (request) => ask(request.bankCode, 'debits', moneyBody(request), nothing),
    credit: (request) => ask(request.bankCode, 'credits', moneyBody(request), nothing),
    reverse: ({ bankCode, ...body }) => ask(bankCode, 'reversals', body, nothing),
    query: ({ bankCode, reference }) =>
      ask(bankCode, 'queries', { reference }, (fields) => {
        const card = readCard(fields['card']);
        const undid = readUndid(fields);
        return { ...(card ? { card } : {}), ...(undid ? { undid } : {}) };
      }),
    status: (bankCode) => readStatus(deps, bankCode),
  };
}

const STATES: readonly BankStatus['state'][] = ['up', 'slow', 'down', 'maintenance'];

/** A bank that does not tell how it is counts as down. */
async function readStatus(deps: LineDependencies, bankCode: string): Promise<BankStatus> {
  const answer = await exchange(
    { ...deps, timeoutMs: Math.min(deps.timeoutMs, 3000) },
    'GET',
    `/banks/${encodeURIComponent(bankCode)}/status`,
  );
  if (answer.outcome !== 'answered' || !isFields(answer.body)) return { bankCode, state: 'down' };
  const { state, until } = answer.body;
  const known = STATES.find((each) => each === state) ?? 'down';
  return { bankCode, state: known, ...(isMoment(until) ? { until: parseInstant(until) } : {}) };
}
