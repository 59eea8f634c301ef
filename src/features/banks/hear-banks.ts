import type { CauseFlow } from '../../causes/cause.ts';
import { findMappedCause } from '../../causes/map-raw.ts';
import type { BankRail, RailAnswer } from '../../ports/bank-rail.ts';
import type { BankHealth } from './bank-health.ts';

export type Heard = Pick<BankHealth, 'bankCode' | 'state' | 'until'>;

/**
 * The same rail, listened to: what a bank's answer to anybody says of the bank itself is known to everybody at once, and
 * not only when its state is asked for the next time. `hear` keeps nobody waiting, and its failure is its own matter.
 */
export function hearBanks(rail: BankRail, hear: (heard: Heard) => void): BankRail {
  const listen = async <T>(
    flow: CauseFlow,
    bankCode: string,
    asked: Promise<RailAnswer<T>>,
  ): Promise<RailAnswer<T>> => {
    const answer = await asked;
    if (answer.outcome === 'not_sent') hear({ bankCode, state: 'down', until: null });
    if (answer.outcome === 'declined') {
      const { rawCode, until = null } = answer;
      const cause = findMappedCause({ rail: rail.name, institution: bankCode, flow, rawCode });
      if (cause === 'bank.maintenance') hear({ bankCode, state: 'maintenance', until });
    }
    return answer;
  };
  return {
    ...rail,
    requestBinding: (request) => listen('bind_card', request.bankCode, rail.requestBinding(request)),
    debit: (request) => listen('top_up', request.bankCode, rail.debit(request)),
    credit: (request) => listen('withdraw', request.bankCode, rail.credit(request)),
  };
}
