import type { Failure } from '../../kernel/failure.ts';
import type { CauseFlow } from '../../causes/cause.ts';
import { findMappedCause, causeOfRawCode } from '../../causes/map-raw.ts';
import type { KnownParams } from '../../causes/params.ts';
import { refusalFrom } from '../../causes/refusal.ts';
import { causeOf } from '../../causes/registry.ts';
import type { RailAnswer } from '../../ports/bank-rail.ts';
import { bankNameOf } from '../../policy/banks.ts';

/** A bank's answer in our terms. `open`: it may have happened; only asking again will tell. */
export type Verdict =
  | { verdict: 'approved'; bankReference: string }
  | { verdict: 'declined'; failure: Failure; rawCode: string }
  | { verdict: 'not_sent'; failure: Failure }
  | { verdict: 'not_found' }
  | { verdict: 'open'; failure: Failure; rawCode: string | null };

export type Question = { rail: string; bankCode: string; flow: CauseFlow; movesMoney: boolean; known: KnownParams };

/**
 * Reads an answer by (rail, institution, flow, raw code). What nobody mapped, on a step that may have moved money,
 * leaves the outcome open, never failed.
 */
export function readAnswer(answer: RailAnswer, question: Question): Verdict {
  const known: KnownParams = { bank: bankNameOf(question.bankCode), ...question.known };
  switch (answer.outcome) {
    case 'approved':
      return { verdict: 'approved', bankReference: answer.bankReference };
    case 'not_found':
      return { verdict: 'not_found' };
    case 'not_sent':
      return { verdict: 'not_sent', failure: refusalFrom('bank.unreachable', known) };
    case 'in_progress':
      return { verdict: 'open', failure: refusalFrom('bank.in_progress', known), rawCode: answer.rawCode };
    case 'unknown': {
      const raw = answer.rawCode === undefined ? undefined : findMappedCause(rawOf(question, answer.rawCode));
      const code = raw && isOpen(raw) ? raw : answer.rawCode === undefined ? 'bank.no_answer' : 'bank.answer_unclear';
      return { verdict: 'open', failure: refusalFrom(code, known), rawCode: answer.rawCode ?? null };
    }
    case 'declined': {
      const code = causeOfRawCode(rawOf(question, answer.rawCode), question.movesMoney);
      const failure = refusalFrom(code, {
        ...known,
        ...(answer.triesLeft === undefined ? {} : { left: answer.triesLeft }),
        ...(answer.until === undefined ? {} : { until: answer.until }),
      });
      return isOpen(code)
        ? { verdict: 'open', failure, rawCode: answer.rawCode }
        : { verdict: 'declined', failure, rawCode: answer.rawCode };
    }
  }
}

const rawOf = ({ rail, bankCode, flow }: Question, rawCode: string) => ({ rail, institution: bankCode, flow, rawCode });
const isOpen = (code: Parameters<typeof causeOf>[0]): boolean => {
  const { outcome } = causeOf(code);
  return outcome === 'unknown' || outcome === 'waiting';
};
