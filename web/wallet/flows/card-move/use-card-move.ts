import { useState } from 'react';
import type { Problem } from '../../../../src/contract/problem.ts';
import type { Card } from '../../../../src/contract/wallet.ts';
import { problemOf } from '../parts/ask-safely.ts';
import { useAmount } from '../parts/use-amount.ts';
import { useCallOff } from '../parts/use-call-off.ts';
import { usePageOperation } from '../parts/use-page-operation.ts';
import { useCards, useClient } from '../parts/wallet-door.ts';

export type CardMoveKind = 'top_up' | 'withdraw';

const isGood = (card: Card): boolean => card.state === 'ok' && (card.bankState === 'up' || card.bankState === 'slow');

/** The state of a movement between a card and the balance, from the first key to the operation. */
export function useCardMove(kind: CardMoveKind) {
  const client = useClient();
  const page = usePageOperation();
  const { cards, error: cardsError, reload } = useCards();
  const [cardId, setCardId] = useState(page.search.get('card'));
  const amount = useAmount(page.search.get('minor'));
  const [obstacles, setObstacles] = useState<Problem[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const callOff = useCallOff(page.operation, page.put);
  const card = cards?.find(({ id }) => id === cardId) ?? cards?.find(isGood) ?? cards?.[0];

  const clear = () => {
    setObstacles([]);
    setProblem(null);
  };
  /** Looks first; only when nothing stands in the way is the operation begun. */
  const review = async (with_: { card?: Card; minor?: bigint } = {}) => {
    const chosen = with_.card ?? card;
    const minor = with_.minor ?? amount.minor;
    if (busy || !chosen || minor === undefined) return;
    setBusy(true);
    clear();
    try {
      const input = { cardId: chosen.id, amount: { minor: minor.toString(), currency: 'CNY' } };
      const { problems } = await client.preflight({ kind, input });
      const [only] = problems;
      if (only && problems.length === 1) setProblem(only);
      else if (problems.length > 0) setObstacles(problems);
      else await page.begin(kind, input);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  /** Back to the form with one thing changed. */
  const change = (to: { card?: Card; minor?: bigint }) => {
    if (to.card) setCardId(to.card.id);
    if (to.minor !== undefined) amount.set(to.minor);
    clear();
    if (page.id !== null) page.leave();
  };
  return { page, cards, cardsError, reload, card, amount, obstacles, problem, busy, review, change, clear, callOff };
}

export type CardMove = ReturnType<typeof useCardMove>;
