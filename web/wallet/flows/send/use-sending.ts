import { useState } from 'react';
import type { StartInput } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import { problemOf } from '../parts/ask-safely.ts';
import { phoneToSend } from '../parts/typed-digits.ts';
import { useAmount } from '../parts/use-amount.ts';
import { useCallOff } from '../parts/use-call-off.ts';
import { usePageOperation } from '../parts/use-page-operation.ts';
import { useSmallSums } from '../parts/use-small-sums.ts';
import { useClient } from '../parts/wallet-door.ts';
import type { Payee } from './payee-form.tsx';

/** What the page of sending keeps: whom, how much, with which words, and what came of looking ahead. */
export function useSending() {
  const client = useClient();
  const page = usePageOperation();
  const callOff = useCallOff(page.operation, page.put);
  const amount = useAmount(page.search.get('minor'));
  const [payee, setPayee] = useState<Payee | null>(null);
  const [lastPhone, setLastPhone] = useState('');
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [obstacles, setObstacles] = useState<readonly Problem[]>([]);
  const [busy, setBusy] = useState(false);
  const { small, isLetGo, readAgain } = useSmallSums();
  const [pinAfterAll, setPinAfterAll] = useState(false);
  /** Reviewed, and small enough to leave without the PIN. */
  const [withoutPin, setWithoutPin] = useState<StartInput<'transfer'> | null>(null);

  const clear = () => {
    setProblem(null);
    setObstacles([]);
  };
  const change = ({ minor }: { minor?: bigint }) => {
    if (minor !== undefined) amount.set(minor);
    setWithoutPin(null);
    setPinAfterAll(false);
    clear();
    if (page.id !== null) page.leave();
  };
  const choosePayee = () => {
    setLastPhone(payee?.phone ?? '');
    setPayee(null);
    change({});
  };
  const review = async () => {
    if (busy || !payee || amount.minor === undefined) return;
    setBusy(true);
    clear();
    try {
      const sum = { minor: amount.minor.toString(), currency: 'CNY' };
      const input = {
        payeePhone: phoneToSend(payee.phone),
        amount: sum,
        ...(note.trim() === '' ? {} : { note: note.trim() }),
      };
      const { problems } = await client.preflight({ kind: 'transfer', input });
      const [only] = problems;
      if (only && problems.length === 1) setProblem(only);
      else if (problems.length > 0) setObstacles(problems);
      else if (isLetGo(sum)) setWithoutPin(input);
      else await page.begin('transfer', input);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const sendSmall = async () => {
    if (busy || !withoutPin) return;
    setBusy(true);
    setProblem(null);
    try {
      const { state } = await page.sendSmall(withoutPin);
      setWithoutPin(null);
      if (state === 'needs_you') {
        setPinAfterAll(true);
        await readAgain();
      }
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return {
    small,
    withoutPin,
    pinAfterAll,
    sendSmall,
    page,
    callOff,
    amount,
    payee,
    setPayee,
    lastPhone,
    note,
    setNote,
    problem,
    obstacles,
    busy,
    clear,
    change,
    choosePayee,
    review,
  };
}

export type Sending = ReturnType<typeof useSending>;
