import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import type { Problem } from '../../../../src/contract/problem.ts';
import { describeDevice } from './describe-device.ts';
import { isLost, problemOf } from '../parts/ask-safely.ts';
import { pause } from '../parts/pause.ts';
import { useClient } from '../parts/wallet-door.ts';
import { paths } from '../paths.ts';
import { rememberSignedIn } from '../../session.ts';
import { nextStep } from './first-steps.ts';

/** Turns the finished operation into a session, and goes on to what the person still lacks. */
export function useSignIn(operationId: string, returnTo: string | undefined) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);

  // Asked again after a lost answer it gives a new session and ends the former one.
  const startSession = async () => {
    try {
      return await client.startSession(operationId, describeDevice());
    } catch (error) {
      if (!isLost(error)) throw error;
      await pause(1000);
      return client.startSession(operationId, describeDevice());
    }
  };
  const start = async () => {
    if (running.current) return;
    running.current = true;
    setProblem(null);
    try {
      await startSession();
      rememberSignedIn(true);
      const me = await client.me();
      const { cards } = await client.cards();
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'operation' });
      queries.setQueryData(['me'], me);
      const isNewHere = !me.identityVerified || !me.pinSet;
      const next = isNewHere ? nextStep(me, cards.length > 0, returnTo) : undefined;
      void navigate(next ?? returnTo ?? paths.home, { replace: true });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      running.current = false;
    }
  };
  return { problem, start };
}
