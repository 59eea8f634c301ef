import { assert } from '../../kernel/assert.ts';
import { minuteMs } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import { collect, type Failure } from '../../kernel/failure.ts';
import { deriveId, uuid, type Uuid } from '../../kernel/ids.ts';
import { pin } from '../../kernel/masked.ts';
import type { Money, MoneyJson } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Actor, Flow, JsonObject } from '../../operations/flow.ts';
import { accountId, transferCodes } from '../books/chart.ts';
import { readAmount } from '../books/read-amount.ts';
import { payFromBalance, whatKeepsFromPaying, type BalancePaymentDependencies } from '../payments/pay-from-balance.ts';
import { readPayer } from '../payments/small-payments.ts';
import { whatKeepsFromMoving } from '../people/check-ready.ts';
import { findMovers, loadPerson } from '../people/person.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { findPayee } from './find-payee.ts';

export type TransferData = JsonObject & {
  personId: string;
  payerNameMasked: string;
  payeeId: string;
  payeeNameMasked: string;
  payeePhoneMasked: string;
  note: string;
};

export type TransferDependencies = BalancePaymentDependencies & { security: SecurityDoor; digest: Digest };

/** Two equal transfers follow one another: while the first is under way, the second may be meant to be the same. */
export const transferIntent = (payeeId: Uuid, amount: Money): string => `transfer:${payeeId}:${amount.minor}`;

/** Control characters and overrides of the writing direction have no place in a note that others read. */
export const cleanNote = (note: string): string =>
  note
    .normalize('NFC')
    .replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, ' ')
    .trim();

/** Money from one wallet to another, at once. */
export function transfer(deps: TransferDependencies): Flow<TransferData> {
  const { database, security } = deps;

  async function check(input: unknown, actor: Actor) {
    const typed = input as { payeePhone: string; amount: MoneyJson; note?: string };
    const person = await loadPerson(database.kysely, actor.personId);
    const { setting } = await readPayer(database, person.id);
    const problems: Failure[] = whatKeepsFromMoving(person, setting.pinSet);
    const payee = await collect(problems, () => findPayee(deps, person.id, typed.payeePhone));
    const amount = await collect(problems, () => readAmount(typed.amount));
    if (amount && person.isVerified) problems.push(...(await whatKeepsFromPaying(deps, person, amount)));
    return { person, payee, amount, note: cleanNote(typed.note ?? ''), problems };
  }

  return {
    kind: 'transfer',
    first: 'confirm',
    steps: {
      confirm: { state: 'needs_you', withinMs: 15 * minuteMs, next: ['posting', 'expired', 'cancelled'] },
      posting: { state: 'working', withinMs: 5 * minuteMs, next: ['succeeded', 'failed'] },
    },
    async begin(input, actor) {
      const { person, payee, amount, note, problems } = await check(input, actor);
      if (problems[0]) throw problems[0];
      assert(payee && amount, 'without a problem everything was read');
      return {
        data: {
          personId: person.id,
          payerNameMasked: person.nameMasked ?? '',
          payeeId: payee.id,
          payeeNameMasked: payee.nameMasked ?? '',
          payeePhoneMasked: payee.phoneMasked,
          note,
        },
        amount,
        policyVersion: deps.limits.version(),
        // The same sum to the same person again, while it is not known what became of the first, is asked about first.
        intent: transferIntent(payee.id, amount),
      };
    },
    preflight: async (input, actor) => (await check(input, actor)).problems,
    submit: {
      confirm: async (operation, input) => {
        const { data, amount } = operation;
        assert(amount, 'a transfer has an amount');
        const person = await loadPerson(database.kysely, uuid(data.personId));
        const [problem] = [...whatKeepsFromMoving(person, true), ...(await whatKeepsFromPaying(deps, person, amount))];
        if (problem) throw problem;
        await security.checkPin({ personId: person.id, pin: pin(String(input['pin'] ?? '')) });
        return { to: 'posting', event: 'confirmed' };
      },
    },
    run: {
      async posting(operation, { mineUntil }) {
        const { data, key, amount } = operation;
        assert(amount, 'a transfer has an amount');
        const people = await findMovers(database, [uuid(data.personId), uuid(data.payeeId)]);
        const [payer, payee] = [people.get(uuid(data.personId)), people.get(uuid(data.payeeId))];
        assert(payer && payee, 'people are never deleted');
        const transferId = deriveId(key, 'money');
        const cannotReceive = refusal('third_party.payee_cannot_receive', { params: { payee: data.payeeNameMasked } });
        // Closed since it was confirmed, though its account may still wait for what leaves it. What was booked stays.
        if (payee.accountState === 'closed' && !(await deps.ledger.transfer(transferId))) {
          return { to: 'failed', event: 'refused', cause: cannotReceive };
        }
        const paid = await payFromBalance(deps, {
          operationKey: key,
          transferId,
          code: transferCodes.transfer,
          payer,
          payee: accountId(payee.balanceAccount),
          amount,
          mineUntil,
        });
        switch (paid.outcome) {
          case 'paid':
            return { to: 'succeeded', event: 'booked', moneyMoved: 'yes', result: paid.result };
          case 'refused':
            return { to: 'failed', event: 'refused', cause: paid.failure };
          case 'payee_refused':
            return { to: 'failed', event: 'refused', cause: cannotReceive };
          case 'made_by_another':
            assert(false, 'the id of a transfer follows from its operation');
        }
      },
    },
    cancel: (operation) => (operation.state === 'needs_you' ? { to: 'cancelled', event: 'cancelled' } : undefined),
  };
}
