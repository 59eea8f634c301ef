import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type Answer,
  type BankDependencies,
  declined,
  decideOnce,
  decidePostponed,
  type Fields,
  IN_PROGRESS,
} from './bank-answers.ts';
import { answerQuery, confirmBinding, removeBinding, requestBinding, resendCode } from './bank-cards.ts';
import { decideMoney, isMoneyKind } from './bank-money.ts';
import type { Behaviour } from './behaviours.ts';
import { enqueueCallback } from './callbacks.ts';
import { parseInstant } from './clock.ts';
import { keepBytes, type LineDependencies, meetConnection, readFields, serve, type Served } from './far-side.ts';
import { findSampleBank } from './samples.ts';

type Dependencies = LineDependencies & BankDependencies;

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  bindings: ['reference', 'pan', 'holder', 'idNumber', 'reservedPhone'],
  'bindings/resend': ['reference'],
  'bindings/confirm': ['reference', 'code'],
  'bindings/remove': ['reference', 'cardToken'],
  debits: ['reference', 'cardToken', 'amount', 'currency', 'validUntil'],
  credits: ['reference', 'cardToken', 'amount', 'currency', 'validUntil'],
  reversals: ['reference', 'originalReference'],
  queries: ['reference'],
};

/** Kinds that have a reference of their own, under which a refusal stands for ever. */
const KINDS: Readonly<Record<string, string>> = {
  bindings: 'bindings',
  'bindings/remove': 'removals',
  debits: 'debits',
  credits: 'credits',
  reversals: 'reversals',
};

const SLOW_MS = 3000;
const ok = (content: unknown): Served => ({ status: 200, content });

function isWhole(action: string, fields: Fields): boolean {
  const names = FIELDS[action] ?? [];
  if (Object.keys(fields).length !== names.length || !names.every((name) => fields[name])) return false;
  if (!/^[\w.:-]{1,80}$/.test(fields['reference'] ?? '')) return false;
  if (!names.includes('amount')) return true;
  return (
    /^[1-9][0-9]{0,14}$/.test(fields['amount'] ?? '') &&
    !Number.isNaN(parseInstant(fields['validUntil'] ?? '').getTime())
  );
}

function doMoney(deps: Dependencies, bank: string, kind: string, body: Fields, behaviour: Behaviour): Answer {
  const { mode, delayMs } = behaviour;
  return decideOnce(deps, {
    bank,
    kind,
    body,
    decide: () => {
      const answer = decideMoney(deps, bank, kind, body);
      enqueueCallback(deps, {
        bank,
        reference: body['reference'] ?? '',
        answer,
        mode,
        ...(delayMs === undefined ? {} : { delayMs }),
      });
      return answer;
    },
    ...(mode === 'in_progress' ? { postponeMs: delayMs ?? SLOW_MS } : {}),
  });
}

/** What the bank refuses whatever is asked of it; a refusal stands for ever too. */
function refuseAll(deps: Dependencies, bank: string, action: string, body: Fields, behaviour: Behaviour): Answer {
  const { mode, until, code = 'DECLINED', text = 'declined' } = behaviour;
  const refused =
    mode === 'maintenance'
      ? declined('BANK_MAINTENANCE', 'under maintenance', until ? { until } : {})
      : declined(code, text, until ? { until } : {});
  const kind = KINDS[action];
  return kind ? decideOnce(deps, { bank, kind, body, decide: () => refused }) : refused;
}

function work(deps: Dependencies, bank: string, action: string, body: Fields, behaviour: Behaviour): Served {
  const { mode } = behaviour;
  if (mode === 'maintenance' || mode === 'decline') {
    // "Declined" to a query would say that the request itself was; a bank that cannot look says so in another way.
    if (action === 'queries' && mode === 'maintenance') return { status: 503, content: { error: 'under maintenance' } };
    if (action !== 'queries') return ok(refuseAll(deps, bank, action, body, behaviour));
  }
  if (isMoneyKind(action)) return ok(doMoney(deps, bank, action, body, behaviour));
  if (mode === 'in_progress' && action !== 'queries') return ok(IN_PROGRESS);
  switch (action) {
    case 'bindings':
      return ok(requestBinding(deps, bank, body));
    case 'bindings/resend':
      return ok(resendCode(deps, bank, body));
    case 'bindings/confirm':
      return ok(confirmBinding(deps, bank, body));
    case 'bindings/remove':
      return ok(removeBinding(deps, bank, body));
    default:
      return ok(answerQuery(deps, bank, body));
  }
}

/** How a bank is, as the line that all banks hang on knows it: not of a fault that nobody has seen yet. */
export function stateOf({ mode, until, only }: Behaviour): { state: string; until: string | null } {
  const known = only === undefined && (mode === 'slow' || mode === 'down' || mode === 'maintenance');
  return { state: known ? mode : 'up', until: known ? (until ?? null) : null };
}

const actionOf = (request: FastifyRequest): { target: string; action: string } => {
  const [, , bank = '', ...action] = (request.raw.url ?? '').split('?')[0]?.split('/') ?? [];
  return { target: `bank:${bank}`, action: action.join('/') };
};

/** The banks' side of the line. */
export async function addBanks(app: FastifyInstance, deps: Dependencies): Promise<void> {
  keepBytes(app);
  app.addHook('onRequest', meetConnection(deps, actionOf));
  app.get<{ Params: { bank: string } }>('/banks/:bank/status', (request, reply) =>
    serve(deps, request, reply, () => {
      if (!findSampleBank(request.params.bank)) return { status: 404, content: { error: 'no such bank' } };
      return ok(stateOf(deps.behaviours.look(`bank:${request.params.bank}`)));
    }),
  );
  for (const action of Object.keys(FIELDS)) {
    app.post<{ Params: { bank: string } }>(`/banks/:bank/${action}`, (request, reply) =>
      serve(deps, request, reply, (behaviour) => {
        const { bank } = request.params;
        if (!findSampleBank(bank)) return { status: 404, content: { error: 'no such bank' } };
        const fields = readFields(request.body);
        if (!fields || !isWhole(action, fields))
          return { status: 400, content: { error: 'the body is not of the agreed form' } };
        return work(deps, bank, action, fields, behaviour);
      }),
    );
  }
}

/** Carries out what a bank said it would do later, and tells of it. */
export function carryOutPostponed(deps: Dependencies): void {
  decidePostponed(deps, (bank, kind, body) => {
    const answer = decideMoney(deps, bank, kind, body);
    enqueueCallback(deps, { bank, reference: body['reference'] ?? '', answer, mode: 'normal' });
    return answer;
  });
}
